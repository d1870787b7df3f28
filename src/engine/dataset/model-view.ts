/** The pixels that a model sees of an image, as a picture: preprocessing with its last step taken back. */
import sharp from 'sharp'
import type { Preprocessing } from '../../contract/model.ts'
import type { Preprocessor } from './preprocess.ts'
import type { DecodedImage } from './types.ts'

/** @returns lossless WebP, [S, S] */
export async function modelView(
  image: DecodedImage,
  preprocessor: Preprocessor,
  preprocessing: Preprocessing,
): Promise<Uint8Array<ArrayBuffer>> {
  const { sizePx } = preprocessing
  const pixels = new Float32Array(3 * sizePx ** 2)
  await preprocessor.writePixels(image, pixels, 0)
  const rgb = levelsOf(pixels, preprocessing)
  const webp = await sharp(rgb, { raw: { width: sizePx, height: sizePx, channels: 3 } })
    .webp({ lossless: true })
    .toBuffer()
  return new Uint8Array(webp)
}

/** (x / 255 - mean) / std of whole levels, back to the levels: [3, S, S] to [S, S, 3]. */
export function levelsOf(pixels: Float32Array, { sizePx, mean, standardDeviation }: Preprocessing): Uint8Array {
  const size = sizePx ** 2
  const rgb = new Uint8Array(3 * size)
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < size; at++) {
      const level = (pixels[channel * size + at]! * standardDeviation[channel]! + mean[channel]!) * 255
      rgb[at * 3 + channel] = Math.round(level)
    }
  }
  return rgb
}
