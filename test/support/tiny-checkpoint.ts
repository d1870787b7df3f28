/** A checkpoint small enough for plain float64 arithmetic, no two of whose numbers are alike: norms are random too. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Activation } from '../../src/contract/model.ts'
import { type Checkpoint, openCheckpoint } from '../../src/engine/model/index.ts'
import { makeCheckpoint, randomUniform, type Shape } from '../bench/make-checkpoint.ts'
import { readTensors, type SampleConfig, writeSafetensors } from './checkpoint-files.ts'

/** 3 layers, 4 heads of 4, a class token and 9 patches */
const shape: Shape = {
  joint: 12,
  vision: { imageSizePx: 24, patchSizePx: 8, width: 16, layers: 3, headWidth: 4, mlpWidth: 24 },
  text: { context: 8, vocabulary: 1024, width: 8, heads: 2, layers: 1 },
}

export function tinyCheckpoint(folder: string, activation: Activation, seed = 5): Checkpoint {
  makeCheckpoint(folder, shape, seed)
  const configPath = join(folder, 'open_clip_config.json')
  const config = JSON.parse(readFileSync(configPath, 'utf8')) as SampleConfig
  config.model_cfg.quick_gelu = activation === 'quick-gelu'
  writeFileSync(configPath, JSON.stringify(config))
  const next = randomUniform(seed + 1)
  const path = join(folder, 'open_clip_model.safetensors')
  const tensors = readTensors(path).map((tensor) => {
    const middle = /ln_\w+\.weight$/.test(tensor.name) ? 1 : /ln_\w+\.bias$/.test(tensor.name) ? 0 : undefined
    if (middle === undefined) return tensor
    const values = Float32Array.from({ length: tensor.shape[0]! }, () => middle + 0.6 * (2 * next() - 1))
    return { ...tensor, bytes: new Uint8Array(values.buffer) }
  })
  writeSafetensors(path, tensors)
  return openCheckpoint(folder)
}

export function randomValues(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = randomUniform(seed)
  return Float32Array.from({ length: count }, () => 2 * next() - 1)
}
