/** What heads do, on the first 100 scenes of the sample: calls against the reference implementation's terms. */
import { cpSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Direction, HeadImages } from '../../src/contract/head.ts'
import { openEngine } from '../../src/engine/index.ts'
import { goldenFolder, readGolden } from '../support/golden.ts'
import { centredRows, crossTrace, dot, orderOf, principalRows } from '../support/plain-vectors.ts'
import {
  databaseFolder,
  largestDifference,
  type Place,
  sampleFolder,
  temporaryFolder,
  type TestEngine,
  testEngine,
} from '../support/sample.ts'

const [layers, heads, d, images] = [6, 8, 128, 100]
const strongest = { kind: 'principal', index: 0 } as const

describe.skipIf(!goldenFolder)('heads of the sample', () => {
  let place: Place
  let engine: TestEngine
  let model: string
  let modelId: number
  let dataSetId: number
  let runId: number
  let textSpanId: number
  const workspace = () => join(place.folder, 'a.headwise')

  beforeAll(async () => {
    place = temporaryFolder()
    model = join(place.folder, 'model')
    cpSync(join(sampleFolder, 'model'), model, { recursive: true })
    engine = await testEngine(workspace(), place.cacheFolder)
    const { client, finish } = engine
    modelId = (await client['model/add']({ folder: model, name: 'sample' })).id
    dataSetId = (await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))).resultId!
    const input = { modelId, dataSetId, provider: 'cpu', store: 'float32', limit: images } as const
    runId = (await finish(client['run/decompose'](input))).resultId!
    const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    const described = { runId, poolVersionId: pool.versions[0]!.id, layers: 2, texts: 10 }
    textSpanId = (await finish(client['text-span/start'](described))).resultId!
  })
  afterAll(async () => {
    await engine?.close()
    place?.remove()
  })

  /** The reference's terms of a head, one row an image. */
  const terms = (layer: number, head: number): Float32Array[] => {
    const { data } = readGolden('scenes_attn.npy')
    return Array.from({ length: images }, (_, image) => {
      const from = ((image * layers + layer) * heads + head) * d
      return data.subarray(from, from + d)
    })
  }
  const poolTexts = readFileSync(join(sampleFolder, 'pool.txt'), 'utf8').split('\n').filter(Boolean)
  const embeddingOf = (text: string) => {
    const at = poolTexts.indexOf(text)
    return readGolden('pool_embeddings.npy').data.subarray(at * d, (at + 1) * d)
  }
  const show = (
    layer: number,
    head: number,
    direction: Direction,
    more: { textSpanId?: number; count?: number } = {},
  ) => engine.client['head/images']({ runId, layer, head, direction, ...more })

  /** The same images in the same order, but for neighbours whose scores rounding can swap. */
  const expectEnds = (shown: HeadImages, scores: number[], tolerance: number) => {
    const order = orderOf(scores)
    for (const [ends, expected] of [
      [shown.highest, order],
      [shown.lowest, order.toReversed()],
    ] as const) {
      ends.forEach(({ ordinal, score }, at) => {
        expect(Math.abs(score - scores[expected[at]!]!)).toBeLessThan(tolerance)
        expect(Math.abs(score - scores[ordinal]!)).toBeLessThan(tolerance)
      })
      expect(new Set(ends.map(({ ordinal }) => ordinal)).size).toBe(ends.length)
    }
  }

  it('do as much as the trace of the covariance of their terms', async () => {
    const effects = await engine.client['head/effects']({ runId })
    expect(effects).toHaveLength(layers * heads)
    effects.forEach(({ layer, head, variance }, at) => {
      expect([layer, head]).toEqual([Math.floor(at / heads), at % heads])
      const centred = centredRows(terms(layer, head))
      expect(variance / crossTrace(centred, centred)).toBeCloseTo(1, 3)
    })
    const { heads: described } = await engine.client['text-span/read']({ textSpanId })
    for (const { layer, head, variance } of described) {
      const effect = effects.find((other) => other.layer === layer && other.head === head)!
      expect(effect.variance / variance).toBeCloseTo(1, 9)
    }
  })

  it('correlate as their terms do, and the same when asked again', async () => {
    const { images: count, heads: size, correlations } = await engine.client['head/correlations']({ runId })
    expect([count, size]).toEqual([images, layers * heads])
    const centred = Array.from({ length: size }, (_, at) => centredRows(terms(Math.floor(at / heads), at % heads)))
    const traces = centred.map((rows) => crossTrace(rows, rows))
    const expected = centred.flatMap((a, i) =>
      centred.map((b, j) => crossTrace(a, b) / Math.sqrt(traces[i]! * traces[j]!)),
    )
    expect(largestDifference(correlations, expected)).toBeLessThan(1e-4)
    expect(Array.from({ length: size }, (_, at) => correlations[at * size + at])).toEqual(new Array(size).fill(1))
    expect((await engine.client['head/correlations']({ runId })).correlations).toEqual(correlations)
  })

  it.each(['two rings', 'a scene at night'])('put images in the order of r . t for "%s"', async (text) => {
    for (const [layer, head] of [
      [0, 3],
      [5, 2],
    ] as const) {
      const shown = await show(layer, head, { kind: 'text', text }, { count: 60 })
      const rows = terms(layer, head)
      const scores = rows.map((row) => dot(row, embeddingOf(text)))
      expect(shown).toMatchObject({ images, isFresh: true })
      expect(shown.highest).toHaveLength(60)
      expectEnds(shown, scores, 2e-5)
      const mean = scores.reduce((sum, score) => sum + score, 0) / images
      const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / images
      const centred = centredRows(rows)
      expect(shown.mean).toBeCloseTo(mean, 5)
      expect(shown.standardDeviation).toBeCloseTo(Math.sqrt(variance), 5)
      expect(shown.share).toBeCloseTo(variance / crossTrace(centred, centred), 3)
      expect(shown.histogram.counts.reduce((sum, count) => sum + count)).toBe(images)
    }
  })

  it('put images in order along their own principal directions', async () => {
    const centred = centredRows(terms(5, 2))
    const found = principalRows(centred, 2)
    for (const index of [0, 1]) {
      const shown = await show(5, 2, { kind: 'principal', index })
      const plain = centred.map((row) => dot(row, found[index]!))
      const sign = Math.sign(plain.reduce((sum, score) => sum + score ** 3, 0))
      expectEnds(
        shown,
        plain.map((score) => sign * score),
        2e-4,
      )
      expect(shown.share).toBeCloseTo(dot(plain, plain) / images / crossTrace(centred, centred), 4)
    }
  })

  it('leave what no text explains', async () => {
    const { heads: described } = await engine.client['text-span/read']({ textSpanId })
    for (const { layer, head, steps, variance } of described.filter((_, at) => at % 5 === 0)) {
      const shown = await show(layer, head, { kind: 'residual', textSpanId }, { count: 200 })
      expect(shown.share).toBeCloseTo(1 - steps.at(-1)!.explained, 6)
      const squares = shown.highest.reduce((sum, { score }) => sum + score ** 2, 0)
      expect(squares / images / variance).toBeCloseTo(shown.share, 6)
      expect(shown.lowest[0]!.score).toBeGreaterThanOrEqual(0)
    }
  })

  it('have the images that were kept with a TEXTSPAN result, equal to those worked out anew', async () => {
    const { heads: described } = await engine.client['text-span/read']({ textSpanId })
    const { steps } = described.find(({ layer, head }) => layer === 5 && head === 2)!
    const directions: Direction[] = [
      ...steps.map(({ text }) => ({ kind: 'text', text }) as const),
      ...[0, 1, 2].map((index) => ({ kind: 'principal', index }) as const),
    ]
    for (const direction of directions) {
      const kept = await show(5, 2, direction, { textSpanId })
      const fresh = await show(5, 2, direction)
      expect([kept.isFresh, fresh.isFresh]).toEqual([false, true])
      const ordinals = ({ highest, lowest }: HeadImages) => [highest, lowest].map((e) => e.map(({ path }) => path))
      expect(ordinals(kept)).toEqual(ordinals(fresh))
      const scores = ({ highest }: HeadImages) => highest.map(({ score }) => score)
      expect(largestDifference(scores(kept), scores(fresh))).toBeLessThan(1e-7)
      expect(kept.share).toBeCloseTo(fresh.share, 9)
      expect(kept.mean).toBeCloseTo(fresh.mean, 9)
      expect(kept.histogram.counts).toEqual(fresh.histogram.counts)
    }
    const text = steps[0]!.text
    expect((await show(5, 2, { kind: 'text', text }, { textSpanId, count: 25 })).isFresh).toBe(true)
    expect((await show(5, 2, { kind: 'text', text }, { textSpanId, count: 3 })).highest).toHaveLength(3)
    expect((await show(5, 2, { kind: 'text', text: 'no text of the pool' }, { textSpanId })).isFresh).toBe(true)
    expect((await show(5, 2, { kind: 'principal', index: 3 }, { textSpanId })).isFresh).toBe(true)
    expect((await show(0, 2, { kind: 'text', text }, { textSpanId })).isFresh).toBe(true)
    // Results of builds that kept nothing.
    const db = new Database(workspace())
    db.exec('DELETE FROM text_span_image WHERE layer = 4 AND head = 0')
    db.close()
    expect((await show(4, 0, strongest, { textSpanId })).isFresh).toBe(true)
    expect((await show(4, 1, strongest, { textSpanId })).isFresh).toBe(false)
    const filtered = { runId, layer: 5, head: 2, direction: { kind: 'text', text } as const, textSpanId }
    const some = await engine.client['head/images']({ ...filtered, filter: { path: '005' } })
    expect(some).toMatchObject({ isFresh: true, images: 11 })
    expect(some.highest.every(({ path }) => path.includes('005'))).toBe(true)
  })

  it('have token maps that add up to their terms', async () => {
    const { images: page } = await engine.client['image/page']({ dataSetId, limit: 1 })
    const at = { runId, imageId: page[0]!.id, layer: 5, head: 2 }
    const text = 'two rings'
    const map = await engine.client['head/token-map']({ ...at, direction: { kind: 'text', text } })
    expect([map.gridRows, map.gridColumns, map.patches.length]).toEqual([12, 12, 144])
    const golden = readGolden('attn_tokens.npy').data
    const expected = Array.from({ length: 145 }, (_, token) => {
      const from = ((5 * 145 + token) * heads + 2) * d
      return dot(golden.subarray(from, from + d), embeddingOf(text))
    })
    expect(largestDifference(map.patches, expected.slice(1))).toBeLessThan(1e-5)
    expect(map.classToken).toBeCloseTo(expected[0]!, 5)
    const sum = map.patches.reduce((total, score) => total + score, map.classToken)
    expect(sum).toBeCloseTo(map.score, 6)
    const shown = await show(5, 2, { kind: 'text', text }, { count: 100 })
    expect(map.score).toBeCloseTo(shown.highest.find(({ ordinal }) => ordinal === 0)!.score, 6)
    const own = await engine.client['head/token-map']({ ...at, direction: { kind: 'principal', index: 0 } })
    const along = await show(5, 2, { kind: 'principal', index: 0 }, { count: 100 })
    const scores = new Map(along.highest.map(({ ordinal, score }) => [ordinal, score]))
    const other = await engine.client['head/token-map']({ ...at, imageId: at.imageId + 1, direction: strongest })
    // A token map is of r . u, the images' scores of (r - mean r) . u: differences between images are the same.
    expect(own.score - other.score).toBeCloseTo(scores.get(0)! - scores.get(1)!, 6)
  })

  it('are refused in words where they are not', async () => {
    const { client } = engine
    const direction = { kind: 'text', text: 'a duck' } as const
    const at = { runId, layer: 3, head: 7, direction }
    const refused = async (answer: Promise<unknown>, code: string, message: string) =>
      expect(await answer.then(String, ({ code, message }) => [code, message])).toEqual([code, message])
    await refused(
      client['head/images']({ ...at, head: 12 }),
      'bad-input',
      'Head 12 does not exist in layer 3; heads run from 0 to 7.',
    )
    await refused(
      client['head/images']({ ...at, layer: 6 }),
      'bad-input',
      'Layer 6 does not exist in the model "sample"; layers run from 0 to 5.',
    )
    await refused(client['head/effects']({ runId: 99 }), 'not-found', 'There is no run 99 in this workspace.')
    await refused(
      client['head/images']({ ...at, textSpanId: 99 }),
      'not-found',
      'There is no TEXTSPAN result 99 in this workspace.',
    )
    await refused(
      client['head/images']({ ...at, direction: { kind: 'residual', textSpanId } }),
      'bad-input',
      `The TEXTSPAN result ${textSpanId} must describe head L3.H7; it describes the last 2 layers.`,
    )
    await refused(
      client['head/images']({ ...at, filter: { path: 'zzz' } }),
      'bad-input',
      'The filter {"path":"zzz"} must leave at least one image of the run; it leaves none.',
    )
    await refused(
      client['head/images']({ ...at, filter: { path: '0007' }, direction: strongest }),
      'bad-input',
      'Principal direction 0 of L3.H7 does not exist over these images; the head varies along fewer.',
    )
    const { resultId } = await engine.finish(client['data-set/add']({ path: join(sampleFolder, 'birds') }))
    const { images: birds } = await client['image/page']({ dataSetId: resultId!, limit: 1 })
    await refused(
      client['head/token-map']({ ...at, imageId: birds[0]!.id }),
      'bad-input',
      'The image must be of "scenes", which run 1 decomposed; "owl/0000.jpg" is of "birds".',
    )
    await refused(
      client['head/token-map']({ ...at, imageId: 1, direction: { kind: 'residual', textSpanId } }),
      'bad-input',
      'A token map needs a text or a principal direction; what texts leave is a length, which is no sum over tokens.',
    )
    const db = new Database(workspace())
    db.exec(`INSERT INTO run SELECT 50, 'open', model_id, data_set_id, store, provider, class_to_class, image_count,
      block_images, tolerance, refused_error, program_version, created_ms FROM run WHERE id = 1`)
    db.close()
    await refused(
      client['head/correlations']({ runId: 50 }),
      'bad-input',
      'Run 50 must be complete; 0 of 100 images are done. Decompose again to go on.',
    )
  })

  it('still show what was kept when the weights are gone, and say what needs them', async () => {
    const effects = await engine.client['head/effects']({ runId })
    await engine.close()
    renameSync(model, `${model}-2`)
    engine = await testEngine(workspace(), place.cacheFolder, 'read')
    expect(await engine.client['head/effects']({ runId })).toEqual(effects)
    expect((await engine.client['head/correlations']({ runId })).images).toBe(images)
    const { heads: described } = await engine.client['text-span/read']({ textSpanId })
    const { layer, head, steps } = described[0]!
    const direction = { kind: 'text', text: steps[0]!.text } as const
    expect((await show(layer, head, direction, { textSpanId })).isFresh).toBe(false)
    await expect(show(layer, head, direction)).rejects.toMatchObject({
      code: 'not-found',
      message: `The model "sample" must be in "${model}"; it is not there. Relink it.`,
    })
    renameSync(`${model}-2`, model)
    expect((await show(layer, head, direction)).isFresh).toBe(true)
  })

  it('are answered from what was kept while the process for heavy calls is not there', async () => {
    await engine.close()
    const startHelper = () => {
      throw new Error('no helper')
    }
    const { cacheFolder } = place
    const options = { workspacePath: workspace(), databaseFolder, cacheFolder, programVersion: 'test', startHelper }
    const opened = await openEngine(options)
    try {
      const call = opened.engine
      const { heads: described } = await call['text-span/read']({ textSpanId })
      const { layer, head, steps } = described[0]!
      const input = {
        runId,
        layer,
        head,
        direction: { kind: 'text', text: steps[0]!.text },
        filter: {},
        count: 24,
      } as const
      expect((await call['head/images']({ ...input, textSpanId })).isFresh).toBe(false)
      expect(await call['head/effects']({ runId })).toHaveLength(layers * heads)
      expect((await call['head/correlations']({ runId })).images).toBe(images)
      await expect(call['head/images'](input)).rejects.toThrow('no helper')
    } finally {
      await opened.close()
      engine = await testEngine(workspace(), place.cacheFolder, 'write')
    }
  })
})
