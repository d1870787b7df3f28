/** One image under the sample's model: the exact sum against the reference's terms, pictures, and what goes wrong. */
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allLayers, computeBases } from '../../src/engine/decompose/index.ts'
import { openImageReader } from '../../src/engine/dataset/index.ts'
import { explainTexts, openVisionTower } from '../../src/engine/explain/index.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { goldenFolder, goldenPath, readGolden } from '../support/golden.ts'
import { dot } from '../support/plain-vectors.ts'
import {
  largestDifference,
  type Place,
  sampleFolder,
  temporaryFolder,
  type TestEngine,
  testEngine,
} from '../support/sample.ts'
import classes from '../../resources/sample/classes.json' with { type: 'json' }

const [layers, heads, tokens, d] = [6, 8, 145, 128]
const poolTexts = readFileSync(join(sampleFolder, 'pool.txt'), 'utf8').split('\n').filter(Boolean)

let place: Place
let engine: TestEngine
let modelId: number
let scenesId: number
let sceneIds: number[]
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  const { client, finish } = engine
  modelId = (await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })).id
  scenesId = (await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))).resultId!
  sceneIds = (await client['image/page']({ dataSetId: scenesId, limit: 20 })).images.map(({ id }) => id)
})
afterAll(async () => {
  await engine?.close()
  place?.remove()
})

const added = async (path: string, name: string) => {
  const { resultId } = await engine.finish(engine.client['data-set/add']({ path, name }))
  const { images } = await engine.client['image/page']({ dataSetId: resultId!, limit: 1000 })
  return images
}

describe.skipIf(!goldenFolder)('the score of a text', () => {
  it('is the sum of the published terms, to the token', async () => {
    const texts = [0, 40, 300].map((at) => poolTexts[at]!)
    const explained = await engine.client['image/explain']({ modelId, imageId: sceneIds[0]!, texts })
    expect(explained).toMatchObject({ texts, layers, heads, tokens, gridRows: 12, gridColumns: 12, provider: 'cpu' })
    const embeddings = readGolden('pool_embeddings.npy').data
    const byToken = readGolden('attn_tokens.npy').data
    const byHead = readGolden('scenes_attn.npy').data
    const ofMlps = readGolden('scenes_mlp.npy').data
    texts.forEach((text, k) => {
      const at = poolTexts.indexOf(text)
      const t = embeddings.subarray(at * d, (at + 1) * d)
      const along = (rows: Float32Array, row: number) => dot(rows.subarray(row * d, (row + 1) * d), t)
      let furthest = 0
      for (let layer = 0; layer < layers; layer++) {
        for (let head = 0; head < heads; head++) {
          let sum = 0
          for (let token = 0; token < tokens; token++) {
            const ours = explained.byToken[((k * layers + layer) * heads + head) * tokens + token]!
            sum += ours
            furthest = Math.max(furthest, Math.abs(ours - along(byToken, (layer * tokens + token) * heads + head)))
          }
          furthest = Math.max(furthest, Math.abs(sum - along(byHead, layer * heads + head)))
        }
      }
      for (let term = 0; term <= layers; term++) {
        furthest = Math.max(furthest, Math.abs(explained.mlps[k * (layers + 1) + term]! - along(ofMlps, term)))
      }
      expect(furthest).toBeLessThan(1e-5)
      const whole = readGolden('scenes_representation.npy').data.subarray(0, d)
      expect(explained.scores[k]).toBeCloseTo(dot(whole, t) / Math.sqrt(dot(whole, whole)), 5)
      expect(Math.abs(explained.residuals[k]!)).toBeLessThan(3e-7)
    })
  })

  it('adds up under a Hugging Face checkpoint too', async () => {
    const tiny = await engine.client['model/add']({ folder: goldenPath('hf-tiny'), name: 'tiny' })
    const texts = ['a red duck']
    const explained = await engine.client['image/explain']({ modelId: tiny.id, imageId: sceneIds[0]!, texts })
    expect(explained).toMatchObject({ layers: 4, heads: 3, tokens: 17, gridRows: 4, gridColumns: 4 })
    expect(Math.abs(explained.scores[0]!)).toBeGreaterThan(1e-4)
    expect(Math.abs(explained.residuals[0]!)).toBeLessThan(3e-7)
  })

  it('adds up for every scene and for texts of no pool', async () => {
    for (const imageId of sceneIds) {
      const texts = ['a photo of nothing in particular', 'a photo of nothing in particular', 'x']
      const { scores, residuals } = await engine.client['image/explain']({ modelId, imageId, texts })
      expect(scores[0]).toBe(scores[1])
      expect(Math.max(...residuals.map(Math.abs))).toBeLessThan(3e-7)
    }
  })

  it("sums over heads to the reference's segmentation maps", async () => {
    const checkpoint = openCheckpoint(join(sampleFolder, 'model'))
    const tower = await openVisionTower(checkpoint, place.cacheFolder)
    const reader = await openImageReader({ kind: 'mat', root: join(sampleFolder, 'segmentation.mat') })
    try {
      const bases = await computeBases(checkpoint, allLayers(checkpoint), place.cacheFolder)
      const classifier = readGolden('object_classifier.npy').data
      const golden = readGolden('heat_decomposition.npy').data
      const shape = { ...checkpoint.config.vision, jointWidth: d }
      for (let image = 0; image < 10; image++) {
        const pass = await tower.pass(await reader.read(`#${image}`), allLayers(checkpoint))
        const direction = predictedAgainstMean(pass.representation, classifier)
        const { byToken } = await explainTexts(pass, bases, direction, shape)
        const map = new Float64Array(tokens - 1)
        byToken.forEach((score, at) => at % tokens > 0 && (map[(at % tokens) - 1]! += score))
        const heat = scaledHeat(map)
        expect(largestDifference(heat, golden.subarray(image * 96 * 96, (image + 1) * 96 * 96))).toBeLessThan(1e-3)
      }
    } finally {
      reader.close()
      await tower.close()
    }
  })
})

