/**
 * Images and masks of ImageNet-segmentation's gtsegs_ijcv.mat (spec 6): MATLAB 7.3, that is HDF5 behind 512 bytes.
 * /value/img holds n references to uint8 [3, W, H], /value/gt n references to a reference to uint8 [W, H]; h5wasm reads
 * them from disk one by one.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Dataset, File as Hdf5File, Group, ready, Reference } from 'h5wasm/node'
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
    const ids = Array.from({ length: count }, (_, at) => (names?.[at] ? textAt(file, names[at]!) : undefined))
    const labels = labelsOf(ids)
    const images = ids.map((id, at): ImportedImage => {
      const attributes: Record<string, string> = id === undefined ? {} : { id }
      return { path: `#${at}`, label: labels[at]!, split: null, attributes, sizeBytes: size, modifiedMs: mtimeMs }
    })
    return { kind: 'mat', root: resolve(path), columns: names ? ['id'] : [], images, problems: [] }
  } finally {
    file.close()
  }
}

/** ImageNet's ids begin with that of the class: n01440764_10026. Where one does not, none is taken for a label. */
function labelsOf(ids: (string | undefined)[]): (string | null)[] {
  const classes = ids.map((id) => /^(.+)_\d+$/.exec(id ?? '')?.[1] ?? null)
  return classes.includes(null) ? ids.map(() => null) : classes
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

export type MatMasks = {
  /** references to masks, whether or not they lead to any */
  count: number
  /**
   * @returns the mask's pixels, row by row, as they are in the file
   * @throws HeadwiseError 'not-found' or 'damaged' when there is none, its reference is dangling, or it is no mask
   */
  read(at: number): { widthPx: number; heightPx: number; pixels: Uint8Array }
  /** Whether a mask is there and of the right form, without its pixels. @throws HeadwiseError as `read` */
  check(at: number): void
  close(): void
}

/** @throws HeadwiseError 'unsupported' or 'damaged' when it is no such file or lacks /value/gt */
export async function openMatMasks(path: string): Promise<MatMasks> {
  const file = await openMatFile(path)
  let masks: Reference[]
  try {
    masks = references(file, path, 'gt')!
  } catch (error) {
    file.close()
    throw error
  }
  return {
    count: masks.length,
    read(at) {
      const dataset = maskAt(file, path, masks[at], at)
      const [widthPx, heightPx] = dataset.shape as [number, number]
      return { widthPx, heightPx, pixels: rowByRow(dataset.value as Uint8Array, widthPx, heightPx) }
    },
    check: (at) => void maskAt(file, path, masks[at], at),
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
  const dataset = followed(file, reference, `Image ${at} of "${basename(path)}"`)
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

function maskAt(file: Hdf5File, path: string, reference: Reference | undefined, at: number): Dataset {
  const name = `Mask ${at} of "${basename(path)}"`
  if (!reference) throw new HeadwiseError('not-found', `${name} is not there.`)
  const cell = followed(file, reference, name)
  const inner = cell instanceof Dataset ? (cell.value as unknown) : undefined
  const first: unknown = Array.isArray(inner) ? (inner.flat() as unknown[])[0] : undefined
  if (!(first instanceof Reference)) {
    throw new HeadwiseError('damaged', `${name} must be a cell that refers to its pixels; it is none.`)
  }
  const dataset = followed(file, first, name)
  const dtype = dataset instanceof Dataset ? String(dataset.dtype) : 'no array'
  if (!(dataset instanceof Dataset) || dataset.shape?.length !== 2 || !/^[<>|]?B1?$/.test(dtype)) {
    const shape = dataset instanceof Dataset ? ` [${dataset.shape?.join(', ') ?? ''}]` : ''
    throw new HeadwiseError(
      'damaged',
      `${name} must be uint8 [width, height]; it is ${typeWords[dtype] ?? dtype}${shape}.`,
    )
  }
  return dataset
}

/** As NumPy calls what the library names by a letter. */
const typeWords: Record<string, string> = {
  '<B': 'uint8',
  '<d': 'float64',
  '<f': 'float32',
  '<h': 'int16',
  '<H': 'uint16',
  '<i': 'int32',
  '<b': 'int8',
}

/** The library follows a null reference to the root, and fails on others that lead nowhere. */
function followed(file: Hdf5File, reference: Reference, name: string): unknown {
  const dangling = (cause?: unknown) =>
    new HeadwiseError('damaged', `${name} must be there; its reference leads to nothing.`, { cause })
  if (reference.ref_data.every((byte) => byte === 0)) throw dangling()
  try {
    const found: unknown = file.dereference(reference)
    if (found) return found
  } catch (cause) {
    throw dangling(cause)
  }
  throw dangling()
}

/** [x, y] to [y, x]. */
function rowByRow(pixels: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const turned = new Uint8Array(pixels.length)
  for (let x = 0; x < widthPx; x++) {
    for (let y = 0; y < heightPx; y++) turned[y * widthPx + x] = pixels[x * heightPx + y]!
  }
  return turned
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
