/** Writes and rewrites checkpoints for tests: safetensors files of any content, right or wrong. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensorsHeader } from '../../src/engine/model/safetensors.ts'
import { sampleFolder } from './sample.ts'

export type RawTensor = { name: string; dtype: string; shape: number[]; bytes: Uint8Array }

export function writeSafetensors(path: string, tensors: RawTensor[]): void {
  let end = 0
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const from = end
    end += bytes.length
    return [name, { dtype, shape, data_offsets: [from, end] }]
  })
  writeRaw(path, JSON.stringify(Object.fromEntries(entries)), Buffer.concat(tensors.map(({ bytes }) => bytes)))
}

/** Header text and data as they are given, whatever they say. */
export function writeRaw(
  path: string,
  header: string,
  data: Uint8Array,
  claimedLength = Buffer.byteLength(header),
): void {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(claimedLength))
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), data]))
}

export function readTensors(path: string): RawTensor[] {
  const bytes = readFileSync(path)
  return [...readSafetensorsHeader(path).tensors].map(([name, { dtype, shape, offset, lengthBytes }]) => ({
    name,
    dtype,
    shape,
    bytes: bytes.subarray(offset, offset + lengthBytes),
  }))
}

export function floatsOf({ dtype, bytes }: RawTensor): Float32Array {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  if (dtype === 'F32') return new Float32Array(buffer)
  if (dtype === 'F16') return new Float32Array(new Float16Array(buffer))
  throw new Error(`No floats of ${dtype}.`)
}

export function asFloat32(tensor: RawTensor): RawTensor {
  return { ...tensor, dtype: 'F32', bytes: new Uint8Array(floatsOf(tensor).buffer) }
}

/** The upper halves of the float32 numbers. */
export function asBfloat16(tensor: RawTensor): RawTensor {
  const words = new Uint32Array(floatsOf(tensor).buffer)
  return { ...tensor, dtype: 'BF16', bytes: new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer) }
}

export type SampleConfig = {
  model_cfg: {
    embed_dim: number
    vision_cfg: Record<string, unknown>
    text_cfg: Record<string, unknown>
    [key: string]: unknown
  }
  preprocess_cfg: Record<string, unknown>
}

/** A copy of the sample's checkpoint with its tensors and config changed. */
export function variantOfSample(
  folder: string,
  change: { tensors?: (tensors: RawTensor[]) => RawTensor[]; config?: (config: SampleConfig) => void },
): string {
  const source = join(sampleFolder, 'model')
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(source, 'tokenizer.json'), join(folder, 'tokenizer.json'))
  const config = JSON.parse(readFileSync(join(source, 'open_clip_config.json'), 'utf8')) as SampleConfig
  change.config?.(config)
  writeFileSync(join(folder, 'open_clip_config.json'), JSON.stringify(config))
  const weights = join(source, 'open_clip_model.safetensors')
  const target = join(folder, 'open_clip_model.safetensors')
  if (change.tensors) writeSafetensors(target, change.tensors(readTensors(weights)))
  else copyFileSync(weights, target)
  return folder
}
