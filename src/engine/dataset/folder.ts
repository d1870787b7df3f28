/**
 * Folders of images: class subfolders (the first folder is the label) or flat. A first level of train, val, valid,
 * validation or test is the split, and the label is the level below. Paths are sorted by code units with runs of
 * digits compared as numbers, which is the same order on every machine. Links are not followed.
 */
import { opendir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { ImportedDataSet, ImportedImage, ImportOptions } from './types.ts'

/** What the decoder's prebuilt binaries read on all three systems. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']

const splitNames: Record<string, string> = {
  train: 'train',
  val: 'valid',
  valid: 'valid',
  validation: 'valid',
  test: 'test',
}

export async function readFolder(root: string, { signal, onProgress }: ImportOptions = {}): Promise<ImportedDataSet> {
  const paths = (await listImages(root, '', signal)).sort(byNaturalOrder)
  if (paths.length === 0) {
    throw new HeadwiseError('bad-input', `"${root}" must hold images (${imageExtensions.join(', ')}); none was found.`)
  }
  const images: ImportedImage[] = []
  for (const path of paths) {
    signal?.throwIfAborted()
    const { size, mtimeMs } = await stat(join(root, path))
    images.push({ path, ...placeOf(path), attributes: {}, sizeBytes: size, modifiedMs: mtimeMs })
    onProgress?.(images.length)
  }
  return { kind: 'folder', root, columns: [], images, problems: [] }
}

async function listImages(root: string, folder: string, signal?: AbortSignal): Promise<string[]> {
  signal?.throwIfAborted()
  const found: string[] = []
  for await (const entry of await opendir(join(root, folder))) {
    if (entry.name.startsWith('.')) continue
    const path = folder ? `${folder}/${entry.name}` : entry.name
    if (entry.isDirectory()) found.push(...(await listImages(root, path, signal)))
    else if (entry.isFile() && imageExtensions.includes(extname(entry.name).toLowerCase())) found.push(path)
  }
  return found
}

function placeOf(path: string): { label: string | null; split: string | null } {
  const folders = path.split('/').slice(0, -1)
  const split = splitNames[folders[0]?.toLowerCase() ?? ''] ?? null
  return { split, label: folders[split === null ? 0 : 1] ?? null }
}

/** "img2" before "img10"; equal but for leading zeros falls back to plain order. */
export function byNaturalOrder(a: string, b: string): number {
  const left = a.split(/(\d+)/)
  const right = b.split(/(\d+)/)
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [x, y] = [left[at]!, right[at]!]
    const difference = at % 2 === 1 ? Number(x) - Number(y) : 0
    if (difference !== 0) return difference
    if (x !== y && Number(x) !== Number(y)) return x < y ? -1 : 1
  }
  if (left.length !== right.length) return left.length - right.length
  return a < b ? -1 : a > b ? 1 : 0
}
