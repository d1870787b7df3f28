/** From the pixels that a model saw back to those of the image: the way of the resize and the crop the other way round. */
import { cropOffset, resizedSize } from '../../dataset/preprocess.ts'
import { type Mask, nearestPixels } from '../truth/mask.ts'

/**
 * @param foreground [S, S], 0 or 1, as the model saw the image
 * @returns          at the image's size; what the crop left out is background
 */
export function maskOfImage(
  foreground: Uint8Array,
  sizePx: number,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): Mask {
  const resized = resizedSize(widthPx, heightPx, sizePx)
  const left = cropOffset(resized.width, sizePx)
  const top = cropOffset(resized.height, sizePx)
  const columns = nearestPixels(resized.width, widthPx)
  const rows = nearestPixels(resized.height, heightPx)
  const full = new Uint8Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    const fromY = rows[y]! - top
    if (fromY < 0 || fromY >= sizePx) continue
    for (let x = 0; x < widthPx; x++) {
      const fromX = columns[x]! - left
      if (fromX >= 0 && fromX < sizePx) full[y * widthPx + x] = foreground[fromY * sizePx + fromX]!
    }
  }
  return { widthPx, heightPx, foreground: full }
}
