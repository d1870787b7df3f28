/** Writes NumPy's .npy format, version 1.0, little-endian float32, row by row into a file that appears when it is whole. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'

export type NpyWriter = {
  write(values: Float32Array): void
  /** Puts the file in place; refuses when fewer or more values came than the shape says. */
  finish(): void
  /** Leaves nothing behind. */
  discard(): void
}

/** @throws HeadwiseError 'conflict' when the file exists */
export function npyWriter(path: string, shape: number[]): NpyWriter {
  if (existsSync(path)) throw new HeadwiseError('conflict', `"${path}" exists already; nothing was overwritten.`)
  const partial = `${path}.partial`
  const file = openSync(partial, 'w')
  let written = 0
  writeAll(file, npyHeader(shape))
  return {
    write(values) {
      writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      written += values.length
    },
    finish() {
      const expected = shape.reduce((product, length) => product * length, 1)
      if (written !== expected) throw new Error(`"${basename(path)}" must get ${expected} values; it got ${written}.`)
      fsyncSync(file)
      closeSync(file)
      renameSync(partial, path)
    },
    discard() {
      try {
        closeSync(file)
      } catch {
        // Closed by finish already.
      }
      rmSync(partial, { force: true })
    },
  }
}

/** A short write is not an error for the system, so the rest is written again; a full disk throws. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at)
}

function npyHeader(shape: number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`
  // Magic, version and length take 10 bytes; the header ends with a newline at a multiple of 64.
  const padded = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n'
  const header = Buffer.alloc(10 + padded.length)
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(padded.length, 8)
  header.write(padded, 10, 'latin1')
  return header
}
