/** Masks of images, and how they come to the size of a model's input (spec 6). */
import type { SegmentProtocol } from '../../../contract/segment.ts'
import { HeadwiseError } from '../../../contract/errors.ts'
import { cropOffset, resizedSize } from '../../dataset/preprocess.ts'

/** Row by row, 0 background, 1 foreground. */
export type Mask = { widthPx: number; heightPx: number; foreground: Uint8Array }

/** @throws HeadwiseError 'damaged' when the mask is not of its image's size */
export function refuseOtherSize(name: string, mask: { widthPx: number; heightPx: number }, image: typeof mask): void {
  if (mask.widthPx === image.widthPx && mask.heightPx === image.heightPx) return
  throw new HeadwiseError(
    'damaged',
    `${name} must be ${image.widthPx}x${image.heightPx} px like its image; it is ${mask.widthPx}x${mask.heightPx} px.`,
  )
}

const mostValuesNamed = 5

/** "2 and 7"; many are counted. */
export function valuesInWords(values: Iterable<number>): string {
  const sorted = [...values].sort((a, b) => a - b)
  const named = sorted.slice(0, mostValuesNamed).map(String)
  const more = sorted.length - named.length
  if (more > 0) return `${named.join(', ')} and ${more} more`
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}

/**
 * A mask at the input's size. As published it is squashed to S x S; aligned, it goes through the resize and the crop
 * of its image (spec 8). Both take the nearest pixel, so that it stays a mask.
 * @returns [S, S], row by row, 0 or 1
 */
export function maskForModel(
  { widthPx, heightPx, foreground }: Mask,
  sizePx: number,
  protocol: SegmentProtocol,
): Uint8Array<ArrayBuffer> {
  const isAligned = protocol === 'aligned'
  const resized = isAligned ? resizedSize(widthPx, heightPx, sizePx) : { width: sizePx, height: sizePx }
  const columns = nearestPixels(widthPx, resized.width)
  const rows = nearestPixels(heightPx, resized.height)
  const left = isAligned ? cropOffset(resized.width, sizePx) : 0
  const top = isAligned ? cropOffset(resized.height, sizePx) : 0
  const scaled = new Uint8Array(sizePx ** 2)
  for (let y = 0; y < sizePx; y++) {
    const from = rows[top + y]! * widthPx
    for (let x = 0; x < sizePx; x++) scaled[y * sizePx + x] = foreground[from + columns[left + x]!]!
  }
  return scaled
}

/**
 * The pixel that each of `to` pixels takes of `from`, as PIL's NEAREST: the one under its centre. Centres are summed
 * up step by step, as PIL does, since some of them fall on a border between two pixels.
 * Source: Pillow, src/libImaging/Geometry.c, ImagingScaleAffine (HPND licence).
 */
export function nearestPixels(from: number, to: number): Int32Array {
  const step = from / to
  const pixels = new Int32Array(to)
  let centre = step * 0.5
  for (let at = 0; at < to; at++) {
    pixels[at] = Math.min(from - 1, Math.trunc(centre))
    centre += step
  }
  return pixels
}
