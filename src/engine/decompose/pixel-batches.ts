/**
 * Decoded and preprocessed images in batches, the next batch under way while the one before is used. An image that
 * cannot be read is left out with its reason.
 */
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { DataSetKind } from '../../contract/data-set.ts'
import type { ImageReader, Preprocessor } from '../dataset/index.ts'
import type { Skip, StoredImage } from '../store/index.ts'

export type PixelBatch = {
  images: StoredImage[]
  /** [images, 3, S, S] */
  pixels: Float32Array
  skips: Skip[]
}

export type ImageSource = {
  kind: DataSetKind
  root: string
  reader: ImageReader
  preprocessor: Preprocessor
  sizePx: number
}

export function pixelBatches(
  images: StoredImage[],
  batchSize: number,
  source: ImageSource,
): AsyncGenerator<PixelBatch> {
  return batchesAhead(images, batchSize, (batch) => readBatch(batch, source))
}

/** What `read` makes of each batch, in order; the next batch is read while the one before is used. */
export async function* batchesAhead<Batch>(
  images: StoredImage[],
  batchSize: number,
  read: (batch: StoredImage[]) => Promise<Batch>,
): AsyncGenerator<Batch> {
  const start = (from: number) => (from < images.length ? read(images.slice(from, from + batchSize)) : undefined)
  let next = start(0)
  for (let from = batchSize; next; from += batchSize) {
    const batch = await next
    next = start(from)
    // Whoever stops reading must not leave a rejected promise behind.
    next?.catch(() => {})
    yield batch
  }
}

async function readBatch(images: StoredImage[], source: ImageSource): Promise<PixelBatch> {
  const decoded = await Promise.all(images.map((image) => decodeOrReason(image, source)))
  const length = 3 * source.sizePx ** 2
  const kept: StoredImage[] = []
  const skips: Skip[] = []
  const pixels = new Float32Array(images.length * length)
  for (const [at, result] of decoded.entries()) {
    if ('reason' in result) skips.push({ imageId: images[at]!.id, reason: result.reason })
    else {
      await source.preprocessor.writePixels(result, pixels, kept.length * length)
      kept.push(images[at]!)
    }
  }
  return { images: kept, pixels: pixels.subarray(0, kept.length * length), skips }
}

type Decoded = Awaited<ReturnType<ImageReader['read']>>

async function decodeOrReason(image: StoredImage, source: ImageSource): Promise<Decoded | { reason: string }> {
  try {
    if (source.kind !== 'mat') await refuseChanged(join(source.root, image.path), image)
    return await source.reader.read(image.path)
  } catch (error) {
    if (error instanceof HeadwiseError) return { reason: error.message }
    throw error
  }
}

/** An image that was changed since it was imported is another image: it is reported, not mixed in. */
export async function refuseChanged(path: string, image: StoredImage): Promise<void> {
  const now = await stat(path).catch(() => undefined)
  if (!now) throw new HeadwiseError('not-found', `"${basename(path)}" is not there any more.`)
  if (now.size === image.sizeBytes && now.mtimeMs === image.modifiedMs) return
  const how =
    now.size === image.sizeBytes
      ? 'as many bytes, another time of change'
      : `${image.sizeBytes} bytes then, ${now.size} now`
  throw new HeadwiseError('changed', `"${basename(path)}" was changed after it was imported (${how}).`)
}
