/**
 * The vision tower in plain float64, straight from the definitions and without any short cut: what the graphs and their
 * derivatives are held against. Slow; for tiny checkpoints.
 */
import { readFileSync } from 'node:fs'
import type { Affine, Checkpoint, WeightRef } from '../../src/engine/model/index.ts'
import { dot, unitOf } from './plain-vectors.ts'

export type Matrix = number[][]

/** Adds `by` to the attention of one head from token `from` to token `to`, after softmax. */
export type Push = { layer: number; head: number; from: number; to: number; by: number }

export type PlainPass = {
  /** [L][H][N][N] */
  attention: Matrix[][]
  /** v, [L][H][N][dh] */
  values: Matrix[][]
  /** of the class token: after ln_pre, then of every layer, [L + 1][D] */
  mlps: number[][]
  /** the class token at the end, [D] */
  final: number[]
  /** unit length, [d] */
  representation: number[]
  /** before it is normalised */
  norm: number
}

export function plainPass(checkpoint: Checkpoint, pixels: ArrayLike<number>, push?: Push): PlainPass {
  const { vision } = checkpoint
  const { layers, heads, headWidth, epsilon, activation } = checkpoint.config.vision
  let stream = embed(checkpoint, pixels)
  const pass: PlainPass = { attention: [], values: [], mlps: [stream[0]!], final: [], representation: [], norm: 0 }
  for (let layer = 0; layer < layers; layer++) {
    const weights = vision.layers[layer]!
    const normed = normedRows(checkpoint, stream, weights.beforeAttention, epsilon)
    const rowsOf = (part: Affine) => linearRows(checkpoint, normed, part)
    const byHead = (rows: Matrix) =>
      Array.from({ length: heads }, (_, head) => rows.map((row) => row.slice(head * headWidth, (head + 1) * headWidth)))
    const [queries, keys, values] = [weights.query, weights.key, weights.value].map((part) => byHead(rowsOf(part)))
    const attention = queries!.map((query, head) =>
      query.map((q) => softmax(keys![head]!.map((k) => dot(q, k) / Math.sqrt(headWidth)))),
    )
    if (push?.layer === layer) attention[push.head]![push.from]![push.to]! += push.by
    pass.attention.push(attention)
    pass.values.push(values!)
    const attended = stream.map((_, token) =>
      attention.flatMap((rows, head) => weightedSum(rows[token]!, values![head]!)),
    )
    const middle = sumRows(stream, linearRows(checkpoint, attended, weights.attentionOutput))
    const hidden = linearRows(checkpoint, normedRows(checkpoint, middle, weights.beforeMlp, epsilon), weights.mlpIn)
    const mlp = linearRows(
      checkpoint,
      hidden.map((row) => row.map(activations[activation])),
      weights.mlpOut,
    )
    pass.mlps.push(mlp[0]!)
    stream = sumRows(middle, mlp)
  }
  pass.final = stream[0]!
  const projected = projectRow(checkpoint, normedRows(checkpoint, [pass.final], vision.afterLayers, epsilon)[0]!)
  return { ...pass, norm: Math.hypot(...projected), representation: unitOf(projected) }
}

/** dy/dA of every layer and head by central differences, [L][H][N][N], for y = (rep / |rep|) . t. */
export function differences(checkpoint: Checkpoint, pixels: ArrayLike<number>, t: ArrayLike<number>): Matrix[][] {
  const { layers, heads, tokens } = checkpoint.config.vision
  const step = 1e-4
  const score = (push: Push) => dot(plainPass(checkpoint, pixels, push).representation, t)
  const range = (count: number) => Array.from({ length: count }, (_, at) => at)
  return range(layers).map((layer) =>
    range(heads).map((head) =>
      range(tokens).map((from) =>
        range(tokens).map((to) => {
          const at = { layer, head, from, to }
          return (score({ ...at, by: step }) - score({ ...at, by: -step })) / (2 * step)
        }),
      ),
    ),
  )
}

export const activations = {
  gelu: (x: number) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  'quick-gelu': (x: number) => x / (1 + Math.exp(-1.702 * x)),
}

