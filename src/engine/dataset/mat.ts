/**
 * Images of ImageNet-segmentation's gtsegs_ijcv.mat (spec 6): MATLAB 7.3, that is HDF5 behind 512 bytes.
 * /value/img holds n references to uint8 [3, W, H]; h5wasm reads them from disk one by one. Leaves the masks out.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Dataset, File as Hdf5File, Group, ready, type Reference } from 'h5wasm/node'
import { HeadwiseError } from '../../contract/errors.ts'
import type { DecodedImage, ImportedDataSet, ImportedImage } from './types.ts'

export async function readMatFile(path: string): Promise<ImportedDataSet> {
  const file = await openMatFile(path)
  try {
    const count = references(file, path, 'img')!.length
    if (count === 0)
      throw new HeadwiseError('bad-input', `"${basename(path)}" must hold images in /value/img; it has none.`)
    const names = references(file, path, 'id', true)
    const { size, mtimeMs } = statSync(path)
    const images: ImportedImage[] = []
    for (let at = 0; at < count; at++) {
      const id = names?.[at] ? textAt(file, names[at]!) : undefined
      const attributes: Record<string, string> = id === undefined ? {} : { id }
      images.push({ path: `#${at}`, label: null, split: null, attributes, sizeBytes: size, modifiedMs: mtimeMs })
    }
    return { kind: 'mat', root: resolve(path), columns: names ? ['id'] : [], images, problems: [] }
  } finally {
    file.close()
  }
}

export async function openMatReader(path: string): Promise<{ read(at: number): DecodedImage; close(): void }> {
  const file = await openMatFile(path)
  const images = references(file, path, 'img')!
  return {
    read(at) {
      const reference = images[at]
      if (!reference)
        throw new HeadwiseError(
          'not-found',
          `"${basename(path)}" has no image ${at}; images run from 0 to ${images.length - 1}.`,
        )
      return imageAt(file, path, reference, at)
    },
    close: () => file.close(),
  }
}

async function openMatFile(path: string): Promise<Hdf5File> {
  refuseOtherMat(path)
  const library = await ready
  // The library would otherwise print its whole call stack and go on with an invalid file.
  library.activate_throwing_error_handler()
  try {
    return new Hdf5File(path, 'r')
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${basename(path)}" must be a MATLAB 7.3 file; its HDF5 part cannot be read.`, {
      cause,
    })
  }
}

/** MATLAB's text header names the version; version 5 files are another format. */
function refuseOtherMat(path: string): void {
  const header = Buffer.alloc(19)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, header.length, 0)
  } finally {
    closeSync(file)
  }
  const text = header.toString('latin1')
  if (text.startsWith('MATLAB 7.3')) return
  const found = text.startsWith('MATLAB 5.0') ? 'a MATLAB 5 file; save it with "-v7.3"' : 'another kind of file'
  throw new HeadwiseError('unsupported', `"${basename(path)}" must be a MATLAB 7.3 file; it is ${found}.`)
}

function references(file: Hdf5File, path: string, name: string, isOptional = false): Reference[] | undefined {
  const group = file.keys().includes('value') ? file.get('value') : null
  const dataset = group instanceof Group && group.keys().includes(name) ? group.get(name) : null
  if (dataset instanceof Dataset) return (dataset.value as Reference[]).flat() as Reference[]
  if (isOptional) return undefined
  throw new HeadwiseError('damaged', `"${basename(path)}" must hold /value/${name}; it does not.`)
}

function textAt(file: Hdf5File, reference: Reference): string {
  const text: unknown = file.dereference(reference)
  return text instanceof Dataset ? String.fromCharCode(...(text.value as Uint16Array)) : ''
}

function imageAt(file: Hdf5File, path: string, reference: Reference, at: number): DecodedImage {
  const dataset: unknown = file.dereference(reference)
  const shape = dataset instanceof Dataset ? dataset.shape : null
  const planes = dataset instanceof Dataset ? dataset.value : null
  if (shape?.length !== 3 || shape[0] !== 3 || !(planes instanceof Uint8Array)) {
    throw new HeadwiseError(
      'damaged',
      `Image ${at} of "${basename(path)}" must be uint8 [3, width, height]; it is [${shape?.join(', ') ?? ''}].`,
    )
  }
  const [, widthPx, heightPx] = shape as [number, number, number]
  return { widthPx, heightPx, rgb: interleaved(planes, widthPx, heightPx) }
}

/** [3, x, y] to [y, x, 3]. */
function interleaved(planes: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const rgb = new Uint8Array(planes.length)
  for (let channel = 0; channel < 3; channel++) {
    for (let x = 0; x < widthPx; x++) {
      const from = (channel * widthPx + x) * heightPx
      for (let y = 0; y < heightPx; y++) rgb[(y * widthPx + x) * 3 + channel] = planes[from + y]!
    }
  }
  return rgb
}
