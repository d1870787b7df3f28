/** A small strict reader of NumPy's .npy files, for tests. */
import { readFileSync } from 'node:fs'

export type NpyArray<Data> = { shape: number[]; data: Data }
type AnyData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

const kinds: Record<string, new (buffer: ArrayBuffer) => AnyData> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
}

export function readNpy<Data extends AnyData = Float32Array>(path: string): NpyArray<Data> {
  const bytes = readFileSync(path)
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`"${path}" is no .npy file.`)
  const headerLength = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + headerLength)
  const descr = /'descr': '([^']+)'/.exec(header)?.[1] ?? ''
  const tuple = /'shape': \(([^)]*)\)/.exec(header)?.[1]
  const kind = kinds[descr]
  if (!kind || tuple === undefined || !header.includes("'fortran_order': False"))
    throw new Error(`"${path}": ${header}`)
  const shape = tuple
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const body = bytes.buffer.slice(bytes.byteOffset + 10 + headerLength, bytes.byteOffset + bytes.length)
  const data = new kind(body as ArrayBuffer) as Data
  const expected = shape.reduce((product, length) => product * length, 1)
  if (data.length !== expected) throw new Error(`"${path}" must have ${expected} values; it has ${data.length}.`)
  return { shape, data }
}
