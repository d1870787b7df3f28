/** Small files in the layout of gtsegs_ijcv.mat, whole and broken ones. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Group } from 'h5wasm/node'
import { File as Hdf5File, ready, Reference } from 'h5wasm/node'

/** Pixels as MATLAB stores them, [x, y] or [channel, x, y]. */
export type MatArray = { data: Uint8Array | Float64Array; shape: number[] }

/** `null` is a reference to nothing, 'dangling' one to a place where nothing is. */
export type MatEntry = MatArray | null | 'dangling'

const nowhere = Uint8Array.of(9, 9, 9, 0, 0, 0, 0, 0)

/** @param groups what /value holds; masks are wrapped into their cell */
export async function writeMat(path: string, groups: { img?: MatEntry[]; gt?: MatEntry[] }): Promise<void> {
  const library = await ready
  library.activate_throwing_error_handler()
  const file = new Hdf5File(`${path}.h5`, 'w')
  const refs = file.create_group('#refs#')
  const content = file.create_group('value')
  for (const [name, entries] of Object.entries(groups)) {
    const references = entries.map((entry, at) => referenceTo(file, refs, `${name}${at}`, entry, name === 'gt'))
    content.create_dataset({ name, data: references, shape: [entries.length, 1] })
  }
  file.close()
  const header = Buffer.alloc(512, ' ')
  header.write('MATLAB 7.3 MAT-file')
  writeFileSync(path, Buffer.concat([header, readFileSync(`${path}.h5`)]))
  rmSync(`${path}.h5`)
}

function referenceTo(file: Hdf5File, refs: Group, name: string, entry: MatEntry, isInCell: boolean): Reference {
  if (entry === null) return new Reference(new Uint8Array(8))
  if (entry === 'dangling') return new Reference(nowhere)
  refs.create_dataset({ name, data: entry.data, shape: entry.shape })
  const reference = (file.get(`#refs#/${name}`) as Group).create_reference()
  if (!isInCell) return reference
  refs.create_dataset({ name: `${name}cell`, data: [reference], shape: [1, 1] })
  return (file.get(`#refs#/${name}cell`) as Group).create_reference()
}

/** Of the same size as its mask, all of one level. */
export function plainImage(widthPx: number, heightPx: number, level = 128): MatArray {
  return { data: new Uint8Array(3 * widthPx * heightPx).fill(level), shape: [3, widthPx, heightPx] }
}

/** @param rows of the mask as one sees it, "011" */
export function matMask(...rows: string[]): MatArray {
  const widthPx = rows[0]!.length
  const data = new Uint8Array(widthPx * rows.length)
  for (let x = 0; x < widthPx; x++) rows.forEach((row, y) => (data[x * rows.length + y] = Number(row[x])))
  return { data, shape: [widthPx, rows.length] }
}