/** 2 / sqrt(pi) times the sum of (-1)^n x^(2n+1) / (n! (2n + 1)); 1e-12 exact up to 4, beyond which it is 1 to 1e-8. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x)
  let [sum, power] = [0, x]
  for (let n = 0; n < 120; n++) {
    sum += power / (2 * n + 1)
    power *= -(x * x) / (n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

export function softmax(row: number[]): number[] {
  const largest = Math.max(...row)
  const powers = row.map((value) => Math.exp(value - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** x^ gamma + beta, a row at a time. */
export function layerNorm(row: number[], gamma: ArrayLike<number>, beta: ArrayLike<number>, epsilon: number): number[] {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length
  return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gamma[i]! + beta[i]!)
}

const stored = new Map<string, Float64Array>()

/** A tensor of the checkpoint's file, whatever its precision. */
export function weightValues({ weightsPath }: Checkpoint, ref: WeightRef): Float64Array {
  const key = `${weightsPath} ${ref.key}`
  const known = stored.get(key)
  if (known) return known
  const bytes = readFileSync(weightsPath).subarray(ref.offset, ref.offset + ref.lengthBytes)
  const buffer = Uint8Array.from(bytes).buffer
  if (ref.elementType === 'bfloat16') throw new Error('No plain reading of bfloat16.')
  const values = Float64Array.from(ref.elementType === 'float16' ? new Float16Array(buffer) : new Float32Array(buffer))
  stored.set(key, values)
  return values
}

/** row P, [d]. */
export function projectRow(checkpoint: Checkpoint, row: number[]): number[] {
  const { jointWidth } = checkpoint.config
  const { weight, isTransposed } = checkpoint.vision.projection
  const P = weightValues(checkpoint, weight)
  return Array.from({ length: jointWidth }, (_, k) =>
    row.reduce((sum, value, i) => sum + value * P[isTransposed ? k * row.length + i : i * jointWidth + k]!, 0),
  )
}

/** rows W^T + b. */
export function linearRows(checkpoint: Checkpoint, rows: Matrix, { weight, bias }: Affine): Matrix {
  const [W, b] = [weightValues(checkpoint, weight), weightValues(checkpoint, bias)]
  return rows.map((row) =>
    Array.from(b, (shift, out) => shift + dot(row, W.subarray(out * row.length, (out + 1) * row.length))),
  )
}

function normedRows(checkpoint: Checkpoint, rows: Matrix, { weight, bias }: Affine, epsilon: number): Matrix {
  const [gamma, beta] = [weightValues(checkpoint, weight), weightValues(checkpoint, bias)]
  return rows.map((row) => layerNorm(row, gamma, beta, epsilon))
}

function sumRows(a: Matrix, b: Matrix): Matrix {
  return a.map((row, at) => row.map((value, i) => value + b[at]![i]!))
}

function weightedSum(weights: number[], rows: Matrix): number[] {
  return rows[0]!.map((_, i) => weights.reduce((sum, weight, at) => sum + weight * rows[at]![i]!, 0))
}

/** Patches, class token, positions and ln_pre. */
function embed(checkpoint: Checkpoint, pixels: ArrayLike<number>): Matrix {
  const { vision } = checkpoint
  const { imageSizePx: S, patchSizePx: P, width, epsilon } = checkpoint.config.vision
  const kernel = weightValues(checkpoint, vision.patchEmbedding)
  const positions = weightValues(checkpoint, vision.positionEmbedding)
  const side = Math.floor(S / P)
  const rows: Matrix = [Array.from(weightValues(checkpoint, vision.classEmbedding))]
  for (let patch = 0; patch < side ** 2; patch++) {
    const [top, left] = [Math.floor(patch / side) * P, (patch % side) * P]
    rows.push(
      Array.from({ length: width }, (_, out) => {
        let sum = 0
        for (let at = 0; at < 3 * P * P; at++) {
          const [channel, y, x] = [Math.floor(at / P ** 2), Math.floor(at / P) % P, at % P]
          sum += kernel[out * 3 * P * P + at]! * pixels[(channel * S + top + y) * S + left + x]!
        }
        return sum
      }),
    )
  }
  const placed = rows.map((row, token) => row.map((value, i) => value + positions[token * width + i]!))
  return normedRows(checkpoint, placed, vision.beforeLayers, epsilon)
}
