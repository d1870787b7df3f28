/** Packs: labels leave a workspace and come into another, with nothing lost and nothing overwritten unasked. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LabelChange, LabelPack } from '../../../../src/contract/label.ts'
import { addModel, addTextSpan, labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let mine: LabelWorkspace
let theirs: LabelWorkspace
/** The same checkpoint in both, under another name and number. */
let myModel: number
let theirModel: number
beforeEach(() => {
  place = temporaryFolder()
  mine = labelWorkspace(join(place.folder, 'mine.headwise'))
  theirs = labelWorkspace(join(place.folder, 'theirs.headwise'))
  myModel = addModel(mine.db)
  addModel(theirs.db, { name: 'another', hash: 'e'.repeat(64) })
  theirModel = addModel(theirs.db, { name: 'b16' })
})
afterEach(() => {
  mine.close()
  theirs.close()
  place.remove()
})

const at = (layer: number, head: number) => ({ layer, head })
const say = (
  workspace: LabelWorkspace,
  modelId: number,
  annotator: string,
  layer: number,
  head: number,
  change: LabelChange,
) => workspace.client['label/set']({ modelId, annotator, heads: [at(layer, head)], change })
const exported = (workspace: LabelWorkspace, modelId: number, annotator?: string) =>
  workspace.client['label/export']({ modelId, annotator })
/** As a file carries it. */
const carried = (pack: LabelPack) => JSON.parse(JSON.stringify(pack)) as LabelPack
const said = async (workspace: LabelWorkspace, modelId: number) =>
  (await exported(workspace, modelId)).labels.map(({ layer, head, annotator, role, confidence, state, note }) =>
    [`L${layer}.H${head}`, annotator, role, confidence, state, note].join(' '),
  )

describe('a pack', () => {
  it('has what is said now, sorted, with its roles, pools and times', async () => {
    const textSpanId = addTextSpan(theirs.db, theirModel, { texts: [{ text: 'a lake', role: 'place' }], heads: [] })
    const { client, clock } = theirs
    clock.nowMs = 500
    const see = (annotator: string, layer: number, change: LabelChange) =>
      client['label/set']({ modelId: theirModel, annotator, heads: [at(layer, 1)], change, textSpanId })
    await see('Ben', 5, { roleId: 3, confidence: 2 })
    await say(theirs, theirModel, 'ann', 2, 1, { note: 'x' })
    await say(theirs, theirModel, 'Ann', 2, 1, { roleId: 1 })
    await say(theirs, theirModel, 'Ann', 3, 1, { roleId: 1 })
    await client['label/undo']({ modelId: theirModel, annotator: 'Ann' })
    clock.nowMs = 900
    const pack = await exported(theirs, theirModel)
    expect(pack).toEqual({
      format: 'headwise-labels',
      version: 1,
      programVersion: 'test',
      exportedMs: 900,
      model: { hash: 'a'.repeat(64), name: 'b16' },
      pools: [{ name: 'words', version: 1, hash: 'b'.repeat(64) }],
      roles: [
        { name: 'place', color: '#0072b2', letter: 'P', description: expect.stringContaining('rooms') },
        { name: 'color', color: '#d55e00', letter: 'C', description: expect.stringContaining('colours') },
      ],
      labels: [
        {
          ...at(2, 1),
          annotator: 'Ann',
          role: 'place',
          confidence: null,
          state: 'draft',
          note: '',
          madeMs: 500,
          poolHash: null,
        },
        {
          ...at(2, 1),
          annotator: 'ann',
          role: null,
          confidence: null,
          state: 'open',
          note: 'x',
          madeMs: 500,
          poolHash: null,
        },
        {
          ...at(5, 1),
          annotator: 'Ben',
          role: 'color',
          confidence: 2,
          state: 'draft',
          note: '',
          madeMs: 500,
          poolHash: 'b'.repeat(64),
        },
      ],
    })
    expect((await exported(theirs, theirModel, 'Ben')).labels.map(({ annotator }) => annotator)).toEqual(['Ben'])
    expect((await exported(theirs, theirModel, 'Ben')).roles.map(({ name }) => name)).toEqual(['color'])
  })

  it('comes back as it went, through another workspace and a new start of it', async () => {
    const weather = { name: 'weather', color: '#123abc', letter: 'W', description: 'rain <b>' }
    const { id } = await theirs.client['role/add'](weather)
    addTextSpan(theirs.db, theirModel, { texts: [{ text: 'a lake', role: 'place' }], heads: [] })
    await theirs.client['label/set']({
      modelId: theirModel,
      annotator: 'Ann',
      heads: [at(0, 0)],
      change: { roleId: id, note: 'a "b" \n ü' },
      textSpanId: 1,
    })
    await say(theirs, theirModel, 'Ben', 5, 11, { roleId: 2, confidence: 3, state: 'reviewed' })
    const pack = carried(await exported(theirs, theirModel))
    mine.clock.nowMs = 9_000
    expect(await mine.client['label/import']({ modelId: myModel, pack })).toEqual({ imported: 2, kept: 0 })
    mine.reopen()
    const back = await exported(mine, myModel)
    expect(back).toEqual({ ...pack, model: { ...pack.model, name: 'sample' }, exportedMs: 9_000 })
    expect((await mine.client['role/list']({})).at(-1)).toMatchObject({ ...weather, position: 12, isRetired: false })
    // The edit is of now; when it was said stays beside it.
    expect((await mine.client['label/list']({ modelId: myModel }))[0]).toMatchObject({
      madeMs: 9_000,
      textSpanId: null,
    })
    expect(await mine.client['label/import']({ modelId: myModel, pack: back })).toEqual({ imported: 0, kept: 0 })
  })
})

