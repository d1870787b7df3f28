/** The page's own counting of pixels, which follows the threshold slider, against what the engine stored. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { segmentMethods, type SegmentMethod } from '../../src/contract/segment.ts'
import * as engineScores from '../../src/engine/segment/score/pixels.ts'
import { measuresOf } from '../../src/engine/segment/score/set-scores.ts'
import { countPixels, scoresOf } from '../../src/renderer/segment/pixels.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine, type TestEngine } from '../support/sample.ts'

const names = JSON.parse(readFileSync(join(sampleFolder, 'classes.json'), 'utf8')) as {
  objects: string[]
  templates: string[]
}
const task = { classes: names.objects, templates: names.templates }

let place: Place
let engine: TestEngine
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  const { client, finish } = engine
  await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
  await finish(client['data-set/add']({ path: join(sampleFolder, 'segmentation.mat') }))
  const ofMethod = (method: SegmentMethod) => [
    { method },
    { method, protocol: 'aligned' as const, threshold: 0.5 },
    { method, threshold: 0 },
  ]
  const settings = segmentMethods.flatMap(ofMethod)
  await finish(client['segment/evaluate']({ modelId: 1, dataSetId: 1, task, settings, limit: 6 }))
})
afterAll(async () => {
  await engine.close()
  place.remove()
})

describe('the page', () => {
  it('counts as the engine does, and comes to the stored scores', async () => {
    const { client } = engine
    for (const { id: evaluationId, modelId, settings, groundTruthHash } of await client['segment/list']({})) {
      const { images } = await client['segment/images']({ evaluationId, sort: 'ordinal' })
      for (const { id: imageId, ...stored } of images) {
        const image = await client['segment/image']({ modelId, imageId, task, settings })
        const what = `${JSON.stringify(settings)}, image ${imageId}`
        expect(image.groundTruthHash, what).toBe(groundTruthHash)
        const counts = countPixels(image.map, image.truth!, image.threshold)
        expect(counts, what).toEqual(engineScores.countPixels(image.map, image.truth!, image.threshold))
        expect(scoresOf(counts)).toMatchObject({ iou: measuresOf(counts).meanIou })
        // Rounding in batches of another size may carry a pixel across the threshold.
        expect(Math.abs(counts.truePositives - stored.truePositives), what).toBeLessThan(3)
        expect(Math.abs(counts.falsePositives - stored.falsePositives), what).toBeLessThan(3)
        expect(scoresOf(counts).iou, what).toBeCloseTo(stored.iou, 3)
      }
    }
  })
})
