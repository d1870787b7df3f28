/**
 * Reads the header of a safetensors file: 8 bytes little-endian header length, a JSON header, raw tensors.
 * Checks everything that the header claims against the file; the tensors themselves are left where they are.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'

export type TensorInfo = {
  dtype: string
  shape: number[]
  /** Bytes from the start of the file. */
  offset: number
  lengthBytes: number
}

export type SafetensorsFile = {
  path: string
  sizeBytes: number
  modifiedMs: number
  /** The header's raw bytes, with the eight that give its length. */
  header: Uint8Array
  tensors: Map<string, TensorInfo>
}

/** The format's own limit. */
const longestHeaderBytes = 100_000_000

const bytesOf: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
}

const TensorEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})

/** @throws HeadwiseError 'damaged' when the file is not what its header says */
export function readSafetensorsHeader(path: string): SafetensorsFile {
  const file = openSync(path, 'r')
  try {
    const { size, mtimeMs } = fstatSync(file)
    const header = readHeaderBytes(file, size, basename(path))
    const tensors = parseHeader(header, size, basename(path))
    return { path, sizeBytes: size, modifiedMs: mtimeMs, header, tensors }
  } finally {
    closeSync(file)
  }
}

function readHeaderBytes(file: number, sizeBytes: number, name: string): Uint8Array {
  if (sizeBytes < 8)
    throw damaged(`"${name}" must begin with an 8-byte header length; the file has ${sizeBytes} bytes.`)
  const length = Buffer.alloc(8)
  readSync(file, length, 0, 8, 0)
  const headerBytes = length.readBigUInt64LE()
  if (headerBytes > BigInt(longestHeaderBytes)) {
    throw damaged(`The header of "${name}" may have at most ${longestHeaderBytes} bytes; it claims ${headerBytes}.`)
  }
  if (8n + headerBytes > BigInt(sizeBytes)) {
    const missing = 8n + headerBytes - BigInt(sizeBytes)
    throw damaged(`"${name}" ends ${missing} bytes before its header does; the file may be cut off.`)
  }
  const header = new Uint8Array(8 + Number(headerBytes))
  readSync(file, header, 0, header.length, 0)
  return header
}

function parseHeader(header: Uint8Array, sizeBytes: number, name: string): Map<string, TensorInfo> {
  const text = new TextDecoder().decode(header.subarray(8))
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw damaged(`The header of "${name}" must be JSON; it cannot be parsed.`, cause)
  }
  const entries = z.record(z.string(), z.unknown()).safeParse(parsed)
  if (!entries.success) throw damaged(`The header of "${name}" must be a JSON object of tensors.`)
  const tensors = new Map<string, TensorInfo>()
  for (const [tensorName, raw] of Object.entries(entries.data)) {
    if (tensorName !== '__metadata__')
      tensors.set(tensorName, tensorInfo(tensorName, raw, header.length, sizeBytes, name))
  }
  // JSON.parse keeps the last of two equal names without a word, so the entries are counted in the text as well.
  const written = text.match(/"data_offsets"\s*:/g)?.length ?? 0
  if (written !== tensors.size) {
    throw damaged(
      `The header of "${name}" must name every tensor once; it has ${written} entries for ${tensors.size} names.`,
    )
  }
  refuseShortFile(tensors, sizeBytes, name)
  return tensors
}

function tensorInfo(tensor: string, raw: unknown, start: number, sizeBytes: number, name: string): TensorInfo {
  const entry = TensorEntry.safeParse(raw)
  if (!entry.success) {
    throw damaged(`Tensor "${tensor}" in "${name}" must have dtype, shape and data_offsets; its entry does not.`)
  }
  const { dtype, shape } = entry.data
  const [from, to] = entry.data.data_offsets
  const size = bytesOf[dtype]
  if (size === undefined) throw damaged(`Tensor "${tensor}" in "${name}" has the unknown dtype "${dtype}".`)
  const expected = shape.reduce((product, length) => product * length, size)
  if (to - from !== expected) {
    throw damaged(
      `Tensor "${tensor}" in "${name}" must have ${expected} bytes by its shape [${shape.join(', ')}] and dtype ${dtype}; its offsets give ${to - from}.`,
    )
  }
  if (from > sizeBytes - start && expected > 0) {
    throw damaged(
      `Tensor "${tensor}" in "${name}" must lie inside the file's ${sizeBytes - start} data bytes; it begins at ${from}.`,
    )
  }
  return { dtype, shape, offset: start + from, lengthBytes: expected }
}

function refuseShortFile(tensors: Map<string, TensorInfo>, sizeBytes: number, name: string): void {
  let end = 0
  for (const { offset, lengthBytes } of tensors.values()) end = Math.max(end, offset + lengthBytes)
  if (end > sizeBytes) throw damaged(`"${name}" ends ${end - sizeBytes} bytes early; the file may be cut off.`)
}

function damaged(message: string, cause?: unknown): HeadwiseError {
  return new HeadwiseError('damaged', message, { cause })
}
