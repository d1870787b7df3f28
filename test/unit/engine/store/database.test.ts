import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  checkpoint,
  createDatabase,
  fileIdentity,
  type Migration,
  openBeside,
  openDatabase,
  openReadOnly,
  readMigrations,
  storedPath,
  translated,
} from '../../../../src/engine/store/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

const migrations = readMigrations(join(databaseFolder, 'migrations'))
const latest = migrations.at(-1)!.version
let place: Place
let path: string
beforeEach(() => {
  place = temporaryFolder()
  path = join(place.folder, 'a.headwise')
})
afterEach(() => place.remove())

describe('workspace files', () => {
  it('are made at the latest version, in WAL mode, and leave nothing beside them when closed', () => {
    const { db, close } = createDatabase(path, migrations)
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.at(-1)!.version)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    close()
    expect([existsSync(path), existsSync(`${path}-wal`), existsSync(`${path}.lock`)]).toEqual([true, false, false])
  })

  it('are not overwritten', () => {
    createDatabase(path, migrations).close()
    expect(() => createDatabase(path, migrations)).toThrow(
      `"${path}" exists already; a new workspace needs a new name.`,
    )
  })

  it('have one writer, while readers may look on', () => {
    const first = createDatabase(path, migrations)
    expect(() => openDatabase(path, migrations)).toThrow(
      '"a.headwise" is being written by another Headwise; close that one first.',
    )
    first.db.prepare('INSERT INTO pool (name) VALUES (?)').run('kept')
    const reader = openReadOnly(path, migrations)
    expect(reader.db.prepare('SELECT name FROM pool').pluck().get()).toBe('kept')
    reader.close()
    first.close()
    const second = openDatabase(path, migrations)
    expect(second.db.prepare('SELECT name FROM pool').pluck().get()).toBe('kept')
    second.close()
  })

  it('are written by helpers beside the one that has them open, who leave nothing behind', () => {
    const first = createDatabase(path, migrations)
    const helper = openBeside(path, migrations)
    helper.db.prepare('INSERT INTO pool (name) VALUES (?)').run('of the helper')
    first.db.prepare('INSERT INTO pool (name) VALUES (?)').run('of the first')
    expect(helper.db.prepare('SELECT name FROM pool ORDER BY id').pluck().all()).toEqual([
      'of the helper',
      'of the first',
    ])
    expect(() => openBeside(path, migrations.slice(0, -1))).toThrow(
      `"a.headwise" is at version ${latest}; another build has it open.`,
    )
    helper.close()
    first.close()
    expect(readdirSync(place.folder)).toEqual(['a.headwise'])
  })

  it('that are moved while open hold everything after a checkpoint', () => {
    const { db, close } = createDatabase(path, migrations)
    const identity = fileIdentity(path)
    db.prepare('INSERT INTO pool (name) VALUES (?)').run('before')
    const moved = join(place.folder, 'moved.headwise')
    renameSync(path, moved)
    expect(fileIdentity(path)).toBeUndefined()
    expect(fileIdentity(moved)).toBe(identity)
    db.prepare('INSERT INTO pool (name) VALUES (?)').run('after')
    checkpoint(db)
    close()
    const again = openDatabase(moved, migrations)
    expect(again.db.prepare('SELECT name FROM pool ORDER BY id').pluck().all()).toEqual(['before', 'after'])
    again.close()
  })

  it('of a newer version are refused and left as they are', () => {
    createDatabase(path, migrations).close()
    const raw = new Database(path)
    raw.pragma('user_version = 9990')
    raw.pragma('wal_checkpoint(TRUNCATE)')
    raw.close()
    const before = readFileSync(path)
    const message = `"a.headwise" was written by a newer Headwise (version 9990; this build reads up to ${latest}). It is unchanged.`
    expect(() => openDatabase(path, migrations)).toThrow(expect.objectContaining({ code: 'newer-version', message }))
    expect(() => openReadOnly(path, migrations)).toThrow(message)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('that are something else are refused', () => {
    writeFileSync(path, 'no database at all, but long enough to be looked at as one, says the header')
    expect(() => openDatabase(path, migrations)).toThrow(
      '"a.headwise" must be a Headwise workspace; it is damaged or another kind of file.',
    )
    const other = join(place.folder, 'b.headwise')
    new Database(other).exec('CREATE TABLE t (x)').close()
    expect(() => openDatabase(other, migrations)).toThrow(
      '"b.headwise" must be a Headwise workspace; it is another kind of SQLite file.',
    )
    expect(() => openDatabase(join(place.folder, 'c.headwise'), migrations)).toThrow(
      `There is no workspace "${join(place.folder, 'c.headwise')}".`,
    )
    expect(() => openDatabase(place.folder, migrations)).toThrow(
      `A workspace is one file; "${place.folder}" is a folder.`,
    )
  })

  it.skipIf(process.platform !== 'linux')('cannot be made in a read-only or missing folder', () => {
    // /sys takes no files from anybody, root included.
    for (const bad of ['/sys/a.headwise', join(place.folder, 'missing', 'a.headwise')]) {
      expect(() => createDatabase(bad, migrations)).toThrow(
        expect.objectContaining({
          code: 'disk',
          message: `"${bad}" cannot be written; its folder may be missing or read-only.`,
        }),
      )
    }
  })

  it('on a full disk keep everything that was committed', () => {
    const { db, close } = createDatabase(path, migrations)
    db.prepare('INSERT INTO pool (name) VALUES (?)').run('kept')
    // The same answer as a full disk gives: no page can be added.
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)
    let failure: unknown
    try {
      db.transaction(() => {
        for (let at = 0; at < 5000; at++)
          db.prepare('INSERT INTO text (content) VALUES (?)').run(`text ${at} `.repeat(50))
      })()
    } catch (error) {
      failure = translated(error, path)
    }
    expect(failure).toMatchObject({
      code: 'disk',
      message: 'The disk of "a.headwise" is full; nothing of this step was saved, everything before it is.',
    })
    close()
    const again = openDatabase(path, migrations)
    expect(again.db.prepare('SELECT count(*) FROM text').pluck().get()).toBe(0)
    expect(again.db.prepare('SELECT name FROM pool').pluck().get()).toBe('kept')
    expect(again.db.pragma('integrity_check', { simple: true })).toBe('ok')
    again.close()
  })
})