describe('merging two workspaces', () => {
  beforeEach(async () => {
    await say(mine, myModel, 'Ann', 0, 0, { roleId: 1, confidence: 3, state: 'reviewed' })
    await say(mine, myModel, 'Ann', 0, 1, { roleId: 2 })
    await say(mine, myModel, 'Ann', 0, 2, { roleId: 2 })
    await say(theirs, theirModel, 'Ann', 0, 0, { roleId: 4, confidence: 1, note: 'stripes' })
    await say(theirs, theirModel, 'Ann', 0, 1, { roleId: 3 })
    await say(theirs, theirModel, 'Ann', 0, 2, { roleId: 2 })
    await say(theirs, theirModel, 'Ann', 0, 3, { roleId: 5 })
    await say(theirs, theirModel, 'Ben', 0, 0, { roleId: 6 })
  })

  it('shows first what would happen', async () => {
    const pack = carried(await exported(theirs, theirModel))
    expect(await mine.client['label/preview-import']({ modelId: myModel, pack })).toEqual({
      added: 2,
      same: 1,
      conflicts: [
        {
          ...at(0, 0),
          annotator: 'Ann',
          mine: 'place, sure, reviewed',
          theirs: 'texture, guess, draft, note "stripes"',
        },
        { ...at(0, 1), annotator: 'Ann', mine: 'object, draft', theirs: 'color, draft' },
      ],
      newRoles: [],
      warnings: [],
    })
    expect(mine.db.prepare('SELECT count(*) FROM label_edit').pluck().get()).toBe(3)
  })

  it('keeps mine where both say something, unless theirs is named', async () => {
    const pack = carried(await exported(theirs, theirModel))
    const takeTheirs = [{ ...at(0, 1), annotator: 'Ann' }]
    expect(await mine.client['label/import']({ modelId: myModel, pack, takeTheirs })).toEqual({ imported: 3, kept: 1 })
    expect(await said(mine, myModel)).toEqual([
      'L0.H0 Ann place 3 reviewed ',
      'L0.H0 Ben count  draft ',
      'L0.H1 Ann color  draft ',
      'L0.H2 Ann object  draft ',
      'L0.H3 Ann shape  draft ',
    ])
    expect(mine.events.at(-1)).toEqual({ topic: 'label', ofId: myModel })
  })

  it('is one action for each annotator, undone by that annotator alone', async () => {
    const pack = carried(await exported(theirs, theirModel))
    const takeTheirs = [{ ...at(0, 1), annotator: 'Ann' }]
    await mine.client['label/import']({ modelId: myModel, pack, takeTheirs })
    const ann = { modelId: myModel, annotator: 'Ann' }
    expect(await mine.client['label/undo-state'](ann)).toEqual({ undo: '2 heads: import', redo: null })
    expect(await mine.client['label/undo'](ann)).toMatchObject([
      { head: 3, roleId: null, state: 'open' },
      { head: 1, roleId: 2 },
    ])
    expect(await said(mine, myModel)).toEqual([
      'L0.H0 Ann place 3 reviewed ',
      'L0.H0 Ben count  draft ',
      'L0.H1 Ann object  draft ',
      'L0.H2 Ann object  draft ',
    ])
    await mine.client['label/redo'](ann)
    expect((await said(mine, myModel))[2]).toBe('L0.H1 Ann color  draft ')
  })

  it('ends in the same labels on both sides when each takes what the other has', async () => {
    const pack = carried(await exported(theirs, theirModel))
    await mine.client['label/import']({ modelId: myModel, pack })
    const back = carried(await exported(mine, myModel))
    const takeTheirs = back.labels.map(({ layer, head, annotator }) => ({ layer, head, annotator }))
    expect(await theirs.client['label/import']({ modelId: theirModel, pack: back, takeTheirs })).toEqual({
      imported: 2,
      kept: 0,
    })
    expect(await said(theirs, theirModel)).toEqual(await said(mine, myModel))
  })

  it('finds roles whatever their case, and says what it lacks', async () => {
    const pack = carried(await exported(theirs, theirModel))
    pack.roles = [
      ...pack.roles.map((role) => ({ ...role, name: role.name.toUpperCase() })),
      { name: ' fog ', color: '#000000', letter: 'F', description: '' },
      { name: 'unused', color: '#000000', letter: 'U', description: '' },
    ]
    pack.labels.push({ ...pack.labels.at(-1)!, ...at(4, 4), role: 'Fog' })
    pack.pools = [{ name: 'starter', version: 2, hash: 'f'.repeat(64) }]
    await mine.client['role/change']({ roleId: 6, name: 'count', color: '#56b4e9', letter: '#', isRetired: true })
    const preview = await mine.client['label/preview-import']({ modelId: myModel, pack })
    expect(preview).toMatchObject({ added: 3, same: 1, newRoles: ['fog'] })
    expect(preview.warnings).toEqual([
      'Version 2 of the pool "starter" (ffffffffffff) was looked at for some labels; this workspace does not have it.',
      'The role "count" is retired in this workspace; labels of the pack have it.',
    ])
    await mine.client['label/import']({ modelId: myModel, pack })
    const roles = await mine.client['role/list']({})
    expect(roles.map(({ name }) => name).slice(-2)).toEqual(['fog', 'count'])
    expect(roles.map(({ position }) => position)).toEqual([...roles.keys()])
    expect(await said(mine, myModel)).toContain('L4.H4 Ann fog  draft ')
  })

  it('refuses what does not fit, in words, and writes nothing', async () => {
    const pack = carried(await exported(theirs, theirModel))
    const offered = async (change: (pack: LabelPack) => void) => {
      const other = carried(pack)
      change(other)
      const both = (['label/preview-import', 'label/import'] as const).map((name) =>
        mine.client[name]({ modelId: myModel, pack: other }).then(
          () => 'taken',
          (error: unknown) => `${(error as { code: string }).code}: ${(error as Error).message}`,
        ),
      )
      const [preview, taken] = await Promise.all(both)
      expect(preview).toBe(taken)
      return preview
    }
    expect(await offered(({ model }) => (model.hash = '0123456789abcdef'.repeat(4)))).toBe(
      'conflict: The pack must be of the model "sample" (aaaaaaaaaaaa); it is of "b16" (0123456789ab).',
    )
    expect(await offered(({ labels }) => (labels[1]!.head = 12))).toBe(
      'bad-input: Label 2 of the pack (L0.H12, Ben) must be of a head of the model; layers run from 0 to 5, heads from 0 to 11.',
    )
    expect(await offered(({ labels }) => (labels[0]!.role = 'fog'))).toBe(
      'bad-input: Label 1 of the pack (L0.H0, Ann) must have a role that the pack lists; "fog" is not among them.',
    )
    expect(await offered(({ labels }) => labels.push(labels[0]!))).toBe(
      'bad-input: Label 6 of the pack (L0.H0, Ann) must stand in the pack once; it stands there twice.',
    )
    expect(await offered(({ labels }) => (labels[0]!.state = 'open'))).toBe(
      'bad-input: Label 1 of the pack (L0.H0, Ann) must be a draft, reviewed or disputed when it has a role or a confidence; it is open.',
    )
    expect(await offered(({ labels }) => (labels[0]!.madeMs = 1e300))).toBe(
      'bad-input: Label 1 of the pack (L0.H0, Ann) must have a time in milliseconds since 1970; it has 1e+300.',
    )
    expect(await offered(({ roles }) => (roles[0]!.color = 'red; }'))).toBe(
      'bad-input: Role 1 of the pack ("object") must have a colour such as #0072b2; it has "red; }".',
    )
    expect(await offered(({ roles }) => (roles[0]!.letter = 'abc'))).toBe(
      'bad-input: Role 1 of the pack ("object") must have a letter of one or two characters; it has 3.',
    )
    expect(await offered(({ roles }) => (roles[0]!.name = ' '))).toBe(
      'bad-input: Role 1 of the pack (" ") must have a name; it has none.',
    )
    expect(mine.db.prepare('SELECT count(*) FROM label_edit').pluck().get()).toBe(3)
  })
})
