/** Statements that must stay quick on a million rows go through an index, never through a whole table. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type OpenDatabase, readMigrations } from '../../../../src/engine/store/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let opened: OpenDatabase
beforeAll(() => {
  place = temporaryFolder()
  opened = createDatabase(join(place.folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
})
afterAll(() => {
  opened.close()
  place.remove()
})

const planOf = (sql: string) =>
  (opened.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail).join('\n')

describe('query plans', () => {
  it.each([
    [
      'a part of a block',
      'SELECT content FROM block_part WHERE run_id = 1 AND part = 2 AND layer = 3 AND number = 4',
      /SEARCH block_part USING INDEX \S+ \(run_id=\? AND part=\? AND layer=\? AND number=\?\)/,
    ],
    [
      'a block of images',
      'SELECT path FROM image WHERE data_set_id = 1 AND ordinal >= 0 AND ordinal < 256 ORDER BY ordinal',
      /SEARCH image USING INDEX \S+ \(data_set_id=\? AND ordinal>\? AND ordinal<\?\)/,
    ],
    [
      'a page of a split',
      "SELECT id FROM image WHERE data_set_id = 1 AND split = 'test' ORDER BY ordinal LIMIT 60 OFFSET 0",
      /SEARCH image USING (COVERING )?INDEX image_by_split \(data_set_id=\? AND split=\?\)/,
    ],
    [
      'a page of a label',
      "SELECT id FROM image WHERE data_set_id = 1 AND label = 'owl' ORDER BY ordinal LIMIT 60 OFFSET 0",
      /SEARCH image USING (COVERING )?INDEX image_by_label \(data_set_id=\? AND label=\?\)/,
    ],
    [
      'an embedding',
      'SELECT embedding FROM text_embedding WHERE model_id = 1 AND text_id = 2',
      /SEARCH text_embedding USING INDEX/,
    ],
    [
      "a draft's rows behind a place",
      'SELECT text FROM pool_draft_row WHERE pool_id = 1 AND (position, id) > (2, 3) ORDER BY position, id LIMIT 500',
      /SEARCH pool_draft_row USING INDEX pool_draft_row_in_order \(pool_id=\? AND position>\?\)/,
    ],
    [
      'the edits of a pool, newest first',
      "SELECT kind FROM pool_edit WHERE pool_id = 1 AND annotator IN ('a', '') AND id < 9 ORDER BY id DESC LIMIT 50",
      /SEARCH pool_edit USING INDEX pool_edit_by_pool \(pool_id=\? AND id<\?\)/,
    ],
    [
      'whether an edit is undone',
      'SELECT kind FROM pool_edit WHERE of_edit_id = 1 ORDER BY id DESC LIMIT 1',
      /SEARCH pool_edit USING INDEX pool_edit_by_origin \(of_edit_id=\?\)/,
    ],
  ])('of %s', (_, sql, expected) => {
    const plan = planOf(sql)
    expect(plan).toMatch(expected)
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
  })
})
