/**
 * Opens workspace files: SQLite in WAL mode, one writer at a time, migrated on opening.
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
  const close = () => {
    db.close()
    release()
  }
  try {
    refuseOtherDatabases(db, path)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    migrate(db, migrations, path)
    return { db: db as WriteDb, close }
  } catch (error) {
    close()
    throw translated(error, path)
  }
}

/**
 * Holds an exclusive transaction on a file beside the workspace for as long as it is open. The operating system frees
 * it when the process ends, however it ends.
 */
function lockForWriting(path: string): () => void {
  const lockPath = `${path}.lock`
  let lock: Database.Database
  try {
    lock = new Database(lockPath, { timeout: 0 })
  } catch (error) {
    throw translated(error, path)
  }
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
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
    rmSync(lockPath, { force: true })
    lock.close()
  }
}

function connect(path: string, options: Database.Options): Database.Database {
  try {
    return new Database(path, { timeout: 5000, ...options })
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
  const say = (kind: 'disk' | 'damaged', message: string) => new HeadwiseError(kind, message, { cause: error })
  if (code === 'SQLITE_FULL')
    return say('disk', `The disk of "${name}" is full; nothing of this step was saved, everything before it is.`)
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM') {
    return say('disk', `"${path}" cannot be written; its folder may be missing or read-only.`)
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
