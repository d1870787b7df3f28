/**
 * Image files to RGB as PIL gives it: EXIF orientation applied, colour profiles ignored, alpha dropped, the first
 * frame. Nothing is shrunk on load, so that preprocessing sees every pixel.
 */
import { basename } from 'node:path'
import { stat } from 'node:fs/promises'
import sharp from 'sharp'
import { HeadwiseError } from '../../contract/errors.ts'
import type { DecodedImage } from './types.ts'

// Images go through once, and several at a time: neither a cache nor threads inside one image would help.
sharp.cache(false)
sharp.concurrency(1)

const largestPixels = 300_000_000

/** @throws HeadwiseError 'damaged' with the file's name when it is empty, cut off, too large or no image */
export async function decodeImage(path: string): Promise<DecodedImage> {
  const name = basename(path)
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new HeadwiseError('not-found', `There is no file "${name}".`)
  if (found.size === 0) throw new HeadwiseError('damaged', `"${name}" must be an image; it has 0 bytes.`)
  try {
    const { data, info } = await sharp(path, { failOn: 'truncated', ignoreIcc: true, limitInputPixels: largestPixels })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { widthPx: info.width, heightPx: info.height, rgb: data }
  } catch (cause) {
    throw new HeadwiseError('damaged', reasonOf(name, cause instanceof Error ? cause.message : String(cause)), {
      cause,
    })
  }
}

function reasonOf(name: string, message: string): string {
  if (/unsupported image format/i.test(message))
    return `"${name}" must be an image; its content is of no known image format.`
  if (/pixel limit/i.test(message))
    return `"${name}" must have at most ${largestPixels / 1e6} million pixels; it has more.`
  return `"${name}" must be a whole image; it is damaged or cut off (${message.trim().split('\n')[0]}).`
}

/** @returns WebP, `sizePx` on the longest side at most */
export async function thumbnail({ rgb, widthPx, heightPx }: DecodedImage, sizePx = 128): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .resize(sizePx, sizePx, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer()
}

const largestPictureSidePx = 1600

/** The whole image for people to look at. @returns WebP, 1,600 px on the longest side at most */
export async function picture({ rgb, widthPx, heightPx }: DecodedImage): Promise<Uint8Array<ArrayBuffer>> {
  const webp = await sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .resize(largestPictureSidePx, largestPictureSidePx, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 90, effort: 2 })
    .toBuffer()
  return new Uint8Array(webp)
}
