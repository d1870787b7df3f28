/** Data sets on disk: what is in them, and their images one by one. Originals are only read. */
import { existsSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import type { DataSetKind } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { decodeImage } from './decode.ts'
import { readFolder } from './folder.ts'
import { openMatReader, readMatFile } from './mat.ts'
import { readTable } from './table.ts'
import type { DecodedImage, ImportedDataSet, ImportOptions } from './types.ts'

export { decodeImage, picture, thumbnail } from './decode.ts'
export { levelsOf, modelView } from './model-view.ts'
export { imageExtensions } from './folder.ts'
export { type MatMasks, openMatMasks } from './mat.ts'
export { createPreprocessor, type Preprocessor } from './preprocess.ts'
export type * from './types.ts'

const tableName = 'metadata.csv'

/**
 * A folder with a metadata.csv is read by it, another folder by its subfolders; a .csv and a .mat by themselves.
 * @throws HeadwiseError when nothing can be read from it at all
 */
export async function readDataSet(path: string, options: ImportOptions = {}): Promise<ImportedDataSet> {
  const place = resolve(path)
  if (!existsSync(place)) throw new HeadwiseError('not-found', `There is no folder or file "${path}".`)
  if (statSync(place).isDirectory()) {
    const table = join(place, tableName)
    return existsSync(table) ? readTable(table, options) : readFolder(place, options)
  }
  const extension = extname(place).toLowerCase()
  if (extension === '.csv') return readTable(place, options)
  if (extension === '.mat') return readMatFile(place)
  throw new HeadwiseError('bad-input', `A data set is a folder, a .csv or a .mat file; "${path}" is none of them.`)
}

export type ImageReader = {
  read(path: string): Promise<DecodedImage>
  close(): void
}

export async function openImageReader({ kind, root }: { kind: DataSetKind; root: string }): Promise<ImageReader> {
  if (!existsSync(root))
    throw new HeadwiseError('not-found', `The data set's images must be in "${root}"; it is not there. Relink it.`)
  if (kind !== 'mat') return { read: (path) => decodeImage(join(root, path)), close: () => {} }
  const mat = await openMatReader(root)
  return { read: async (path) => mat.read(Number(path.slice(1))), close: () => mat.close() }
}