/** classifier[:, k] - mean_k classifier for the class k of the highest score. */
function predictedAgainstMean(representation: Float32Array, classifier: Float32Array): Float32Array {
  const count = classifier.length / d
  const column = (k: number) => Array.from({ length: d }, (_, i) => classifier[i * count + k]!)
  const scores = Array.from({ length: count }, (_, k) => dot(representation, column(k)))
  const best = column(scores.indexOf(Math.max(...scores)))
  return Float32Array.from(best, (value, i) => {
    const row = classifier.subarray(i * count, (i + 1) * count)
    return value - row.reduce((sum, other) => sum + other, 0) / count
  })
}

/** [12, 12] upsampled bilinearly to [96, 96] (align_corners = false), clipped at 0, scaled to 0..1 (spec 6). */
function scaledHeat(map: Float64Array): number[] {
  const place = (pixel: number) => Math.max(0, (pixel + 0.5) / 8 - 0.5)
  const heat: number[] = []
  for (let y = 0; y < 96; y++) {
    for (let x = 0; x < 96; x++) {
      const [top, left] = [Math.floor(place(y)), Math.floor(place(x))]
      const [down, right] = [place(y) - top, place(x) - left]
      const at = (row: number, column: number) => map[Math.min(11, row) * 12 + Math.min(11, column)]!
      const upper = at(top, left) * (1 - right) + at(top, left + 1) * right
      const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
      heat.push(Math.max(0, upper * (1 - down) + lower * down))
    }
  }
  const [from, to] = [Math.min(...heat), Math.max(...heat)]
  return heat.map((value) => (value - from) / (to - from))
}

