/**
 * Opens workspace files: SQLite in WAL mode, one program at a time, migrated on opening. The program's own helper
 * processes open the file beside it and write to it too; SQLite lets one of them at a time.
 * `WriteDb` and `ReadDb` are branded, so that what reads cannot write.
 */
import { existsSync, rmSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import Database from 'better-sqlite3'
import { HeadwiseError } from '../../contract/errors.ts'
import { type Migration, migrate } from './migrate.ts'

declare const canRead: unique symbol
declare const canWrite: unique symbol
export type ReadDb = Database.Database & { readonly [canRead]: true }
export type WriteDb = ReadDb & { readonly [canWrite]: true }

/** "HdWs" as SQLite's application id, so that other SQLite files are told apart. */
const applicationId = 0x48645773

export type OpenDatabase = { db: WriteDb; close(): void }

/** @throws HeadwiseError 'conflict' when the file exists; 'disk' when it cannot be written */
export function createDatabase(path: string, migrations: Migration[]): OpenDatabase {
  if (existsSync(path))
    throw new HeadwiseError('conflict', `"${path}" exists already; a new workspace needs a new name.`)
  const opened = openForWriting(path, () => {
    const db = connect(path, {})
    // Large pages suit blocks of many kilobytes; the size must be set before the first table.
    db.pragma('page_size = 16384')
    db.pragma(`application_id = ${applicationId}`)
    return db
  })
  try {
    return prepare(opened, path, migrations)
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    throw error
  }
}

/** @throws HeadwiseError 'not-found', 'damaged', 'newer-version', 'conflict' (another process writes) or 'disk' */
export function openDatabase(path: string, migrations: Migration[]): OpenDatabase {
  refuseOtherFiles(path)
  return prepare(
    openForWriting(path, () => connect(path, { fileMustExist: true })),
    path,
    migrations,
  )
}

/** Opens beside a process that writes. The file is not migrated; one of an older version must be opened for writing. */
export function openReadOnly(path: string, migrations: Migration[]): { db: ReadDb; close(): void } {
  refuseOtherFiles(path)
  const db = connect(path, { readonly: true, fileMustExist: true })
  try {
    refuseOtherDatabases(db, path)
    const version = db.pragma('user_version', { simple: true }) as number
    if (version !== migrations.at(-1)!.version) {
      migrate(db, migrations, path, { isDryRun: true })
      throw new HeadwiseError(
        'bad-input',
        `"${basename(path)}" is at version ${version}; open it for writing once to bring it to ${migrations.at(-1)!.version}.`,
      )
    }
    return { db: db as ReadDb, close: () => db.close() }
  } catch (error) {
    db.close()
    throw translated(error, path)
  }
}

/**
 * Opens for writing beside the process that has the workspace open, which migrated it.
 * @throws HeadwiseError as `openDatabase`; 'conflict' when the file is at another version than this build
 */
export function openBeside(path: string, migrations: Migration[]): OpenDatabase {
  refuseOtherFiles(path)
  const release = lockBeside(path)
  let db: Database.Database | undefined
  try {
    db = connect(path, { fileMustExist: true })
    refuseOtherDatabases(db, path)
    const version = db.pragma('user_version', { simple: true }) as number
    if (version !== migrations.at(-1)!.version) {
      throw new HeadwiseError('conflict', `"${basename(path)}" is at version ${version}; another build has it open.`)
    }
    return ready(db, release)
  } catch (error) {
    db?.close()
    release()
    throw translated(error, path)
  }
}

/** Which file a path leads to, as text; undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** Size of the file with all that is committed; it may have been moved since it was opened. */
export function databaseBytes(db: ReadDb): number {
  const pages = db.pragma('page_count', { simple: true }) as number
  return pages * (db.pragma('page_size', { simple: true }) as number)
}

/** Brings everything that is committed into the file itself: beside a file that was moved its WAL is not found again. */
export function checkpoint(db: WriteDb): void {
  db.pragma('wal_checkpoint(TRUNCATE)')
}

/**
 * All or nothing. Takes the write lock at once: several processes of one program write to a workspace, and a reader
 * that turned writer would be refused where it should wait.
 */
export function inTransaction<Result>(db: WriteDb, work: () => Result): Result {
  return db.transaction(work).immediate()
}

function refuseOtherFiles(path: string): void {
  if (!existsSync(path)) throw new HeadwiseError('not-found', `There is no workspace "${path}".`)
  if (!statSync(path).isFile()) throw new HeadwiseError('bad-input', `A workspace is one file; "${path}" is a folder.`)
}

type Locked = { db: Database.Database; release: () => void }

function openForWriting(path: string, connectTo: () => Database.Database): Locked {
  const release = lockForWriting(path)
  try {
    return { db: connectTo(), release }
  } catch (error) {
    release()
    throw translated(error, path)
  }
}

function prepare({ db, release }: Locked, path: string, migrations: Migration[]): OpenDatabase {
  try {
    refuseOtherDatabases(db, path)
    db.pragma('journal_mode = WAL')
    const opened = ready(db, release)
    migrate(db, migrations, path)
    return opened
  } catch (error) {
    db.close()
    release()
    throw translated(error, path)
  }
}

function ready(db: Database.Database, release: () => void): OpenDatabase {
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  return {
    db: db as WriteDb,
    close() {
      db.close()
      release()
    },
  }
}

/** A job's block is written in well under a second; a slow disk may take longer. */
const longestWaitForWriterMs = 10_000

/** Helpers of a program that died end at their next safe point: a batch of images, seconds at most. */
const longestWaitForHelpersMs = 20_000

/**
 * Holds a reserved lock on a file beside the workspace for as long as it is open. Helpers hold shared ones, which
 * a program that comes after a crash waits for. The operating system frees both when a process ends, however it ends.
 */
function lockForWriting(path: string): () => void {
  const lock = openLock(path)
  try {
    lock.pragma('busy_timeout = 0')
    lock.exec('BEGIN IMMEDIATE; COMMIT')
    lock.pragma(`busy_timeout = ${longestWaitForHelpersMs}`)
    lock.exec('BEGIN EXCLUSIVE; COMMIT')
    lock.pragma('busy_timeout = 0')
    lock.exec('BEGIN IMMEDIATE')
  } catch (error) {
    lock.close()
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new HeadwiseError(
        'conflict',
        `"${basename(path)}" is being written by another Headwise; close that one first.`,
      )
    }
    throw translated(error, path)
  }
  return () => {
    rmSync(lockPathOf(path), { force: true })
    lock.close()
  }
}

