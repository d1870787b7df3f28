/** The whole way from the sample's files to numbers, against the reference implementation's arrays. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import type { DescribedHead } from '../../src/contract/text-span.ts'
import { goldenFolder, goldenJson, goldenPath, readGolden } from '../support/golden.ts'
import { readNpy } from '../support/npy.ts'
import {
  largestDifference,
  type Place,
  sampleFolder,
  temporaryFolder,
  type TestEngine,
  testEngine,
} from '../support/sample.ts'

type GoldenHead = { layer: number; head: number; texts: string[]; explained: number[]; margin: number[] }
type GoldenAblation = {
  baseline: number
  mlps: number
  class_to_class: number
  both: number
  layers_up_to: number[]
  textspan_last_4_layers: Record<string, number>
}

describe.skipIf(!goldenFolder)('the sample against the reference', () => {
  let place: Place
  let engine: TestEngine
  let runs: Record<'float16' | 'float32', Run>

  beforeAll(async () => {
    place = temporaryFolder()
    engine = await testEngine(join(place.folder, 'golden.headwise'), place.cacheFolder)
    const { client, finish } = engine
    const model = await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
    const { resultId } = await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))
    const decompose = async (store: 'float16' | 'float32') => {
      const job = await finish(
        client['run/decompose']({ modelId: model.id, dataSetId: resultId!, provider: 'cpu', store }),
      )
      return client['run/read']({ runId: job.resultId! })
    }
    runs = { float16: await decompose('float16'), float32: await decompose('float32') }
  }, 120_000)

  afterAll(async () => {
    await engine?.close()
    place?.remove()
  })

  it('adds up to the representation within 1e-6', () => {
    for (const run of Object.values(runs)) {
      expect(run).toMatchObject({ state: 'complete', images: 600, skipped: 0, total: 600 })
      expect(run.certificate!.computedError).toBeLessThan(1e-6)
      expect(run.certificate!.isExact).toBe(true)
    }
    expect(runs.float32.certificate!.storedError).toBeLessThan(1e-6)
    expect(runs.float16.certificate!.storedError).toBeLessThan(5e-4)
  })

  it.each([
    ['float32', 1e-5],
    ['float16', 2e-4],
  ] as const)('exports the published arrays from %s within %f', async (store, tolerance) => {
    const { client, finish } = engine
    const folder = join(place.folder, store)
    const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    const { objects, templates } = classes()
    const task = { classes: objects, templates, attribute: 'object' }
    await finish(client['export/npy']({ runId: runs[store].id, folder, poolVersionId: pool.versions[0]!.id, task }))
    const read = (name: string) => readNpy(join(folder, `${name}.npy`))
    const first100 = (name: string, golden: string) => largestDifference(read(name).data, readGolden(golden).data)
    expect(read('scenes_attn_sample').shape).toEqual([600, 6, 8, 128])
    expect(read('scenes_mlp_sample').shape).toEqual([600, 7, 128])
    expect(read('scenes_cls_attn_sample').shape).toEqual([600, 6, 128])
    expect(first100('scenes_attn_sample', 'scenes_attn.npy')).toBeLessThan(tolerance)
    expect(first100('scenes_mlp_sample', 'scenes_mlp.npy')).toBeLessThan(tolerance)
    expect(first100('scenes_cls_attn_sample', 'scenes_cls_attn.npy')).toBeLessThan(tolerance)
    expect(read('scenes_classifier_sample').shape).toEqual([128, 16])
    expect(
      largestDifference(read('scenes_classifier_sample').data, readGolden('object_classifier.npy').data),
    ).toBeLessThan(1e-5)
    expect(read('pool_sample').shape).toEqual([307, 128])
    expect(largestDifference(read('pool_sample').data, readGolden('pool_embeddings.npy').data)).toBeLessThan(1e-5)
  })

  it('gives the representation of the reference, normalised', async () => {
    const exported = readNpy(join(place.folder, 'float32', 'scenes_representation_sample.npy')).data
    expect(largestDifference(exported, unitRows(readGolden('scenes_representation.npy').data, 128))).toBeLessThan(1e-6)
  })

  it.each(['float32', 'float16'] as const)('describes every head with the same texts from %s', async (store) => {
    const { client, finish } = engine
    const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    const input = { runId: runs[store].id, poolVersionId: pool.versions[0]!.id, layers: 6, texts: 20 }
    const job = await finish(client['text-span/start'](input))
    const { heads, textSpan } = await client['text-span/read']({ textSpanId: job.resultId! })
    expect(textSpan).toMatchObject({ images: 600, layers: 6, texts: 20, rank: 80 })
    const golden = goldenJson<{ heads: GoldenHead[] }>('textspan.json').heads
    expect(heads).toHaveLength(golden.length)
    const compared = golden.map((expected) =>
      compare(
        heads.find(({ layer, head }) => layer === expected.layer && head === expected.head)!,
        expected,
      ),
    )
    // Nearly all steps are beyond doubt; were hardly any compared, this test would say nothing.
    expect(compared.reduce((sum, steps) => sum + steps, 0)).toBeGreaterThan(0.8 * golden.length * 20)
  })

  it('repeats the mean-ablation study and the accuracy against m', async () => {
    const { client, finish } = engine
    const golden = goldenJson<GoldenAblation>('ablation.json')
    const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    const runId = runs.float16.id
    const described = await finish(client['text-span/start']({ runId, poolVersionId: pool.versions[0]!.id }))
    const { objects, templates } = classes()
    const task = { classes: objects, templates, attribute: 'object' }
    const job = await finish(client['study/ablate']({ runId, task, textSpanId: described.resultId! }))
    const { result } = await client['study/read']({ studyId: job.resultId! })
    expect(result.images).toBe(600)
    expect(result.baseline).toBeCloseTo(golden.baseline, 5)
    expect(result.mlps).toBeCloseTo(golden.mlps, 5)
    expect(result.classToClass).toBeCloseTo(golden.class_to_class, 5)
    expect(result.both).toBeCloseTo(golden.both, 5)
    golden.layers_up_to.forEach((accuracy, layer) => expect(result.layersUpTo[layer]).toBeCloseTo(accuracy, 5))
    for (const { texts, accuracy } of result.textSpan!.accuracies) {
      expect(accuracy).toBeCloseTo(golden.textspan_last_4_layers[texts]!, 5)
    }
    expect(result.textSpan!.accuracies.map(({ texts }) => texts)).toEqual([1, 2, 5, 10, 20])
  })
})

describe.skipIf(!goldenFolder)('images against PIL', () => {
  it('gives representations within a cosine of 0.9999 of those from PIL-preprocessed pixels', async () => {
    const place = temporaryFolder()
    const engine = await testEngine(join(place.folder, 'odd.headwise'), place.cacheFolder)
    try {
      const { client, finish } = engine
      const model = await client['model/add']({ folder: join(sampleFolder, 'model') })
      const added = await finish(client['data-set/add']({ path: goldenPath('odd-images') }))
      const job = await finish(
        client['run/decompose']({ modelId: model.id, dataSetId: added.resultId!, provider: 'cpu' }),
      )
      await finish(client['export/npy']({ runId: job.resultId!, folder: place.folder }))
      const ours = readNpy(join(place.folder, 'odd-images_representation_model.npy')).data
      const theirs = unitRows(readGolden('odd_representation.npy').data, 128)
      for (let image = 0; image < 6; image++) {
        let cosine = 0
        for (let k = 0; k < 128; k++) cosine += ours[image * 128 + k]! * theirs[image * 128 + k]!
        expect(cosine).toBeGreaterThan(0.9999)
      }
    } finally {
      await engine.close()
      place.remove()
    }
  })
})

function classes(): { objects: string[]; templates: string[] } {
  return goldenClasses as { objects: string[]; templates: string[] }
}

import goldenClasses from '../../resources/sample/classes.json' with { type: 'json' }

/** A step whose margin is under 1e-4 may go another way, and the steps after it with it. @returns steps compared */
function compare(head: DescribedHead, golden: GoldenHead): number {
  const doubtful = golden.margin.findIndex((margin) => margin < 1e-4)
  const sure = doubtful < 0 ? golden.texts.length : doubtful
  const name = `L${golden.layer}.H${golden.head}`
  expect(
    head.steps.slice(0, sure).map(({ text }) => text),
    name,
  ).toEqual(golden.texts.slice(0, sure))
  for (let step = 0; step < sure; step++) {
    expect(Math.abs(head.steps[step]!.explained - golden.explained[step]!), `${name} step ${step}`).toBeLessThan(1e-4)
  }
  return sure
}

function unitRows(rows: Float32Array, d: number): Float32Array {
  const unit = new Float32Array(rows.length)
  for (let start = 0; start < rows.length; start += d) {
    const length = Math.hypot(...rows.subarray(start, start + d))
    for (let k = 0; k < d; k++) unit[start + k] = rows[start + k]! / length
  }
  return unit
}