describe('an image', () => {
  it('is read with its attributes', async () => {
    const image = await engine.client['image/read']({ imageId: sceneIds[0]! })
    expect(image).toMatchObject({ id: sceneIds[0], ordinal: 0, path: '0000.jpg', label: null, dataSetName: 'scenes' })
    expect(image.sizeBytes).toBe(statSync(join(sampleFolder, 'scenes', '0000.jpg')).size)
    expect(image.attributes).toMatchObject({ object: 'ball', place: 'snow', count: 'two' })
  })

  it('is shown upright and at most 1,600 px wide', async () => {
    const folder = join(place.folder, 'large')
    mkdirSync(folder)
    const background = { r: 200, g: 100, b: 50 }
    const large = sharp({ create: { width: 2000, height: 500, channels: 3, background } })
    await large.withMetadata({ orientation: 6 }).jpeg().toFile(join(folder, 'turned.jpg'))
    const [image] = await added(folder, 'large')
    const webp = await engine.client['image/picture']({ imageId: image!.id })
    expect(await sharp(webp).metadata()).toMatchObject({ format: 'webp', width: 400, height: 1600 })
    const [mat] = await added(join(sampleFolder, 'segmentation.mat'), 'segmentation')
    const fromMat = await sharp(await engine.client['image/picture']({ imageId: mat!.id })).metadata()
    expect(fromMat.format).toBe('webp')
  })

  it.skipIf(!goldenFolder)('is seen by the model as PIL would show it', async () => {
    const images = await added(goldenPath('odd-images'), 'odd')
    const golden = readGolden('odd_pixels.npy').data
    const { mean, standardDeviation } = openCheckpoint(join(sampleFolder, 'model')).config.preprocessing
    // The last one is WebP; JPEG and PNG decoders agree to a level or two, enlarged edges to five.
    for (const [at, image] of images.entries()) {
      const webp = await engine.client['image/model-view']({ modelId, imageId: image.id })
      const { data, info } = await sharp(webp).raw().toBuffer({ resolveWithObject: true })
      expect([info.width, info.height, info.channels]).toEqual([96, 96, 3])
      const expected = Array.from(data, (_, place) => {
        const channel = place % 3
        const value = golden[(at * 3 + channel) * 96 * 96 + Math.floor(place / 3)]!
        return (value * standardDeviation[channel]! + mean[channel]!) * 255
      })
      expect(largestDifference(data, expected), image.path).toBeLessThan(6)
    }
  })

  it('is called what the classifier says, from a run as from the model', async () => {
    const task = { classes: classes.objects, templates: classes.templates, attribute: 'object' }
    const imageId = sceneIds[0]!
    const before = await engine.client['image/predict']({ modelId, imageId, task })
    expect(before.classes.map(({ name }) => name).toSorted()).toEqual(classes.objects.toSorted())
    expect(before.classes.map(({ score }) => score)).toEqual(
      before.classes.map(({ score }) => score).toSorted((a, b) => b - a),
    )
    expect(before.truth).toBe('ball')
    if (goldenFolder) {
      const whole = readGolden('scenes_representation.npy').data.subarray(0, d)
      const classifier = readGolden('object_classifier.npy').data
      for (const { name, score } of before.classes) {
        const k = classes.objects.indexOf(name)
        const column = Array.from({ length: d }, (_, i) => classifier[i * 16 + k]!)
        expect(score).toBeCloseTo(dot(whole, column) / Math.sqrt(dot(whole, whole)), 5)
      }
    }
    const input = { modelId, dataSetId: scenesId, provider: 'cpu', limit: 4 } as const
    await engine.finish(engine.client['run/decompose'](input))
    const after = await engine.client['image/predict']({ modelId, imageId, task })
    after.classes.forEach(({ name, score }, at) => {
      expect(name).toBe(before.classes[at]!.name)
      expect(score).toBeCloseTo(before.classes[at]!.score, 5)
    })
    const places = { classes: ['snow', 'forest'], templates: ['{}'] }
    const truth = async (attribute?: string) =>
      (await engine.client['image/predict']({ modelId, imageId, task: { ...places, attribute } })).truth
    expect([await truth('place'), await truth('object'), await truth()]).toEqual(['snow', null, null])
  })

  it('that is missing or other is refused in words', async () => {
    const folder = join(place.folder, 'few')
    mkdirSync(folder)
    for (const name of ['0000.jpg', '0001.jpg']) {
      cpSync(join(sampleFolder, 'scenes', name), join(folder, name), { preserveTimestamps: true })
    }
    const [first, second] = await added(folder, 'few')
    rmSync(join(folder, '0000.jpg'))
    writeFileSync(join(folder, '0001.jpg'), 'other')
    const bytes = statSync(join(sampleFolder, 'scenes', '0001.jpg')).size
    const { client } = engine
    await expect(client['image/explain']({ modelId, imageId: first!.id, texts: ['a'] })).rejects.toMatchObject({
      code: 'not-found',
      message: '"0000.jpg" is not there any more.',
    })
    await expect(client['image/picture']({ imageId: second!.id })).rejects.toMatchObject({
      code: 'changed',
      message: `"0001.jpg" was changed after it was imported (${bytes} bytes then, 5 now).`,
    })
    await expect(client['image/read']({ imageId: 9999 })).rejects.toThrow('There is no image 9999 in this workspace.')
    rmSync(folder, { recursive: true })
    const { isPresent } = (await client['data-set/list']({})).find(({ name }) => name === 'few')!
    expect(isPresent).toBe(false)
    await expect(client['image/model-view']({ modelId, imageId: first!.id })).rejects.toMatchObject({
      code: 'not-found',
      message: `The data set's images must be in "${folder}"; it is not there. Relink it.`,
    })
  })
})
