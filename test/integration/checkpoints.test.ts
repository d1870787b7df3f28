/** Checkpoints of every layout, precision and prefix give the numbers that they must. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allLayers, computeBases, openDecomposer } from '../../src/engine/decompose/index.ts'
import { type Checkpoint, openCheckpoint } from '../../src/engine/model/index.ts'
import { Tensor, createSession } from '../../src/engine/runtime/session.ts'
import { textGraph } from '../../src/engine/graph/index.ts'
import { openTextTower } from '../../src/engine/text-pool/index.ts'
import { asBfloat16, asFloat32, floatsOf, type RawTensor, variantOfSample } from '../support/checkpoint-files.ts'
import { goldenFolder, goldenPath, readGolden } from '../support/golden.ts'
import { largestDifference, type Place, sampleFolder, temporaryFolder } from '../support/sample.ts'

let place: Place
beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

async function represent(checkpoint: Checkpoint, pixels: Float32Array, images: number) {
  const decomposer = await openDecomposer(checkpoint, { classToClass: true, cacheFolder: place.cacheFolder })
  try {
    return await decomposer.decompose(pixels, images)
  } finally {
    await decomposer.close()
  }
}

function testPixels(checkpoint: Checkpoint, images: number): Float32Array {
  const { imageSizePx } = checkpoint.config.vision
  return Float32Array.from(
    { length: images * 3 * imageSizePx ** 2 },
    (_, at) => Math.sin(at * 0.37) * Math.cos(at * 0.011),
  )
}

describe('precisions and prefixes', () => {
  const original = openCheckpoint(join(sampleFolder, 'model'))
  const pixels = testPixels(original, 2)

  it('gives the same numbers from float32 weights under "module." and "text." prefixes', async () => {
    const isText = (name: string) => !name.startsWith('visual.') && name !== 'logit_scale'
    const tensors = (all: RawTensor[]) =>
      all
        .map(asFloat32)
        .map((tensor) => ({ ...tensor, name: `module.${isText(tensor.name) ? 'text.' : ''}${tensor.name}` }))
    const prefixed = openCheckpoint(variantOfSample(join(place.folder, 'prefixed'), { tensors }))
    const [ours, theirs] = [await represent(prefixed, pixels, 2), await represent(original, pixels, 2)]
    expect(largestDifference(ours.representation, theirs.representation)).toBeLessThan(1e-6)
    expect(largestDifference(ours.attended, theirs.attended)).toBeLessThan(1e-5)
    const texts = ['a red duck on the lake', 'two keys']
    const embed = async (checkpoint: Checkpoint) => {
      const encoder = await openTextTower(checkpoint, place.cacheFolder)
      const embedded = await encoder.embed(texts)
      await encoder.close()
      return embedded.flatMap(({ embedding }) => [...embedding])
    }
    expect(largestDifference(await embed(prefixed), await embed(original))).toBeLessThan(1e-6)
  })

  it('reads bfloat16 as the upper half of float32', async () => {
    const half = variantOfSample(join(place.folder, 'bf16'), { tensors: (all) => all.map(asBfloat16) })
    const truncated = variantOfSample(join(place.folder, 'bf16-as-f32'), {
      tensors: (all) =>
        all.map((tensor) => {
          const words = new Uint32Array(floatsOf(tensor).buffer).map((word) => word & 0xffff0000)
          return { ...tensor, dtype: 'F32', bytes: new Uint8Array(words.buffer) }
        }),
    })
    const ours = await represent(openCheckpoint(half), pixels, 2)
    const theirs = await represent(openCheckpoint(truncated), pixels, 2)
    expect(largestDifference(ours.representation, theirs.representation)).toBeLessThan(1e-6)
    // And not by accident: bfloat16 is coarse enough to be seen.
    const exact = await represent(original, pixels, 2)
    expect(largestDifference(ours.representation, exact.representation)).toBeGreaterThan(1e-4)
  })
})

describe.skipIf(!goldenFolder)('a Hugging Face checkpoint with quick GELU', () => {
  it('agrees with the transformers library on images, texts and every term', async () => {
    const checkpoint = openCheckpoint(goldenPath('hf-tiny'))
    const pixels = readGolden('hf-tiny/expected_pixels.npy')
    const result = await represent(checkpoint, pixels.data, pixels.shape[0]!)
    const unnormalised = result.representation.map((value, at) => value * result.norm[Math.floor(at / 40)]!)
    expect(largestDifference(unnormalised, readGolden('hf-tiny/expected_image.npy').data)).toBeLessThan(1e-5)
    const bases = await computeBases(checkpoint, allLayers(checkpoint), place.cacheFolder)
    expect(
      largestDifference(headTerms(checkpoint, result, bases), readGolden('hf-tiny/expected_attn.npy').data),
    ).toBeLessThan(1e-5)
    const ids = readGolden<Int32Array>('hf-tiny/expected_ids.npy')
    const [texts, length] = ids.shape as [number, number]
    const ends = Array.from(
      { length: texts },
      (_, row) => row * length + ids.data.subarray(row * length, (row + 1) * length).indexOf(1023),
    )
    const weights = { path: checkpoint.weightsPath, cacheFolder: place.cacheFolder }
    const session = await createSession(textGraph(checkpoint), { weights })
    const { embeddings } = await session.run({
      ids: new Tensor('int64', BigInt64Array.from(ids.data, BigInt), [texts, length]),
      ends: new Tensor('int64', BigInt64Array.from(ends, BigInt), [texts]),
    })
    await session.release()
    expect(
      largestDifference(embeddings!.data as Float32Array, unit(readGolden('hf-tiny/expected_text.npy').data, 40)),
    ).toBeLessThan(1e-5)
  })
})

describe('in-memory weights', () => {
  it('give the same numbers where no link to the weights can be made', async () => {
    const checkpoint = openCheckpoint(join(sampleFolder, 'model'))
    const pixels = testPixels(checkpoint, 1)
    const linked = await represent(checkpoint, pixels, 1)
    // A folder on another file system refuses hard links.
    const elsewhere = process.platform === 'linux' ? '/dev/shm/headwise-test-cache' : place.cacheFolder
    const decomposer = await openDecomposer(checkpoint, { classToClass: true, cacheFolder: elsewhere })
    const copied = await decomposer.decompose(pixels, 1)
    await decomposer.close()
    expect(largestDifference(copied.representation, linked.representation)).toBe(0)
  })
})

function headTerms(
  checkpoint: Checkpoint,
  result: Awaited<ReturnType<typeof represent>>,
  bases: Awaited<ReturnType<typeof computeBases>>,
) {
  const { layers, heads, headWidth, width } = checkpoint.config.vision
  const d = checkpoint.config.jointWidth
  const T = 2 * layers + 1
  const terms = new Float32Array(result.images * layers * heads * d)
  for (let row = 0; row < result.images * layers; row++) {
    const [image, layer] = [Math.floor(row / layers), row % layers]
    const [mean, scale, norm] = [result.mean[image]!, result.scale[image]!, result.norm[image]!]
    for (let head = 0; head < heads; head++) {
      for (let k = 0; k < d; k++) {
        let sum = bases.B.get(layer)![k]! / heads - (bases.G[k]! * mean) / (T * heads)
        for (let i = head * headWidth; i < (head + 1) * headWidth; i++)
          sum += result.attended[row * width + i]! * bases.A.get(layer)![i * d + k]!
        terms[(row * heads + head) * d + k] = sum / (scale * norm) + bases.E[k]! / (T * heads * norm)
      }
    }
  }
  return terms
}

function unit(rows: Float32Array, d: number): Float32Array {
  return rows.map(
    (value, at) => value / Math.hypot(...rows.subarray(Math.floor(at / d) * d, Math.floor(at / d) * d + d)),
  )
}
