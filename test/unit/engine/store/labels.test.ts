/** Edits of labels and roles in the file: rules of the schema, and statements that stay quick on many edits. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  actionsOf,
  editsOfAction,
  editsOfHead,
  insertAction,
  inTransaction,
  newestEditOf,
  newestEdits,
  type NewEdit,
  type ReadDb,
} from '../../../../src/engine/store/index.ts'
import { addModel, addTextSpan, labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

const [layers, heads, rounds] = [20, 20, 25]
let place: Place
let workspace: LabelWorkspace
let modelId: number
let otherModel: number

const edit = (layer: number, head: number, roleId: number): NewEdit => ({
  modelId,
  annotator: 'Ann',
  layer,
  head,
  roleId,
  confidence: null,
  state: 'draft',
  note: '',
  textSpanId: null,
  pool: null,
  saidMs: null,
  kind: 'set',
  ofChangeId: null,
  ofEditId: null,
  madeMs: 0,
})

/** 400 heads with 10,000 edits, among as many of another model. */
beforeAll(() => {
  place = temporaryFolder()
  workspace = labelWorkspace(join(place.folder, 'a.headwise'))
  modelId = addModel(workspace.db, { layers, heads })
  otherModel = addModel(workspace.db, { name: 'other', hash: 'c'.repeat(64), layers, heads })
  inTransaction(workspace.db, () => {
    for (let round = 0; round < rounds; round++) {
      for (let layer = 0; layer < layers; layer++) {
        for (const of of [modelId, otherModel]) {
          const row = Array.from({ length: heads }, (_, head) => ({
            ...edit(layer, head, 1 + (round % 12)),
            modelId: of,
          }))
          insertAction(workspace.db, row)
        }
      }
    }
  })
  workspace.db.exec('ANALYZE')
})
afterAll(() => {
  workspace.close()
  place.remove()
})

/** The plan of the one statement that `work` prepares. */
function planOf(work: (db: ReadDb) => unknown): string {
  const statements: string[] = []
  const prepare = (sql: string) => {
    statements.push(sql)
    return workspace.db.prepare(sql)
  }
  work({ prepare } as unknown as ReadDb)
  expect(statements).toHaveLength(1)
  const blanks = Array(statements[0]!.split('?').length - 1).fill(null)
  const plan = workspace.db.prepare(`EXPLAIN QUERY PLAN ${statements[0]}`).all(...blanks) as { detail: string }[]
  return plan.map(({ detail }) => detail).join('\n')
}

describe('hot statements', () => {
  it('read the newest edits of 400 heads out of the index of heads', () => {
    const newest = newestEdits(workspace.db, modelId)
    expect(newest).toHaveLength(layers * heads)
    expect(new Set(newest.map(({ roleId }) => roleId))).toEqual(new Set([1 + ((rounds - 1) % 12)]))
    expect(newest.map(({ layer, head }) => layer * heads + head)).toEqual([...newest.keys()])
    const plan = planOf((db) => newestEdits(db, modelId))
    expect(plan).toMatch(/SEARCH label_edit USING COVERING INDEX label_edit_by_head \(model_id=\?\)/)
    expect(plan).toMatch(/SEARCH e USING INTEGER PRIMARY KEY \(rowid=\?\)/)
    expect(plan).not.toMatch(/SCAN (e|label_edit)/)
  })

  it.each<[string, (db: ReadDb) => unknown, RegExp]>([
    [
      'the label of one head',
      (db) => newestEditOf(db, { modelId, annotator: 'Ann' }, { layer: 3, head: 4 }),
      /SEARCH e USING INDEX label_edit_by_head \(model_id=\? AND layer=\? AND head=\? AND annotator=\? AND id<\?\)/,
    ],
    [
      'the edits of one action',
      (db) => editsOfAction(db, { modelId, annotator: 'Ann' }, 41),
      /SEARCH e USING INDEX label_edit_by_annotator \(model_id=\? AND annotator=\? AND change_id=\?\)/,
    ],
    [
      'the actions of an annotator',
      (db) => {
        for (const { changeId } of actionsOf(db, { modelId, annotator: 'Ann' })) return changeId
      },
      /SEARCH label_edit USING INDEX label_edit_by_annotator \(model_id=\? AND annotator=\?\)/,
    ],
  ])('find %s by an index, in order', (_, work, expected) => {
    const plan = planOf(work)
    expect(plan).toMatch(expected)
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
  })

  it('find the history of one head by an index', () => {
    expect(editsOfHead(workspace.db, modelId, { layer: 3, head: 4 })).toHaveLength(rounds)
    expect(planOf((db) => editsOfHead(db, modelId, { layer: 3, head: 4 }))).toMatch(
      /SEARCH e USING INDEX label_edit_by_head \(model_id=\? AND layer=\? AND head=\?\)/,
    )
  })
})

describe('rules of the schema', () => {
  it.each([
    'id = 99999',
    'change_id = 2',
    'model_id = 2',
    'layer = 1',
    'head = 1',
    "annotator = 'Ben'",
    'role_id = 2',
    'confidence = 1',
    "state = 'open'",
    "note = 'x'",
    "pool = '{}'",
    'said_ms = 1',
    "kind = 'undo'",
    'of_change_id = 1',
    'of_edit_id = 1',
    'made_ms = 1',
  ])('refuse an edit that becomes another: %s', (change) => {
    expect(() => workspace.db.exec(`UPDATE label_edit SET ${change} WHERE id = 5`)).toThrow(
      'an edit of a label never changes',
    )
  })

  it('refuse to delete an edit, and to show another result with it', () => {
    expect(() => workspace.db.exec('DELETE FROM label_edit WHERE id = 5')).toThrow(
      'an edit of a label is never deleted',
    )
    const textSpanId = addTextSpan(workspace.db, modelId, { texts: [{ text: 'a lake', role: null }], heads: [] })
    expect(() => workspace.db.exec(`UPDATE label_edit SET text_span_id = ${textSpanId} WHERE id = 5`)).toThrow(
      'an edit of a label never changes',
    )
    inTransaction(workspace.db, () => insertAction(workspace.db, [{ ...edit(0, 0, 1), textSpanId }]))
    workspace.db.prepare('DELETE FROM text_span WHERE id = ?').run(textSpanId)
    expect(newestEdits(workspace.db, modelId)[0]!.textSpanId).toBeNull()
  })

  it('refuse to change or delete an edit of a role', async () => {
    await workspace.client['role/add']({ name: 'weather', color: '#123abc', letter: 'W' })
    expect(() => workspace.db.exec("UPDATE role_edit SET after = '{}'")).toThrow('an edit of a role never changes')
    expect(() => workspace.db.exec('DELETE FROM role_edit')).toThrow('an edit of a role is never deleted')
  })
})
