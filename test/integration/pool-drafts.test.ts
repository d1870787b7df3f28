/** Drafts, proposals and comparisons over the sample, whose texts the reference chose too. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PoolEdit } from '../../src/contract/pool.ts'
import type { TextSpan } from '../../src/contract/text-span.ts'
import { goldenFolder, goldenJson } from '../support/golden.ts'
import {
  type Place,
  projectFolder,
  sampleFolder,
  temporaryFolder,
  type TestEngine,
  testEngine,
} from '../support/sample.ts'

type GoldenHead = { layer: number; head: number; texts: string[]; explained: number[]; margin: number[] }

let place: Place
let engine: TestEngine
let modelId: number
let runId: number
let poolId: number
let first: TextSpan
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder, 'create', {
    resourcesFolder: join(projectFolder, 'resources'),
  })
  const { client, finish } = engine
  modelId = (await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })).id
  const { resultId } = await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))
  runId = (await finish(client['run/decompose']({ modelId, dataSetId: resultId!, provider: 'cpu' }))).resultId!
  const content = readFileSync(join(sampleFolder, 'pool.csv'), 'utf8')
  const { pool } = await client['pool/import']({ name: 'sample', fileName: 'pool.csv', content, annotator: 'ann' })
  poolId = pool.id
  const job = await finish(client['text-span/start']({ runId, poolVersionId: pool.versions[0]!.id, layers: 6 }))
  first = (await client['text-span/read']({ textSpanId: job.resultId! })).textSpan
})
afterAll(async () => {
  await engine?.close()
  place?.remove()
})

const edit = (wanted: PoolEdit, annotator = 'ann') => engine.client['pool/edit']({ poolId, annotator, edit: wanted })
const add = (texts: string[]) =>
  edit({ kind: 'add', rows: texts.map((text) => ({ text, roles: [], source: '' })), afterHeads: [] })
const pool = async (id = poolId) => (await engine.client['pool/list']({})).find((one) => one.id === id)!
const spans = () => engine.client['text-span/list']({})
const propose = async (annotator = 'ann', layers = 1) => {
  const { resultId } = await engine.finish(engine.client['text-span/propose']({ runId, poolId, annotator, layers }))
  return (await engine.client['text-span/read']({ textSpanId: resultId! })).textSpan
}
const rowIdOf = async (text: string) =>
  (await engine.client['pool/draft']({ poolId })).rows.find((row) => row.text === text)!.id

describe.skipIf(!goldenFolder)('where texts are used', () => {
  it('is what the reference says', async () => {
    const { heads } = await engine.client['text-span/read']({ textSpanId: first.id })
    const uses = await engine.client['text-span/use']({ textSpanId: first.id })
    const whole = heads.reduce((sum, { variance }) => sum + variance, 0)
    const golden = goldenJson<{ heads: GoldenHead[] }>('textspan.json').heads
    const weights = new Map<string, number>()
    let compared = 0
    for (const { layer, head, texts, explained, margin } of golden) {
      const doubtful = margin.findIndex((one) => one < 1e-4)
      texts.slice(0, doubtful < 0 ? texts.length : doubtful).forEach((text, step) => {
        const share = explained[step]! - (explained[step - 1] ?? 0)
        const ours = uses
          .find((use) => use.text === text)!
          .heads.find((one) => one.layer === layer && one.head === head)
        expect(ours, `${text} in L${layer}.H${head}`).toMatchObject({ step })
        expect(Math.abs(ours!.share - share)).toBeLessThan(2e-4)
        compared += 1
      })
      const { variance } = heads.find((one) => one.layer === layer && one.head === head)!
      texts.forEach((text, step) => {
        const share = explained[step]! - (explained[step - 1] ?? 0)
        weights.set(text, (weights.get(text) ?? 0) + (share * variance) / whole)
      })
    }
    expect(compared).toBeGreaterThan(0.8 * golden.length * 20)
    expect(uses.reduce((sum, use) => sum + use.heads.length, 0)).toBe(
      heads.reduce((sum, { steps }) => sum + steps.length, 0),
    )
    expect(uses.map(({ weight }) => weight)).toEqual(uses.map(({ weight }) => weight).sort((a, b) => b - a))
    for (const { text, weight } of uses.slice(0, 10)) expect(weight).toBeCloseTo(weights.get(text)!, 3)
    const explainedInAll =
      heads.reduce((sum, { variance, steps }) => sum + variance * steps.at(-1)!.explained, 0) / whole
    expect(uses.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(explainedInAll, 6)
  })
})

describe('a proposal', () => {
  it('is seen apart, changes the heads that its new text serves, and goes without a trace when it is dropped', async () => {
    const { client } = engine
    const { rows } = await client['pool/draft']({ poolId })
    expect(rows).toHaveLength(307)
    const { isChanged } = await edit({ kind: 'remove', rowIds: [await rowIdOf('a photo taken under the stars')] })
    expect(isChanged).toBe(true)
    const before = await pool()
    const proposed = await propose('ann', 6)
    expect(proposed).toMatchObject({ isProposed: true, poolVersion: 2, poolId, images: 600 })
    expect((await pool()).versions).toEqual(before.versions)
    expect(await client['pool/texts']({ versionId: proposed.poolVersionId })).toHaveLength(306)
    const compared = await client['text-span/compare']({ beforeId: first.id, afterId: proposed.id })
    expect(compared.differs).toEqual(['pool version 1 and 2'])
    const lost = compared.heads.filter((head) => head.lost.includes('a photo taken under the stars'))
    const { heads } = await client['text-span/read']({ textSpanId: first.id })
    const users = heads.filter(({ steps }) => steps.some(({ text }) => text === 'a photo taken under the stars'))
    expect(lost.map(({ layer, head }) => [layer, head])).toEqual(users.map(({ layer, head }) => [layer, head]))
    expect(users.length).toBeGreaterThan(0)
    for (const head of compared.heads) {
      const was = heads.find(({ layer, head: number }) => layer === head.layer && number === head.head)!
      expect(head.before).toBe(was.steps.at(-1)!.explained)
      // Greedy choices do not touch heads that never chose the text.
      if (!lost.includes(head)) expect(head).toMatchObject({ gained: [], lost: [], moved: 0, after: head.before })
    }
    expect(compared.heads.map(({ layer }) => layer)).toEqual(
      compared.heads.map(({ layer }) => layer).sort((a, b) => b - a),
    )
    await client['text-span/drop']({ textSpanId: proposed.id })
    expect((await spans()).map(({ id }) => id)).toEqual([first.id])
    await expect(client['pool/texts']({ versionId: proposed.poolVersionId })).rejects.toThrow(
      `There is no pool version ${proposed.poolVersionId} in this workspace.`,
    )
    expect((await pool()).isChanged).toBe(true)
    await client['pool/undo']({ poolId, annotator: 'ann' })
    expect((await pool()).isChanged).toBe(false)
  })

  it('of an unchanged draft is one of the newest version', async () => {
    const proposed = await propose()
    expect(proposed.poolVersionId).toBe(first.poolVersionId)
    const compared = await engine.client['text-span/compare']({ beforeId: first.id, afterId: proposed.id })
    expect(compared.differs).toEqual(['last layers 6 and 1'])
    expect(compared.heads.every(({ gained, lost, moved }) => gained.length + lost.length + moved === 0)).toBe(true)
    await engine.client['text-span/drop']({ textSpanId: proposed.id })
    expect((await pool()).versions).toHaveLength(1)
  })

  it('takes the place of its annotator’s last, leaves no gap in the numbers, and becomes the newest version', async () => {
    const { client } = engine
    await add(['a rainbow over the sea'])
    const old = await propose('ben')
    const others = await propose('ann')
    const replaced = await propose('ben')
    expect((await spans()).map(({ id }) => id)).toEqual([first.id, others.id, replaced.id])
    expect(old.id).not.toBe(replaced.id)
    await expect(client['text-span/start']({ runId, poolVersionId: replaced.poolVersionId })).rejects.toThrow(
      'The version of "sample" must be kept; it is proposed. Keep or drop it.',
    )
    const task = { classes: ['snow', 'forest'], templates: ['a photo of {}'], attribute: 'place' }
    await expect(client['study/ablate']({ runId, task, textSpanId: replaced.id })).rejects.toThrow(
      `The TEXTSPAN result ${replaced.id} must be kept before a study uses it; it is proposed. Keep or drop it.`,
    )
    await client['pool/lock']({ poolId, annotator: 'cy', reason: 'as published' })
    await expect(client['text-span/keep']({ textSpanId: replaced.id })).rejects.toThrow(
      /^The pool "sample" is locked by cy/,
    )
    await client['pool/unlock']({ poolId })
    const kept = await client['text-span/keep']({ textSpanId: replaced.id, note: 'rainbows' })
    expect(kept).toMatchObject({ isProposed: false, poolVersion: 2 })
    expect(await pool()).toMatchObject({
      isChanged: false,
      versions: [
        { number: 2, texts: 308, added: 1, removed: 0, note: 'rainbows', annotator: 'ben' },
        { number: 1, texts: 307 },
      ],
    })
    // The other proposal holds the same texts, so that keeping it makes no version.
    expect(await client['text-span/keep']({ textSpanId: others.id })).toMatchObject({
      poolVersion: 2,
      poolVersionId: kept.poolVersionId,
    })
    await expect(client['text-span/drop']({ textSpanId: others.id })).rejects.toThrow(
      `The TEXTSPAN result ${others.id} must be a proposed one; it is kept already.`,
    )
    expect((await pool()).versions.map(({ number }) => number)).toEqual([2, 1])
  })

  it('stands aside when a version is made in the meantime', async () => {
    const { client } = engine
    await add(['a harbour in the fog'])
    const proposed = await propose()
    expect(proposed.poolVersion).toBe(3)
    await add(['a lighthouse'])
    const heard: string[] = []
    const off = engine.on('workspace/changed', ({ topic }) => heard.push(topic))
    expect(await client['pool/commit']({ poolId, annotator: 'ann', note: 'fog' })).toMatchObject({
      number: 3,
      added: 2,
    })
    expect((await spans()).find(({ id }) => id === proposed.id)!.poolVersion).toBe(4)
    // Results say the name and the number of their pool's version, so whoever shows them hears of it.
    expect(heard).toEqual(['pool', 'text-span'])
    await client['pool/rename']({ poolId, name: 'scenes' })
    expect(heard.slice(2)).toEqual(['pool', 'text-span'])
    await client['pool/rename']({ poolId, name: 'sample' })
    off()
    const kept = await client['text-span/keep']({ textSpanId: proposed.id })
    expect(kept.poolVersion).toBe(4)
    expect(await pool()).toMatchObject({ isChanged: true, versions: [{ number: 4, added: 0, removed: 1 }, {}, {}, {}] })
    await edit({ kind: 'reset', versionId: (await pool()).versions[0]!.id })
    expect((await pool()).isChanged).toBe(false)
  })
})

describe('two results', () => {
  it('tell which settings they do not share', async () => {
    const { client, finish } = engine
    const { pool: other } = await client['pool/import']({
      name: 'few',
      fileName: 'few.txt',
      content: 'a lake\na red duck\nsand',
      annotator: 'ann',
    })
    const job = await finish(
      client['text-span/start']({
        runId,
        poolVersionId: other.versions[0]!.id,
        layers: 2,
        texts: 3,
        rank: 40,
        filter: { attributes: { place: 'water' } },
      }),
    )
    const { differs, heads, after } = await client['text-span/compare']({ beforeId: first.id, afterId: job.resultId! })
    expect(differs).toEqual([
      'pool "sample" version 1 and "few" version 1',
      'last layers 6 and 2',
      'm 20 and 3',
      'rank 80 and 40',
      'filter none and place water',
      `images 600 and ${after.images}`,
    ])
    expect(heads).toHaveLength(16)
  })
})

describe('the draft', () => {
  it('finds near-duplicates and neighbours once it is embedded', async () => {
    const { client, finish } = engine
    const added = await add(['a photo of the duck', 'A Photo of a duck'])
    const none = await client['pool/problems']({ poolId, modelId })
    expect(none.notEmbedded).toBeGreaterThan(0)
    await finish(client['pool/embed-draft']({ poolId, modelId }))
    const { problems, notEmbedded } = await client['pool/problems']({ poolId, modelId, cosineAbove: 0.9 })
    expect(notEmbedded).toBe(0)
    const [near, twin] = added.rows
    expect(problems.find(({ rowId, kind }) => rowId === twin!.id && kind === 'duplicate')).toMatchObject({
      otherRowId: await rowIdOf('a photo of a duck'),
      canMend: true,
    })
    const nearest = await client['pool/neighbours']({ poolId, modelId, text: near!.text, count: 3 })
    expect(nearest[0]).toMatchObject({ text: near!.text })
    expect(nearest[0]!.cosine).toBeCloseTo(1, 5)
    const typed = await client['pool/neighbours']({ poolId, modelId, text: 'a big black cat', count: 5 })
    expect(typed.map(({ cosine }) => cosine)).toEqual(typed.map(({ cosine }) => cosine).sort((a, b) => b - a))
    expect(typed.some(({ text }) => text.includes('cat'))).toBe(true)
    await client['pool/undo']({ poolId, annotator: 'ann' })
  })

  it('is read from the newest version where it cannot be made', async () => {
    await engine.client['pool/add-starter']({})
    const starter = (await engine.client['pool/list']({})).find(({ name }) => name === 'starter')!
    expect(starter.versions[0]).toMatchObject({ texts: 1489, annotator: '' })
    const reader = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder, 'read')
    const draft = await reader.client['pool/draft']({ poolId: starter.id })
    expect(draft.rows).toHaveLength(1489)
    expect(draft.rows[4]).toMatchObject({ id: 5, roles: ['place'] })
    expect(draft.isChanged).toBe(false)
    await expect(
      reader.client['pool/edit']({ poolId: starter.id, annotator: 'ann', edit: { kind: 'remove', rowIds: [5] } }),
    ).rejects.toThrow('was opened for reading only')
    await reader.close()
    expect((await engine.client['pool/add-starter']({})).isUnchanged).toBe(true)
  })

  it('of a locked pool refuses edits, imports and commits in words', async () => {
    const { client } = engine
    const locked = await client['pool/lock']({ poolId, annotator: 'cy', reason: 'as published.' })
    const since = new Date(locked.lock!.madeMs).toISOString().slice(0, 10)
    const message = `The pool "sample" is locked by cy since ${since}: as published. Unlock it to edit.`
    const refused = expect.objectContaining({ code: 'conflict', message })
    await expect(add(['x'])).rejects.toThrow(refused)
    await expect(client['pool/undo']({ poolId, annotator: 'ann' })).rejects.toThrow(refused)
    await expect(client['pool/commit']({ poolId, annotator: 'ann' })).rejects.toThrow(refused)
    await expect(
      client['pool/import']({ name: 'sample', fileName: 'a.txt', content: 'x', annotator: 'ann' }),
    ).rejects.toThrow(refused)
    await expect(client['pool/lock']({ poolId, annotator: 'ann' })).rejects.toThrow(
      `The pool "sample" is already locked by cy since ${since}: as published.`,
    )
    expect((await client['pool/unlock']({ poolId })).lock).toBeNull()
    await add(['x'])
    await client['pool/undo']({ poolId, annotator: 'ann' })
  })

  it('and every version are exported, and names are kept apart', async () => {
    const { client } = engine
    const { versions } = await pool()
    const { fileName, content } = await client['pool/export']({ poolId, versionId: versions.at(-1)!.id, format: 'csv' })
    expect(fileName).toBe('sample-1.csv')
    expect(content.split('\n').slice(0, 2)).toEqual(['text,role,source', 'a scene on water,place,'])
    const again = await client['pool/import']({ name: 'again', fileName, content, annotator: 'ann' })
    expect(again.pool.versions[0]!.hash).toBe(versions.at(-1)!.hash)
    expect((await client['pool/export']({ poolId, format: 'txt' })).fileName).toBe('sample-draft.txt')
    await expect(client['pool/rename']({ poolId: again.pool.id, name: 'sample' })).rejects.toThrow(
      'Another pool is called "sample" in this workspace; give this one another name.',
    )
    expect(await client['pool/rename']({ poolId: again.pool.id, name: 'a/b: c' })).toMatchObject({ name: 'a/b: c' })
    expect((await client['pool/export']({ poolId: again.pool.id, format: 'json' })).fileName).toBe('a-b- c-draft.json')
    await expect(
      client['pool/export']({ poolId: again.pool.id, versionId: versions[0]!.id, format: 'csv' }),
    ).rejects.toThrow(`The version ${versions[0]!.id} must be of "a/b: c"; it is of "sample".`)
  })
})
