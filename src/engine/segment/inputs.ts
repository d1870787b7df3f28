/**
 * Batches of what an evaluation needs of images: pixels as the model sees them and masks at the same size, the next
 * batch under way while the one before is used. What cannot be read is left out with its reason.
 */
import { join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { SegmentProtocol } from '../../contract/segment.ts'
import type { DecodedImage, ImageReader, Preprocessor } from '../dataset/index.ts'
import { batchesAhead, refuseChanged } from '../decompose/index.ts'
import type { StoredDataSet, StoredImage } from '../store/index.ts'
import { maskForModel } from './truth/mask.ts'
import type { Truth } from './truth/truth.ts'

export type InputImage = StoredImage & { truths: Record<SegmentProtocol, Uint8Array<ArrayBuffer>> }

export type InputBatch = {
  images: InputImage[]
  /** [images, 3, S, S] */
  pixels: Float32Array
  skips: { image: StoredImage; reason: string }[]
}

export type InputSource = {
  dataSet: StoredDataSet
  reader: ImageReader
  preprocessor: Preprocessor
  truth: Truth
  sizePx: number
}

export function inputBatches(
  images: StoredImage[],
  batchSize: number,
  source: InputSource,
): AsyncGenerator<InputBatch> {
  return batchesAhead(images, batchSize, (batch) => readBatch(batch, source))
}

async function readBatch(images: StoredImage[], source: InputSource): Promise<InputBatch> {
  const read = await Promise.all(images.map((image) => readOrReason(image, source)))
  const length = 3 * source.sizePx ** 2
  const pixels = new Float32Array(images.length * length)
  const batch: InputBatch = { images: [], pixels, skips: [] }
  for (const [at, result] of read.entries()) {
    const image = images[at]!
    if ('reason' in result) batch.skips.push({ image, reason: result.reason })
    else {
      await source.preprocessor.writePixels(result.decoded, pixels, batch.images.length * length)
      batch.images.push({ ...image, truths: result.truths })
    }
  }
  return { ...batch, pixels: pixels.subarray(0, batch.images.length * length) }
}

type Read = { decoded: DecodedImage; truths: InputImage['truths'] }

async function readOrReason(
  image: StoredImage,
  { dataSet, reader, truth, sizePx }: InputSource,
): Promise<Read | { reason: string }> {
  try {
    if (dataSet.kind !== 'mat') await refuseChanged(join(dataSet.root, image.path), image)
    const decoded = await reader.read(image.path)
    const mask = await truth.read(image, decoded)
    const truths = {
      'as-published': maskForModel(mask, sizePx, 'as-published'),
      aligned: maskForModel(mask, sizePx, 'aligned'),
    }
    return { decoded, truths }
  } catch (error) {
    if (error instanceof HeadwiseError) return { reason: error.message }
    throw error
  }
}