describe('migrations', () => {
  it('stop at the first failure, at the version before', () => {
    const broken: Migration[] = [
      ...migrations,
      { version: 9980, name: '9980-broken.sql', sql: 'CREATE TABLE new_one (x) STRICT; SELECT nothing FROM nowhere' },
    ]
    createDatabase(path, migrations).close()
    expect(() => openDatabase(path, broken)).toThrow(
      new RegExp(`^Migration 9980-broken\\.sql failed: .+\\. The workspace is unchanged at version ${latest}\\.$`),
    )
    const { db, close } = openDatabase(path, migrations)
    expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'new_one'").pluck().get()).toBe(0)
    close()
  })

  it('must have rising numbers', () => {
    const folder = join(place.folder, 'migrations')
    mkdirSync(folder)
    copyFileSync(join(databaseFolder, 'migrations', '0010-models-and-data.sql'), join(folder, '0010-a.sql'))
    writeFileSync(join(folder, '0010-b.sql'), '')
    expect(() => readMigrations(folder)).toThrow('Migration 0010-b.sql must have a number above 10.')
  })
})

describe('rules of the schema', () => {
  it('keep committed blocks and pool versions as they are', () => {
    const { db, close } = createDatabase(path, migrations)
    db.exec(`INSERT INTO pool (id, name) VALUES (1, 'p'); INSERT INTO text (id, content) VALUES (1, 't');
      INSERT INTO pool_version (id, pool_id, number, hash, text_count, created_ms) VALUES (1, 1, 1, '${'0'.repeat(64)}', 1, 0);
      INSERT INTO pool_text (version_id, ordinal, text_id, role, line) VALUES (1, 0, 1, NULL, 1)`)
    expect(() => db.exec('UPDATE pool_version SET text_count = 2')).toThrow('a pool version never changes')
    expect(() => db.exec("UPDATE pool_text SET role = 'x'")).toThrow('a pool version never changes')
    close()
  })
})

describe('storedPath', () => {
  it('is relative for what lies in or beside the folder of the workspace, absolute else', () => {
    expect(storedPath('/home/u/ws/a.headwise', '/home/u/ws/images')).toBe('images')
    expect(storedPath('/home/u/ws/a.headwise', '/home/u/images')).toBe('../images')
    expect(storedPath('/home/u/ws/a.headwise', '/data/images')).toBe('/data/images')
  })
})
