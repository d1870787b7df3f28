/** Labels through their calls: every edit is a row, the newest of a head and annotator is the label. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LabelChange } from '../../../../src/contract/label.ts'
import { addModel, addTextSpan, labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let workspace: LabelWorkspace
let modelId: number
beforeEach(() => {
  place = temporaryFolder()
  workspace = labelWorkspace(join(place.folder, 'a.headwise'))
  modelId = addModel(workspace.db)
})
afterEach(() => {
  workspace.close()
  place.remove()
})

// The roles that every workspace begins with.
const [placeRole, colorRole, textureRole] = [1, 3, 4]
const head = { layer: 5, head: 2 }
const ann = () => ({ modelId, annotator: 'Ann' })
const set = (change: LabelChange, heads = [head], annotator = 'Ann') =>
  workspace.client['label/set']({ modelId, annotator, heads, change })
const rows = () => workspace.db.prepare('SELECT count(*) FROM label_edit').pluck().get() as number

describe('setting labels', () => {
  it('makes an open label a draft, and keeps everything through a new start', async () => {
    workspace.clock.nowMs = 12_345.6
    const label = { ...head, annotator: 'Ann', roleId: placeRole, confidence: null, state: 'draft', note: '' }
    expect(await set({ roleId: placeRole })).toEqual([{ ...label, editId: 1, madeMs: 12_346, textSpanId: null }])
    await set({ confidence: 3 })
    await set({ note: '  two rooms\nand a "sea" ' })
    await set({ state: 'reviewed' })
    workspace.reopen()
    expect(await workspace.client['label/list']({ modelId })).toMatchObject([
      { ...label, confidence: 3, state: 'reviewed', note: '  two rooms\nand a "sea" ', editId: 4 },
    ])
  })

  it.each<[string, LabelChange[], object | undefined]>([
    ['a confidence alone makes a draft', [{ confidence: 1 }], { confidence: 1, state: 'draft' }],
    ['a note alone leaves it open', [{ note: 'look again' }], { state: 'open', note: 'look again' }],
    ['an open label with a role is a draft', [{ roleId: placeRole, state: 'open' }], { state: 'draft' }],
    ['a review is not undone by another role', [{ state: 'reviewed' }, { roleId: placeRole }], { state: 'reviewed' }],
    ['clearing a bare draft opens it', [{ roleId: placeRole }, { roleId: null }], { roleId: null, state: 'open' }],
    ['clearing keeps a draft with a note', [{ roleId: 1, note: 'x' }, { roleId: null }], { state: 'draft', note: 'x' }],
    ['clearing keeps a draft with a confidence', [{ roleId: 1, confidence: 2 }, { roleId: null }], { state: 'draft' }],
    ['clearing keeps a review', [{ roleId: 1, state: 'reviewed' }, { roleId: null }], { state: 'reviewed' }],
    ['a named state is kept', [{ roleId: 1 }, { roleId: null, state: 'draft' }], { roleId: null, state: 'draft' }],
    ['nothing said makes no label', [{ roleId: null }, { note: '' }, { state: 'open' }], undefined],
  ])('%s', async (_, changes, expected) => {
    for (const change of changes) await set(change)
    const [label] = await workspace.client['label/list']({ modelId })
    if (expected) expect(label).toMatchObject(expected)
    else expect(label).toBeUndefined()
  })

  it('changes several heads as one action, and writes none that stay as they are', async () => {
    await set({ roleId: placeRole }, [{ layer: 0, head: 0 }])
    const heads = [
      { layer: 0, head: 1 },
      { layer: 0, head: 0 },
      { layer: 0, head: 1 },
      { layer: 3, head: 11 },
    ]
    const labels = await set({ roleId: placeRole }, heads)
    expect(labels.map(({ layer, head, editId }) => [layer, head, editId])).toEqual([
      [0, 1, 2],
      [0, 0, 1],
      [3, 11, 3],
    ])
    expect(workspace.db.prepare('SELECT change_id FROM label_edit ORDER BY id').pluck().all()).toEqual([1, 2, 2])
    expect(await set({ roleId: placeRole }, heads)).toEqual(labels)
    expect(await set({ roleId: null }, [{ layer: 1, head: 1 }])).toEqual([])
    expect(rows()).toBe(3)
  })

  it('writes all heads of an action or none', async () => {
    workspace.db.exec(
      `CREATE TRIGGER full BEFORE INSERT ON label_edit WHEN NEW.head = 3 BEGIN SELECT RAISE(ABORT, 'full'); END`,
    )
    await expect(
      set({ roleId: placeRole }, [
        { layer: 1, head: 1 },
        { layer: 1, head: 3 },
      ]),
    ).rejects.toThrow('full')
    expect(rows()).toBe(0)
  })

  it('tells of the change, and of nothing where nothing changed', async () => {
    await set({ roleId: placeRole })
    await set({ roleId: placeRole })
    await workspace.client['label/restore']({ ...ann(), editId: 1 })
    await workspace.client['label/undo'](ann())
    await workspace.client['label/undo'](ann())
    expect(workspace.events).toEqual([
      { topic: 'label', ofId: modelId },
      { topic: 'label', ofId: modelId },
    ])
  })

  it('keeps the result on the screen, and its pool when the result is dropped', async () => {
    const textSpanId = addTextSpan(workspace.db, modelId, { texts: [{ text: 'a lake', role: 'place' }], heads: [] })
    const change = { roleId: placeRole }
    const [label] = await workspace.client['label/set']({ ...ann(), heads: [head], change, textSpanId })
    expect(label!.textSpanId).toBe(textSpanId)
    workspace.db.prepare('DELETE FROM text_span WHERE id = ?').run(textSpanId)
    expect((await workspace.client['label/list']({ modelId }))[0]!.textSpanId).toBeNull()
    const { pools, labels } = await workspace.client['label/export']({ modelId })
    expect(pools).toEqual([{ name: 'words', version: 1, hash: 'b'.repeat(64) }])
    expect(labels[0]!.poolHash).toBe('b'.repeat(64))
  })

  it('refuses what does not fit, in words', async () => {
    await expect(set({ roleId: 1 }, [{ layer: 3, head: 12 }])).rejects.toThrow(
      'Head 12 does not exist in layer 3; heads run from 0 to 11.',
    )
    await expect(set({ roleId: 1 }, [{ layer: 6, head: 0 }])).rejects.toThrow(
      'Layer 6 does not exist in the model "sample"; layers run from 0 to 5.',
    )
    await expect(set({ roleId: 99 })).rejects.toThrow('There is no role 99 in this workspace.')
    await expect(workspace.client['label/list']({ modelId: 9 })).rejects.toThrow(
      'There is no model 9 in this workspace.',
    )
    const other = addModel(workspace.db, { name: 'other', hash: 'c'.repeat(64) })
    const textSpanId = addTextSpan(workspace.db, other, { texts: [{ text: 'a lake', role: null }], heads: [] })
    const change = { roleId: 1 }
    await expect(workspace.client['label/set']({ ...ann(), heads: [head], change, textSpanId })).rejects.toThrow(
      `TEXTSPAN result ${textSpanId} must be of the model "sample"; it is of "other".`,
    )
    await expect(workspace.client['label/set']({ ...ann(), heads: [head], change, textSpanId: 99 })).rejects.toThrow(
      'There is no TEXTSPAN result 99 in this workspace.',
    )
    expect(rows()).toBe(0)
  })

  it('refuses a retired role for new labels, while old ones keep it', async () => {
    await set({ roleId: colorRole })
    await workspace.client['role/change']({
      roleId: colorRole,
      name: 'color',
      color: '#d55e00',
      letter: 'C',
      isRetired: true,
    })
    await expect(set({ roleId: colorRole }, [head, { layer: 5, head: 3 }])).rejects.toThrow(
      'A new label needs a role that is in use; "color" is retired.',
    )
    expect(await set({ roleId: colorRole, note: 'still' })).toMatchObject([{ roleId: colorRole, note: 'still' }])
  })
})

describe('history', () => {
  it('has every edit of a head, newest first, by the order of edits and not of clocks', async () => {
    workspace.clock.nowMs = 5_000
    await set({ roleId: placeRole })
    workspace.clock.nowMs = 4_000
    await set({ roleId: colorRole }, [head], 'Ben')
    await set({ roleId: textureRole }, [{ layer: 5, head: 3 }])
    workspace.clock.nowMs = 3_000
    await workspace.client['label/undo'](ann())
    await workspace.client['label/undo'](ann())
    workspace.reopen()
    const history = await workspace.client['label/history']({ modelId, ...head })
    expect(
      history.map((edit) => [edit.annotator, edit.kind, edit.roleId, edit.state, edit.madeMs, edit.ofEditId]),
    ).toEqual([
      ['Ann', 'undo', null, 'open', 3_000, 1],
      ['Ben', 'set', colorRole, 'draft', 4_000, null],
      ['Ann', 'set', placeRole, 'draft', 5_000, null],
    ])
    await expect(workspace.client['label/history']({ modelId, layer: 0, head: 12 })).rejects.toThrow(
      'Head 12 does not exist in layer 0; heads run from 0 to 11.',
    )
  })

  it('restores what a label was, as a new edit that can be undone', async () => {
    await set({ roleId: placeRole, confidence: 3, note: 'rooms' })
    await set({ roleId: colorRole, state: 'disputed' })
    const restored = await workspace.client['label/restore']({ ...ann(), editId: 1 })
    expect(restored).toMatchObject({ roleId: placeRole, confidence: 3, state: 'draft', note: 'rooms', editId: 3 })
    expect(await workspace.client['label/restore']({ ...ann(), editId: 1 })).toEqual(restored)
    expect(rows()).toBe(3)
    expect((await workspace.client['label/history']({ modelId, ...head }))[0]).toMatchObject({
      kind: 'restore',
      ofEditId: 1,
    })
    expect(await workspace.client['label/undo'](ann())).toMatchObject([{ roleId: colorRole, state: 'disputed' }])
  })

  it('restores own edits of the model only', async () => {
    await set({ roleId: placeRole }, [head], 'Ben')
    await expect(workspace.client['label/restore']({ ...ann(), editId: 1 })).rejects.toThrow(
      '"Ann" can restore own edits only; edit 1 is by "Ben".',
    )
    await expect(workspace.client['label/restore']({ ...ann(), editId: 7 })).rejects.toThrow(
      'There is no edit 7 of a label of this model.',
    )
    const other = addModel(workspace.db, { name: 'other', hash: 'c'.repeat(64) })
    await expect(workspace.client['label/restore']({ modelId: other, annotator: 'Ben', editId: 1 })).rejects.toThrow(
      'There is no edit 1 of a label of this model.',
    )
  })
})

describe('undo and redo', () => {
  const undo = () => workspace.client['label/undo'](ann())
  const redo = () => workspace.client['label/redo'](ann())
  const state = () => workspace.client['label/undo-state'](ann())

  it('go back and forth over whole actions, and say what they would do', async () => {
    expect(await state()).toEqual({ undo: null, redo: null })
    const three = [0, 1, 2].map((at) => ({ layer: 1, head: at }))
    await set({ roleId: placeRole }, three)
    await set({ roleId: placeRole, state: 'reviewed' }, [head])
    await set({ state: 'disputed' })
    await set({ note: 'x' })
    expect(await state()).toEqual({ undo: 'L5.H2: note', redo: null })
    await undo()
    expect(await state()).toEqual({ undo: 'L5.H2: disputed', redo: 'L5.H2: note' })
    await undo()
    expect(await state()).toEqual({ undo: 'L5.H2: role place, reviewed', redo: 'L5.H2: disputed' })
    await undo()
    expect(await state()).toEqual({ undo: '3 heads: role place', redo: 'L5.H2: role place, reviewed' })
    expect((await undo())!.map(({ roleId, state }) => [roleId, state])).toEqual(Array(3).fill([null, 'open']))
    expect(await state()).toEqual({ undo: null, redo: '3 heads: role place' })
    expect(await undo()).toBeNull()
    workspace.reopen()
    expect((await redo())!.map(({ roleId }) => roleId)).toEqual([placeRole, placeRole, placeRole])
    expect(await redo()).toMatchObject([{ layer: 5, head: 2, roleId: placeRole, state: 'reviewed' }])
    expect(await undo()).toMatchObject([{ roleId: null, state: 'open' }])
    await redo()
    await redo()
    await redo()
    expect(await redo()).toBeNull()
    expect(await state()).toEqual({ undo: 'L5.H2: note', redo: null })
  })

  it('say what was taken back, and what was restored', async () => {
    await set({ roleId: placeRole, confidence: 1, note: 'x' })
    await set({ roleId: null, confidence: null, note: '' })
    expect((await state()).undo).toBe('L5.H2: no role, no confidence, no note')
    await workspace.client['label/restore']({ ...ann(), editId: 1 })
    expect((await state()).undo).toBe('L5.H2: restore place, guess, draft, note "x"')
  })

  it('forget what was undone once something new is done', async () => {
    await set({ roleId: placeRole })
    await undo()
    await set({ roleId: colorRole })
    expect(await redo()).toBeNull()
    await undo()
    expect(await state()).toEqual({ undo: null, redo: 'L5.H2: role color' })
  })

  it("leave other annotators' and other models' labels alone", async () => {
    const other = addModel(workspace.db, { name: 'other', hash: 'c'.repeat(64) })
    await set({ roleId: placeRole })
    await set({ roleId: colorRole }, [head], 'Ben')
    await workspace.client['label/set']({
      modelId: other,
      annotator: 'Ann',
      heads: [head],
      change: { roleId: textureRole },
    })
    await undo()
    const labels = async (of: number) =>
      (await workspace.client['label/list']({ modelId: of })).map(({ annotator, roleId }) => [annotator, roleId])
    expect(await labels(modelId)).toEqual([
      ['Ann', null],
      ['Ben', colorRole],
    ])
    expect(await labels(other)).toEqual([['Ann', textureRole]])
    expect(await redo()).toMatchObject([{ roleId: placeRole }])
  })
})

describe('annotators', () => {
  it('are listed with what they say now, over all models', async () => {
    const other = addModel(workspace.db, { name: 'other', hash: 'c'.repeat(64) })
    await set({ roleId: placeRole }, [head, { layer: 0, head: 0 }], 'Ben')
    await workspace.client['label/set']({ modelId: other, annotator: 'Ben', heads: [head], change: { note: 'x' } })
    await set({ roleId: placeRole })
    await workspace.client['label/undo'](ann())
    expect(await workspace.client['annotator/list']({})).toEqual([
      { name: 'Ann', labels: 0 },
      { name: 'Ben', labels: 3 },
    ])
  })
})
