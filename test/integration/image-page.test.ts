/** The sums of the image page over a real answer, against what a run has of the same image. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explanation } from '../../src/contract/image.ts'
import { findNeighbours } from '../../src/renderer/composables/useNeighbours.ts'
import {
  differenceOf,
  headSums,
  partSum,
  termsOf,
  tokenSums,
  total,
  totalsOf,
  wholeScore,
} from '../../src/renderer/explain/terms.ts'
import { type Place, sampleFolder, temporaryFolder, type TestEngine, testEngine } from '../support/sample.ts'

const texts = ['a photo of a star', 'a photo of a tree']
const star = 4

let place: Place
let engine: TestEngine
let modelId: number
let dataSetId: number
let imageId: number
let explanation: Explanation
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  const { client, finish } = engine
  modelId = (await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })).id
  dataSetId = (await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))).resultId!
  imageId = (await client['image/page']({ dataSetId, offset: star, limit: 1 })).images[0]!.id
  explanation = await client['image/explain']({ modelId, imageId, texts })
})
afterAll(async () => {
  await engine?.close()
  place?.remove()
})

describe('the score of the fifth scene, a star at night', () => {
  it('is the sum of its terms, to rounding, and off by what the engine says', () => {
    texts.forEach((_, at) => {
      const totals = totalsOf(termsOf(explanation, at))
      expect(totals.isRounding).toBe(true)
      expect(Math.abs(totals.residual)).toBeLessThan(5e-7)
      expect(totals.residual).toBeCloseTo(explanation.residuals[at]!, 9)
    })
    expect(totalsOf(termsOf(explanation, 0)).score).toBeCloseTo(0.4953, 4)
    expect(totalsOf(differenceOf(explanation, 0, 1))).toMatchObject({ isRounding: true })
    expect(differenceOf(explanation, 0, 1).score).toBeCloseTo(0.1127, 4)
  })

  it('is cut by head, by token and by MLP without a rest', () => {
    const terms = termsOf(explanation, 0)
    expect(total(headSums(terms)) + total(terms.mlps)).toBeCloseTo(partSum(terms, wholeScore), 12)
    expect(total(tokenSums(terms, new Set()))).toBeCloseTo(total(headSums(terms)), 12)
  })

  it('has the heads that a run of the same model has', async () => {
    const { client, finish } = engine
    const run = { modelId, dataSetId, provider: 'cpu', store: 'float32', limit: 16 } as const
    const runId = (await finish(client['run/decompose'](run))).resultId!
    const perHead = headSums(termsOf(explanation, 0))
    for (const [layer, head] of [
      [0, 4],
      [1, 3],
      [5, 3],
    ] as const) {
      const direction = { kind: 'text', text: texts[0]! } as const
      const { highest } = await client['head/images']({ runId, layer, head, direction, count: 16 })
      const own = highest.find((image) => image.imageId === imageId)!
      expect(own.score).toBeCloseTo(perHead[layer * explanation.heads + head]!, 6)
    }
  })
})

describe('the neighbours of an image in a filtered list', () => {
  it('are those of the list itself', async () => {
    const filter = { attributes: { object: 'star', place: 'night' } }
    const read = (offset: number, limit: number) => engine.client['image/page']({ dataSetId, filter, offset, limit })
    const { images, total: count } = await read(0, 1000)
    expect(count).toBeGreaterThan(2)
    for (const [at, { ordinal }] of images.entries()) {
      const found = await findNeighbours(read, ordinal, 0)
      expect(found).toEqual({ place: at, total: count, before: images[at - 1], after: images[at + 1] })
    }
  })
})
