import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listPoolVersions, poolTexts } from '../../../../src/engine/store/index.ts'
import {
  commitDraft,
  editDraft,
  importPool,
  normalised,
  readDraft,
  undoDraft,
  undoState,
} from '../../../../src/engine/text-pool/index.ts'
import { addEdit, contentOf, type DraftWorkspace, draftWorkspace } from '../../../support/draft-workspace.ts'

let workspace: DraftWorkspace
beforeAll(() => {
  workspace = draftWorkspace()
})
afterAll(() => workspace.close())

const by: DraftWorkspace['by'] = (scope, annotator) => workspace.by(scope, annotator)
const rowsOf: DraftWorkspace['rowsOf'] = (scope) => workspace.rowsOf(scope)
const textsOf: DraftWorkspace['textsOf'] = (scope) => workspace.textsOf(scope)

describe('a commit', () => {
  it('merges rows that a tokenizer cannot tell apart, in the draft too, and counts against the version before', () => {
    const scope = workspace.newPool(['a lake', 'sand'])
    editDraft(by(scope, 'ann'), {
      kind: 'add',
      rows: [
        { text: 'A  Lake', roles: ['place'], source: 'a walk' },
        { text: 'a boat', roles: [], source: '' },
      ],
      afterHeads: [],
    })
    const before = rowsOf(scope)
    const { isNew } = commitDraft(by(scope, 'ann'), 'boats')
    expect(isNew).toBe(true)
    expect(rowsOf(scope).map(contentOf)).toEqual([
      { text: 'a lake', roles: ['place'], source: 'a walk', afterHeads: [] },
      { text: 'sand', roles: [], source: '', afterHeads: [] },
      { text: 'a boat', roles: [], source: '', afterHeads: [] },
    ])
    expect(listPoolVersions(workspace.db, scope.pool.id)[0]).toMatchObject({
      number: 2,
      texts: 3,
      added: 1,
      removed: 0,
      annotator: 'ann',
      note: 'boats',
    })
    expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(false)
    expect(commitDraft(by(scope, 'ann'), '').isNew).toBe(false)
    expect(undoState(workspace.db, scope.pool.id, 'ann').undo).toBe('merge a text that stands twice')
    undoDraft(by(scope, 'ann'))
    expect(rowsOf(scope)).toEqual(before)
    expect(new Set(before.map(({ text }) => normalised(text))).size).toBe(3)
  })

  it('of sources alone makes a version, whose hash is that of its texts and roles', () => {
    const scope = workspace.newPool(['a lake'])
    editDraft(by(scope, 'ann'), { kind: 'change', rowId: rowsOf(scope)[0]!.id, source: 'a walk' })
    expect(commitDraft(by(scope, 'ann'), '').isNew).toBe(true)
    const [second, first] = listPoolVersions(workspace.db, scope.pool.id)
    expect(second!.hash).toBe(first!.hash)
  })

  it('needs a text', () => {
    const scope = workspace.newPool(['a lake'])
    editDraft(by(scope, 'ann'), { kind: 'remove', rowIds: [rowsOf(scope)[0]!.id] })
    expect(() => commitDraft(by(scope, 'ann'), '')).toThrow(
      `A version must hold at least one text; the draft of "${scope.pool.name}" has none.`,
    )
  })
})

describe('an import under a known name', () => {
  it('makes a version, takes the draft along, and can be undone without losing what was typed', () => {
    const scope = workspace.newPool(['a lake', 'sand', 'two ducks'])
    const [lake, sand] = rowsOf(scope)
    editDraft(by(scope, 'ann'), { kind: 'tag', rowIds: [lake!.id], add: ['place'], remove: [] })
    editDraft(by(scope, 'ann'), { kind: 'change', rowId: sand!.id, text: 'sand dunes at night' })
    const typed = rowsOf(scope)
    const texts = ['two ducks', 'a lake', 'snow'].map((text, at) => ({ text, line: at + 1 }))
    const source = { name: scope.pool.name, fileName: 'b.txt', texts, annotator: '', nowMs: 5000 }
    expect(importPool(workspace.db, source).isUnchanged).toBe(false)
    expect(textsOf(scope)).toEqual(['two ducks', 'a lake', 'snow'])
    expect(rowsOf(scope).map(({ id }) => id)).toContain(lake!.id)
    expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(false)
    // Nobody made this edit, so that anybody may take it back.
    expect(undoState(workspace.db, scope.pool.id, 'ben').undo).toBe('go to version 2, read from "b.txt"')
    undoDraft(by(scope, 'ann'))
    expect(rowsOf(scope)).toEqual(typed)
    expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(true)
    expect(undoState(workspace.db, scope.pool.id, 'ann')).toEqual({
      undo: 'change "sand" to "sand dunes at night"',
      redo: 'go to version 2, read from "b.txt"',
    })
  })

  it('keeps roles and sources of known texts where the file has none', () => {
    const name = workspace.newName()
    const read = (texts: { text: string; roles?: string[]; source?: string }[]) =>
      importPool(workspace.db, {
        name,
        fileName: 'a.csv',
        texts: texts.map((text, at) => ({ ...text, line: at + 1 })),
        annotator: 'ann',
        nowMs: 5000,
      })
    read([{ text: 'a lake', roles: ['place'], source: 'a walk' }])
    expect(read([{ text: 'a lake' }]).isUnchanged).toBe(true)
    const { pool } = read([{ text: 'a lake' }, { text: 'sand' }])
    const [version] = listPoolVersions(workspace.db, pool.id)
    expect(poolTexts(workspace.db, version!.id)).toMatchObject([
      { text: 'a lake', roles: ['place'], source: 'a walk' },
      { text: 'sand', roles: [], source: '' },
    ])
    expect(read([{ text: 'a lake', roles: [] }, { text: 'sand' }]).isUnchanged).toBe(false)
  })
})

describe('a pool of 30,000 texts', () => {
  it('is edited a row at a time, undone and committed', () => {
    const texts = Array.from({ length: 30_000 }, (_, at) => `a place with the number ${at}`)
    const scope = workspace.newPool(texts)
    const rows = rowsOf(scope)
    const { id } = rows[29_000]!
    const isChanged = () => readDraft(workspace.db, scope.pool.id).isChanged
    const change = editDraft(by(scope, 'ann'), { kind: 'change', rowId: id, text: 'another place' })
    expect(change).toMatchObject({ rows: [{ id, text: 'another place' }], removedRowIds: [], isChanged: true })
    // Back by hand, not by undo: the draft is the version again, though its row was edited twice.
    const back = editDraft(by(scope, 'ann'), { kind: 'change', rowId: id, text: texts[29_000]! })
    expect(back.isChanged).toBe(false)
    const added = editDraft(by(scope, 'ann'), { ...addEdit(['between'], rows[10]!.id) })
    expect(added.rows).toHaveLength(1)
    expect(textsOf(scope).slice(10, 13)).toEqual([texts[10], 'between', texts[11]])
    undoDraft(by(scope, 'ann'))
    expect(isChanged()).toBe(false)
    const everyOther = rows.filter((_, at) => at % 2 === 1).map((row) => row.id)
    editDraft(by(scope, 'ann'), { kind: 'remove', rowIds: everyOther })
    expect(commitDraft(by(scope, 'ann'), 'half').isNew).toBe(true)
    expect(listPoolVersions(workspace.db, scope.pool.id)[0]).toMatchObject({ texts: 15_000, added: 0, removed: 15_000 })
    undoDraft(by(scope, 'ann'))
    expect(textsOf(scope)).toEqual(texts)
    expect(isChanged()).toBe(true)
  })
})
