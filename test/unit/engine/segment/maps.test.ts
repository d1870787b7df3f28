/** The five maps of tiny random towers against spec 6 worked out in plain float64. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { segmentMethods } from '../../../../src/contract/segment.ts'
import type { Checkpoint } from '../../../../src/engine/model/index.ts'
import { type MapMaker, openMapMaker, type PatchMap } from '../../../../src/engine/segment/map-maker.ts'
import { planPasses } from '../../../../src/engine/segment/maps.ts'
import { asHuggingFace } from '../../../support/as-hugging-face.ts'
import { plainMap, plainTerms } from '../../../support/plain-maps.ts'
import { differences, type Matrix, plainPass } from '../../../support/plain-tower.ts'
import { largestDifference, type Place, temporaryFolder } from '../../../support/sample.ts'
import { randomValues, tinyCheckpoint } from '../../../support/tiny-checkpoint.ts'

const images = 2

type Decomposed = PatchMap & { classTokenPart: number; mlpPart: number }

describe.each(['gelu', 'quick-gelu'] as const)('token maps of a tower with %s', (activation) => {
  let place: Place
  let checkpoint: Checkpoint
  let maker: MapMaker
  let pixels: Float32Array
  let directions: Float32Array
  let gradients: Matrix[][][]
  const ofImage = (rows: Float32Array, image: number) =>
    rows.subarray((image * rows.length) / images, ((image + 1) * rows.length) / images)

  beforeAll(async () => {
    place = temporaryFolder()
    checkpoint = tinyCheckpoint(join(place.folder, 'model'), activation)
    pixels = randomValues(images * 3 * checkpoint.config.vision.imageSizePx ** 2, 71)
    directions = randomValues(images * checkpoint.config.jointWidth, 72)
    gradients = Array.from({ length: images }, (_, image) =>
      differences(checkpoint, ofImage(pixels, image), ofImage(directions, image)),
    )
    maker = await openMapMaker(checkpoint, { methods: segmentMethods, cacheFolder: place.cacheFolder })
  })

  afterAll(async () => {
    await maker.close()
    place.remove()
  })

  it('has a grid of patches and unit representations', async () => {
    expect([maker.gridRows, maker.gridColumns]).toEqual([3, 3])
    const representations = await maker.representations(pixels, images)
    for (let image = 0; image < images; image++) {
      const { representation } = plainPass(checkpoint, ofImage(pixels, image))
      expect(largestDifference(ofImage(representations, image), representation)).toBeLessThan(1e-6)
    }
  })

  it.each(segmentMethods)('%s, each image along its own direction', async (method) => {
    const maps = await maker.maps(pixels, images, directions, [{ method }])
    for (let image = 0; image < images; image++) {
      const [map] = maps[image]!
      const along = ofImage(directions, image)
      const whole = plainMap(checkpoint, method, ofImage(pixels, image), along, { gradients: gradients[image] })
      const expected = whole.slice(1)
      const largest = Math.max(...expected.map(Math.abs))
      expect(map!.patches).toHaveLength(9)
      expect(largestDifference(map!.patches, expected)).toBeLessThan(Math.max(1e-8, 2e-5 * largest))
      if (method !== 'decomposition') expect(map).toMatchObject({ classTokenPart: null, mlpPart: null, score: null })
    }
  })

  it('adds patches, class token and MLPs up to the score, each as the terms have it', async () => {
    const maps = await maker.maps(pixels, images, directions, [{ method: 'decomposition' }])
    for (let image = 0; image < images; image++) {
      const { patches, classTokenPart, mlpPart, score } = maps[image]![0]!
      const terms = plainTerms(checkpoint, ofImage(pixels, image), ofImage(directions, image))
      const classToken = terms.attention.flat().reduce((sum, row) => sum + row[0]!, 0)
      expect(classTokenPart).toBeCloseTo(classToken, 5)
      expect(mlpPart).toBeCloseTo(
        terms.mlps.reduce((sum, term) => sum + term, 0),
        5,
      )
      expect(score).toBeCloseTo(terms.score, 5)
      expect(patches.reduce((sum, value) => sum + value, 0) + classTokenPart! + mlpPart!).toBeCloseTo(score!, 5)
    }
  })

  it('takes the chosen heads alone, a head named twice once, and what is left out is in the other heads', async () => {
    const some = [
      { layer: 0, head: 3 },
      { layer: 2, head: 0 },
      { layer: 2, head: 0 },
    ]
    const others = Array.from({ length: 12 }, (_, at) => ({ layer: Math.floor(at / 4), head: at % 4 })).filter(
      ({ layer, head }) => !some.some((place) => place.layer === layer && place.head === head),
    )
    const [[chosen, rest, all]] = (await maker.maps(pixels, images, directions, [
      { method: 'decomposition', heads: some },
      { method: 'decomposition', heads: others },
      { method: 'decomposition' },
    ])) as Decomposed[][] as [[Decomposed, Decomposed, Decomposed]]
    const expected = plainMap(checkpoint, 'decomposition', ofImage(pixels, 0), ofImage(directions, 0), {
      heads: some.slice(0, 2),
    })
    expect(largestDifference([chosen.classTokenPart, ...chosen.patches], expected)).toBeLessThan(1e-6)
    const together = chosen.patches.map((value, at) => value + rest.patches[at]!)
    expect(largestDifference(together, all.patches)).toBeLessThan(1e-6)
    expect(chosen.classTokenPart + rest.classTokenPart).toBeCloseTo(all.classTokenPart, 6)
    expect(chosen.mlpPart).toBe(all.mlpPart)
  })

  it('gives the same map whatever else is asked for', async () => {
    const together = await maker.maps(pixels, images, directions, [
      ...segmentMethods.map((method) => ({ method })),
      { method: 'rollout' },
    ])
    for (const [at, method] of segmentMethods.entries()) {
      const alone = await openMapMaker(checkpoint, { methods: [method], cacheFolder: place.cacheFolder })
      const maps = await alone.maps(pixels, images, directions, [{ method }])
      const first = await alone.representations(pixels, images)
      await alone.close()
      for (let image = 0; image < images; image++) {
        expect(largestDifference(together[image]![at]!.patches, maps[image]![0]!.patches)).toBeLessThan(1e-7)
      }
      expect(largestDifference(first, await maker.representations(pixels, images))).toBeLessThan(1e-7)
    }
    expect(together[1]).toHaveLength(6)
    expect(together[1]![5]).toEqual(together[1]![2])
  })

  it("gives the same maps from Hugging Face's layout", async () => {
    const other = asHuggingFace(join(place.folder, 'hugging-face'), checkpoint)
    expect(other.config).toMatchObject({ layout: 'hugging-face', vision: { activation } })
    const requests = segmentMethods.map((method) => ({ method }))
    const made = await openMapMaker(other, { methods: segmentMethods, cacheFolder: place.cacheFolder })
    const theirs = await made.maps(pixels, images, directions, requests)
    await made.close()
    const ours = await maker.maps(pixels, images, directions, requests)
    ours.flat().forEach(({ patches }, at) => {
      expect(largestDifference(theirs.flat()[at]!.patches, patches)).toBeLessThan(1e-7)
    })
  })

  it('refuses heads and methods that are not there', async () => {
    const ask = (layer: number, head: number) =>
      maker.maps(pixels, images, directions, [{ method: 'decomposition', heads: [{ layer, head }] }])
    await expect(ask(3, 0)).rejects.toThrow('Layer 3 does not exist; layers run from 0 to 2.')
    await expect(ask(1, 4)).rejects.toThrow('Head 4 does not exist in layer 1; heads run from 0 to 3.')
    const one = await openMapMaker(checkpoint, { methods: ['rollout'], cacheFolder: place.cacheFolder })
    await expect(one.maps(pixels, images, directions, [{ method: 'gradcam' }])).rejects.toThrow(
      'The map maker was not opened for the method "gradcam".',
    )
    await one.close()
  })
})

describe('passes', () => {
  const large = {
    imageSizePx: 224,
    patchSizePx: 14,
    width: 1024,
    layers: 24,
    heads: 16,
    headWidth: 64,
    mlpWidth: 4096,
    tokens: 257,
    epsilon: 1e-5,
    activation: 'gelu' as const,
  }

  it('go back through the layers in a pass of their own, for large models one image at a time', () => {
    expect(planPasses(large, segmentMethods)).toEqual([
      { methods: ['decomposition', 'raw-attention', 'rollout'], batch: Infinity },
      { methods: ['gradcam', 'gradient-attention'], batch: 1 },
    ])
    const small = { ...large, width: 192, layers: 6, heads: 8, headWidth: 24, mlpWidth: 768, tokens: 145 }
    expect(planPasses(small, ['gradient-attention'])[1]!.batch).toBeGreaterThan(16)
  })

  it('are one where nothing goes through all layers, and name a method once', () => {
    expect(planPasses(large, ['gradcam', 'rollout', 'gradcam'])).toEqual([
      { methods: ['gradcam', 'rollout'], batch: Infinity },
    ])
  })
})