function lockBeside(path: string): () => void {
  const lock = openLock(path)
  try {
    lock.exec('BEGIN')
    // Only what has read holds the shared lock.
    lock.prepare('SELECT count(*) FROM sqlite_master').get()
  } catch (error) {
    lock.close()
    throw translated(error, path)
  }
  return () => lock.close()
}

function lockPathOf(path: string): string {
  return `${path}.lock`
}

function openLock(path: string): Database.Database {
  try {
    const lock = new Database(lockPathOf(path), { timeout: 5000 })
    lock.pragma('journal_mode = MEMORY')
    return lock
  } catch (error) {
    throw translated(error, path)
  }
}

function connect(path: string, options: Database.Options): Database.Database {
  try {
    return new Database(path, { timeout: longestWaitForWriterMs, ...options })
  } catch (error) {
    throw translated(error, path)
  }
}

function refuseOtherDatabases(db: Database.Database, path: string): void {
  if (db.pragma('application_id', { simple: true }) === applicationId) return
  throw new HeadwiseError(
    'damaged',
    `"${basename(path)}" must be a Headwise workspace; it is another kind of SQLite file.`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : ''
}

/** SQLite's failures of the disk and of the file, in the words of the program; others pass through. */
export function translated(error: unknown, path: string): unknown {
  const name = basename(path)
  const code = codeOf(error)
  const say = (kind: 'disk' | 'damaged' | 'conflict', message: string) =>
    new HeadwiseError(kind, message, { cause: error })
  if (code === 'SQLITE_FULL')
    return say('disk', `The disk of "${name}" is full; nothing of this step was saved, everything before it is.`)
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM') {
    return say('disk', `"${path}" cannot be written; its folder may be missing or read-only.`)
  }
  if (code.startsWith('SQLITE_BUSY')) {
    const waited = `for more than ${longestWaitForWriterMs / 1000} s`
    return say('conflict', `"${name}" was being written by a job ${waited}; nothing of this step was saved. Try again.`)
  }
  if (code.startsWith('SQLITE_IOERR')) return say('disk', `Reading or writing "${name}" failed (${code}).`)
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return say('damaged', `"${name}" must be a Headwise workspace; it is damaged or another kind of file.`)
  }
  // better-sqlite3 refuses a missing folder with a TypeError before SQLite sees it.
  if (error instanceof TypeError && /directory does not exist/.test(error.message)) {
    return say('disk', `"${path}" cannot be written; its folder may be missing or read-only.`)
  }
  return error
}
