/**
 * Masks as PNG files in a folder that is laid out like the images': "owl/0001.png" is the mask of "owl/0001.jpg".
 * Grey, 0 is background, 1 or 255 foreground (in 16 bits also 65535). Palettes of greys count as greys.
 */
import { createHash } from 'node:crypto'
import { opendir, stat } from 'node:fs/promises'
import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import sharp from 'sharp'
import { HeadwiseError } from '../../../contract/errors.ts'
import { refuseOtherSize, valuesInWords } from './mask.ts'
import type { Truth, TruthImage, TruthProblem } from './truth.ts'

/** @throws HeadwiseError 'not-found' when the folder is not there */
export async function openPngTruth(folder: string, images: TruthImage[]): Promise<Truth> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new HeadwiseError(
      'not-found',
      `The masks must be in the folder "${folder}"; it is not there. Link them again.`,
    )
  }
  const found = new Map((await pngPaths(folder, '')).map((path) => [stemOf(path), path]))
  const hash = createHash('sha256').update('png')
  const problems: TruthProblem[] = []
  const wanted = new Set<string>()
  for (const { path } of images) {
    const stem = stemOf(path)
    wanted.add(stem)
    const mask = found.get(stem)
    if (mask === undefined) problems.push({ where: path, reason: `There is no mask "${stem}.png".` })
    else hash.update(JSON.stringify([mask, (await stat(join(folder, mask))).size]))
  }
  const masks = images.length - problems.length
  for (const [stem, path] of found) {
    if (!wanted.has(stem)) problems.push({ where: path, reason: 'The data set has no image of this name.' })
  }
  return {
    kind: 'png',
    masks,
    problems,
    hash: hash.digest('hex'),
    async read({ path }, imageSize) {
      const mask = found.get(stemOf(path))
      if (mask === undefined) throw new HeadwiseError('not-found', `There is no mask "${stemOf(path)}.png".`)
      return readMask(join(folder, mask), `Mask "${mask}"`, imageSize)
    },
    close: () => {},
  }
}

function stemOf(path: string): string {
  return path.slice(0, path.length - extname(path).length)
}

async function pngPaths(root: string, folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const entry of await opendir(join(root, folder))) {
    if (entry.name.startsWith('.')) continue
    const path = folder ? `${folder}/${entry.name}` : entry.name
    if (entry.isDirectory()) found.push(...(await pngPaths(root, path)))
    else if (entry.isFile() && extname(entry.name).toLowerCase() === '.png') found.push(path)
  }
  return found.sort()
}

type Pixels = { widthPx: number; heightPx: number; channels: number; values: Uint8Array | Uint16Array }

async function readMask(path: string, name: string, imageSize: { widthPx: number; heightPx: number }) {
  const { widthPx, heightPx, channels, values } = await decodeMask(path, name)
  refuseOtherSize(name, { widthPx, heightPx }, imageSize)
  const hasColors = channels > 2
  const foreground = new Uint8Array(widthPx * heightPx)
  const others = new Set<number>()
  const ones = new Set<number>()
  for (let at = 0; at < foreground.length; at++) {
    const value = values[at * channels]!
    if (hasColors && (values[at * channels + 1] !== value || values[at * channels + 2] !== value)) {
      const color = [...values.subarray(at * channels, at * channels + 3)].join(', ')
      throw new HeadwiseError('damaged', `${name} must be grey; it holds the colour (${color}).`)
    }
    if (value === 0) continue
    foreground[at] = 1
    ;(value === 1 || value === 255 || value === 65535 ? ones : others).add(value)
  }
  if (others.size > 0) {
    throw new HeadwiseError(
      'damaged',
      `${name} must hold 0 for background and 1 or 255 for foreground; it holds ${valuesInWords(others)} too.`,
    )
  }
  if (ones.size > 1) {
    throw new HeadwiseError(
      'damaged',
      `${name} must hold one value for foreground; it holds ${valuesInWords(ones)}, and which of them is meant is not clear.`,
    )
  }
  return { widthPx, heightPx, foreground }
}

async function decodeMask(path: string, name: string): Promise<Pixels> {
  try {
    const image = sharp(path, { failOn: 'truncated', ignoreIcc: true })
    const { depth } = await image.metadata()
    const isDeep = depth === 'ushort'
    // Sixteen bits stay sixteen: the upper half of a 1 is 0.
    const { data, info } = await (isDeep ? image.toColourspace('grey16') : image)
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
    return { widthPx: info.width, heightPx: info.height, channels: info.channels, values }
  } catch (cause) {
    throw new HeadwiseError('damaged', `${name} must be a whole PNG; it is damaged or cut off.`, { cause })
  }
}
