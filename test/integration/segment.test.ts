/** Segmentation of the sample by all five methods, held against the reference, stopped and gone on with. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Evaluation, segmentMethods, type SegmentMethod } from '../../src/contract/segment.ts'
import { goldenFolder, goldenJson } from '../support/golden.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine, type TestEngine } from '../support/sample.ts'

type GoldenScores = { pixel_accuracy: number; mean_iou: number; mean_ap: number; first_10_ap: number[] }
type Golden = Record<string, GoldenScores> & { predicted_classes: string[] }

const names = JSON.parse(readFileSync(join(sampleFolder, 'classes.json'), 'utf8')) as {
  objects: string[]
  templates: string[]
}
const task = { classes: names.objects, templates: names.templates }
const ids = { modelId: 1, dataSetId: 1 }

let place: Place
let engine: TestEngine
let client: TestEngine['client']
const open = async (name: string) => {
  const opened = await testEngine(join(place.folder, name), place.cacheFolder)
  await opened.client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
  await opened.finish(opened.client['data-set/add']({ path: join(sampleFolder, 'segmentation.mat') }))
  return opened
}
beforeAll(async () => {
  place = temporaryFolder()
  engine = await open('a.headwise')
  client = engine.client
  await engine.finish(
    client['segment/evaluate']({ ...ids, task, settings: segmentMethods.map((method) => ({ method })) }),
  )
})
afterAll(async () => {
  await engine.close()
  place.remove()
})

const evaluationOf = async (method: SegmentMethod): Promise<Evaluation> =>
  (await client['segment/list']({})).filter(({ settings }) => settings.method === method).at(-1)!

describe('the five methods on the sample', () => {
  it.skipIf(!goldenFolder)('have the scores of the reference', async () => {
    const golden = goldenJson<Golden>('segmentation.json')
    for (const method of segmentMethods) {
      const { scores, images, skipped, isComplete, id } = await evaluationOf(method)
      const expected = golden[method.replace('-', '_')]!
      expect({ images, skipped, isComplete }, method).toEqual({ images: 100, skipped: 0, isComplete: true })
      expect(Math.abs(scores!.pixelAccuracy - expected.pixel_accuracy), method).toBeLessThan(1e-4)
      expect(Math.abs(scores!.meanIou - expected.mean_iou), method).toBeLessThan(1e-4)
      expect(Math.abs(scores!.meanAp - expected.mean_ap), method).toBeLessThan(1e-4)
      const { images: rows } = await client['segment/images']({ evaluationId: id, sort: 'ordinal', limit: 100 })
      expect(rows.map(({ predictedClass }) => predictedClass)).toEqual(golden.predicted_classes)
      // Given the same maps they agree to 1e-6 (average-precision.test.ts); rounding of maps may break ties.
      for (const [at, precision] of expected.first_10_ap.entries()) {
        expect(Math.abs(rows[at]!.averagePrecision - precision), `${method}, image ${at}`).toBeLessThan(1e-5)
      }
    }
  })

  it('say where they come from', async () => {
    const evaluations = await client['segment/list']({})
    expect(evaluations.map(({ settings }) => settings.method)).toEqual([...segmentMethods].reverse())
    expect(new Set(evaluations.map(({ jobId }) => jobId)).size).toBe(1)
    const [model] = await client['model/list']({})
    const [dataSet] = await client['data-set/list']({})
    expect(evaluations[0]).toMatchObject({
      ...{ modelName: 'sample', modelHash: model!.hash, dataSetName: 'segmentation', dataSetHash: dataSet!.hash },
      groundTruthHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      settings: { protocol: 'as-published', target: { kind: 'predicted' } },
      programVersion: 'test',
    })
  })

  it('tell errors of the class from errors of the map', async () => {
    const { scores, scoresWhenRight, scoresWhenWrong } = await evaluationOf('decomposition')
    expect(scoresWhenRight!.images + scoresWhenWrong!.images).toBe(scores!.images)
    expect(scoresWhenRight!.meanAp).toBeGreaterThan(scoresWhenWrong!.meanAp)
    const { id } = await evaluationOf('decomposition')
    const wrong = await client['segment/images']({ evaluationId: id, isMisclassified: true, sort: 'ordinal' })
    expect(wrong.total).toBe(scoresWhenWrong!.images)
    expect(wrong.images.every(({ predictedClass, trueClass }) => predictedClass !== trueClass)).toBe(true)
  })

  it('add up over classes and along the curve', async () => {
    const { id, scores } = await evaluationOf('rollout')
    const { classes, curve, skipped } = await client['segment/read']({ evaluationId: id })
    expect(skipped).toEqual([])
    expect(classes.reduce((sum, { scores: of }) => sum + of.images, 0)).toBe(100)
    expect(classes.reduce((sum, { scores: of }) => sum + of.images * of.meanAp, 0)).toBeCloseTo(100 * scores!.meanAp, 9)
    expect([curve.precision[0], curve.recall[0]]).toEqual([1, 0])
    expect(curve.recall[100]).toBeGreaterThan(0.99)
    for (let at = 1; at <= 100; at++) expect(curve.recall[at]).toBeGreaterThanOrEqual(curve.recall[at - 1]!)
  })
})

describe('images of an evaluation', () => {
  it('are sorted and cut', async () => {
    const { id: evaluationId } = await evaluationOf('decomposition')
    const all = await client['segment/images']({ evaluationId })
    expect(all.total).toBe(100)
    const ious = all.images.map(({ iou }) => iou)
    expect(ious).toEqual([...ious].sort((a, b) => a - b))
    const page = await client['segment/images']({ evaluationId, offset: 10, limit: 5, isDescending: true })
    expect(page.images.map(({ id }) => id)).toEqual(
      all.images
        .map(({ id }) => id)
        .reverse()
        .slice(10, 15),
    )
    const { truePositives, falsePositives, falseNegatives, trueNegatives, pixelAccuracy } = all.images[0]!
    expect(truePositives + falsePositives + falseNegatives + trueNegatives).toBe(96 * 96)
    expect(pixelAccuracy).toBeCloseTo((truePositives + trueNegatives) / 96 ** 2, 12)
  })

  it('are compared with another evaluation’s', async () => {
    const [one, other] = [await evaluationOf('decomposition'), await evaluationOf('rollout')]
    const { images } = await client['segment/images']({
      ...{ evaluationId: one.id, againstId: other.id, sort: 'difference' },
    })
    const others = (await client['segment/images']({ evaluationId: other.id })).images
    const iouOf = new Map(others.map(({ id, iou }) => [id, iou]))
    for (const { id, iou, difference } of images) expect(difference).toBeCloseTo(iou - iouOf.get(id)!, 12)
    expect(images[0]!.difference).toBeLessThan(images.at(-1)!.difference!)
  })

  it('are computed anew to the same scores', async () => {
    const { id: evaluationId, settings } = await evaluationOf('decomposition')
    const [worst] = (await client['segment/images']({ evaluationId, limit: 1 })).images
    const image = await client['segment/image']({ modelId: 1, imageId: worst!.id, task, settings })
    expect(image).toMatchObject({ sizePx: 96, gridRows: 12, gridColumns: 12, isConstant: false, truthProblem: null })
    expect(image).toMatchObject({ predictedClass: worst!.predictedClass, targetText: worst!.predictedClass })
    expect(image.averagePrecision).toBeCloseTo(worst!.averagePrecision, 4)
    const found = image.map.filter((level, at) => level > image.threshold && image.truth![at] === 1).length
    expect(Math.abs(found - worst!.truePositives)).toBeLessThan(3)
    const mean = image.map.reduce((sum, level) => sum + level, 0) / image.map.length
    expect(image.threshold).toBeCloseTo(mean, 6)
    const sum = image.patches.reduce((all, patch) => all + patch, image.classTokenPart! + image.mlpPart!)
    expect(sum).toBeCloseTo(image.score!, 5)
  })

  const allHeads = Array.from({ length: 48 }, (_, at) => ({ layer: Math.floor(at / 8), head: at % 8 }))

  it('add up with chosen heads too, and take typed texts and thresholds', async () => {
    const settings = {
      method: 'decomposition' as const,
      target: { kind: 'text' as const, text: 'a red cat', minus: 'a cat' },
      heads: [{ layer: 5, head: 2 }],
      threshold: 0.3,
    }
    const image = await client['segment/image']({ modelId: 1, imageId: 3, task, settings })
    expect(image).toMatchObject({ threshold: 0.3, targetText: 'a red cat minus a cat' })
    // MLPs are MLPs, whichever heads take part; the two parts of all heads make up what is missing to the score.
    const rest = await client['segment/image']({
      ...{ modelId: 1, imageId: 3, task },
      settings: { ...settings, heads: allHeads.filter(({ layer, head }) => layer !== 5 || head !== 2) },
    })
    const { mlpPart } = await client['segment/image']({
      ...{ modelId: 1, imageId: 3, task, settings: { ...settings, heads: undefined } },
    })
    expect(image.mlpPart).toBeCloseTo(mlpPart!, 6)
    const ofHeads = (own: typeof image) => own.patches.reduce((all, patch) => all + patch, own.classTokenPart!)
    expect(ofHeads(image) + ofHeads(rest) + image.mlpPart!).toBeCloseTo(image.score!, 5)
    const { classTokenPart, score } = await client['segment/image']({
      ...{ modelId: 1, imageId: 3, task, settings: { method: 'rollout' } },
    })
    expect([classTokenPart, score]).toEqual([null, null])
  })
})

describe('an evaluation that was stopped', () => {
  const settings = [{ method: 'decomposition' as const }, { method: 'rollout' as const, protocol: 'aligned' as const }]
  const rowsOf = async (of: TestEngine) => {
    const evaluations = (await of.client['segment/list']({})).reverse()
    const rows = evaluations.map(({ id: evaluationId }) =>
      of.client['segment/images']({ evaluationId, sort: 'ordinal', limit: 1000 }),
    )
    return { evaluations, rows: (await Promise.all(rows)).map(({ images }) => images) }
  }

  it('goes on with the images that it lacks, to the same rows and scores', async () => {
    const whole = await open('whole.headwise')
    const stopped = await open('stopped.headwise')
    try {
      await whole.finish(whole.client['segment/evaluate']({ ...ids, task, settings, limit: 40 }))
      const ticket = stopped.client['segment/evaluate']({ ...ids, task, settings, limit: 40 })
      const { jobId } = await ticket
      const off = stopped.on('job/progressed', (job) => {
        if (job.id === jobId && job.done >= 16) void stopped.client['job/cancel']({ jobId })
      })
      expect(await stopped.settle(ticket)).toMatchObject({ state: 'cancelled', canResume: true })
      off()
      const [half] = await stopped.client['segment/list']({})
      expect(half).toMatchObject({ isComplete: false, total: 40 })
      expect(half!.images).toBeGreaterThanOrEqual(16)
      expect(half!.images).toBeLessThan(40)
      expect(half!.scores!.images).toBe(half!.images)
      const imagesOfCurve = async () =>
        (await stopped.client['segment/read']({ evaluationId: half!.id })).classes.reduce(
          (sum, { scores }) => sum + scores.images,
          0,
        )
      expect(await imagesOfCurve()).toBe(half!.images)
      const job = await stopped.finish(stopped.client['job/resume']({ jobId }))
      expect(job).toMatchObject({ done: 40, total: 40, skipped: 0 })
      const [expected, found] = [await rowsOf(whole), await rowsOf(stopped)]
      expect(found.evaluations).toHaveLength(2)
      expect(found.rows).toEqual(expected.rows)
      expect(await imagesOfCurve()).toBe(40)
      expect(found.evaluations.map(({ scores }) => scores)).toEqual(expected.evaluations.map(({ scores }) => scores))
      // What is whole is not gone on with.
      await stopped.finish(stopped.client['segment/evaluate']({ ...ids, task, settings, limit: 40 }))
      expect(await stopped.client['segment/list']({})).toHaveLength(4)
    } finally {
      await whole.close()
      await stopped.close()
    }
  })
})

describe('files of predictions', () => {
  const folder = (name: string) => join(place.folder, name)
  let evaluationId: number
  beforeAll(async () => {
    const settings = [{ method: 'rollout' as const }]
    evaluationId = (await engine.finish(client['segment/evaluate']({ ...ids, task, settings, limit: 12 }))).resultId!
  })
  const write = async (kind: 'masks' | 'overlays' | 'coco', name: string) =>
    engine.finish(client['segment/export']({ evaluationId, kind, folder: folder(name) }))

  it('are masks that hold what was scored', async () => {
    expect(await write('masks', 'masks')).toMatchObject({ done: 12, skipped: 0 })
    expect(readdirSync(folder('masks'))).toHaveLength(13)
    const { images } = await client['segment/images']({ evaluationId, sort: 'ordinal' })
    const path = join(folder('masks'), '7.png')
    expect(await sharp(path).metadata()).toMatchObject({ width: 96, height: 96, channels: 1 })
    const data = await sharp(path).toColourspace('b-w').raw().toBuffer()
    const foreground = data.filter((level) => level === 255).length
    expect(foreground + data.filter((level) => level === 0).length).toBe(96 * 96)
    expect(Math.abs(foreground - images[7]!.truePositives - images[7]!.falsePositives)).toBeLessThan(3)
    const provenance = JSON.parse(readFileSync(join(folder('masks'), 'provenance.json'), 'utf8')) as unknown
    expect(provenance).toMatchObject({
      model: { name: 'sample' },
      settings: { method: 'rollout' },
      evaluatedBy: 'test',
    })
  })

  it('are a COCO file that says the same', async () => {
    await write('coco', 'coco')
    const coco = JSON.parse(readFileSync(join(folder('coco'), 'predictions.json'), 'utf8')) as {
      info: { evaluation: number; scores: { images: number } }
      images: { id: number; file_name: string; width: number }[]
      annotations: { image_id: number; category_id: number; area: number; bbox: number[] }[]
      categories: { id: number; name: string }[]
    }
    const { images } = await client['segment/images']({ evaluationId, sort: 'ordinal' })
    expect(coco.info).toMatchObject({ evaluation: evaluationId, scores: { images: 12 } })
    expect(coco.images[7]).toEqual({ id: 8, file_name: '#7', width: 96, height: 96 })
    const [annotation] = coco.annotations.filter(({ image_id: id }) => id === 8)
    expect(coco.categories.find(({ id }) => id === annotation!.category_id)!.name).toBe(images[7]!.predictedClass)
    expect(Math.abs(annotation!.area - images[7]!.truePositives - images[7]!.falsePositives)).toBeLessThan(3)
  })

  it('are overlays in the colours of right and wrong', async () => {
    await write('overlays', 'overlays')
    const { data } = await sharp(join(folder('overlays'), '7.png'))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { settings } = await evaluationOf('rollout')
    const { map, truth, threshold } = await client['segment/image']({ modelId: 1, imageId: 8, task, settings })
    const at = map.findIndex((level, pixel) => level > threshold + 0.01 && truth![pixel] === 1)
    const reader = await sharp(await client['image/model-view']({ modelId: 1, imageId: 8 }))
      .raw()
      .toBuffer()
    const color = [0x0f, 0x8b, 0x8d].map((level, channel) => Math.round(0.4 * reader[3 * at + channel]! + 0.6 * level))
    expect([...data.subarray(3 * at, 3 * at + 3)]).toEqual(color)
  })

  it('never go where something is', async () => {
    mkdirSync(folder('full/inner'), { recursive: true })
    await expect(write('masks', 'full')).rejects.toThrow(
      `"${folder('full')}" must be empty or new; it holds 1 files or folders.`,
    )
    mkdirSync(folder('empty'))
    await write('coco', 'empty')
    expect(readdirSync(folder('empty'))).toEqual(['predictions.json'])
    expect(readdirSync(place.folder).filter((name) => name.includes('part'))).toEqual([])
  })
})
