import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  createDatabase,
  findDraft,
  listPools,
  listPoolVersions,
  openDatabase,
  poolTexts,
  readMigrations,
} from '../../../../src/engine/store/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

const migrations = readMigrations(join(databaseFolder, 'migrations'))
let place: Place
beforeEach(() => {
  place = temporaryFolder()
})
afterEach(() => place.remove())

it('migration 0090 counts what versions of older builds added and removed, and keeps their texts', () => {
  const path = join(place.folder, 'a.headwise')
  const old = createDatabase(
    path,
    migrations.filter(({ version }) => version < 90),
  )
  old.db.exec(`
    INSERT INTO pool (id, name) VALUES (1, 'words'), (2, 'others');
    INSERT INTO text (id, content) VALUES (1, 'a lake'), (2, 'sand'), (3, 'snow'), (4, 'a boat');
    INSERT INTO pool_version (id, pool_id, number, hash, text_count, created_ms) VALUES
      (1, 1, 1, '${'a'.repeat(64)}', 2, 5), (2, 2, 1, '${'b'.repeat(64)}', 1, 6), (3, 1, 2, '${'c'.repeat(64)}', 3, 7);
    INSERT INTO pool_text (version_id, ordinal, text_id, role, line) VALUES
      (1, 0, 1, 'place', 1), (1, 1, 2, NULL, 3), (2, 0, 4, NULL, 1), (3, 0, 3, NULL, 1), (3, 1, 1, 'place', 2), (3, 2, 4, NULL, 3);
  `)
  old.close()
  const { db, close } = openDatabase(path, migrations)
  const counts = listPools(db).map(({ id }) =>
    listPoolVersions(db, id).map(({ number, added, removed, annotator, note }) => [
      number,
      added,
      removed,
      annotator,
      note,
    ]),
  )
  expect(counts).toEqual([
    [
      [2, 2, 1, '', ''],
      [1, 2, 0, '', ''],
    ],
    [[1, 1, 0, '', '']],
  ])
  expect(poolTexts(db, 1)).toEqual([
    { id: 1, ordinal: 0, text: 'a lake', roles: ['place'], source: '', afterHeads: [], line: 1 },
    { id: 2, ordinal: 1, text: 'sand', roles: [], source: '', afterHeads: [], line: 3 },
  ])
  expect(findDraft(db, 1)).toBeUndefined()
  const change = (sql: string) => () => db.exec(sql)
  expect(change("UPDATE pool_version SET note = 'x' WHERE id = 1")).toThrow('a pool version never changes')
  expect(change('UPDATE pool_text SET line = 9')).toThrow('a pool version never changes')
  db.exec(
    `INSERT INTO pool_edit (pool_id, annotator, kind, summary, before, after, made_ms) VALUES (1, 'a', 'add', '', '[]', '[]', 1)`,
  )
  expect(change('DELETE FROM pool_edit')).toThrow('an edit of a pool is never deleted')
  expect(change("UPDATE pool_edit SET summary = 'x'")).toThrow('an edit of a pool never changes')
  close()
})
