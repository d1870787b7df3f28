/** The five token maps of spec 6 in plain float64: whole matrices, terms one by one, derivatives by differences. */
import type { HeadPlace } from '../../src/contract/head.ts'
import type { SegmentMethod } from '../../src/contract/segment.ts'
import type { Checkpoint } from '../../src/engine/model/index.ts'
import { type Matrix, type PlainPass, plainPass, projectRow, weightValues } from './plain-tower.ts'
import { dot } from './plain-vectors.ts'

/** Every term of rep / |rep| along t: [L][H][N] of the attention and [L + 1] of the MLPs. */
export type PlainTerms = { attention: Matrix[]; mlps: number[]; score: number }

/** r = ((c - mu / (T k)) / sigma gamma + beta / (T k)) P / |rep|, term by term (spec 2). */
export function plainTerms(checkpoint: Checkpoint, pixels: ArrayLike<number>, t: ArrayLike<number>): PlainTerms {
  const { vision } = checkpoint
  const { layers, heads, headWidth, tokens, width, epsilon } = checkpoint.config.vision
  const pass = plainPass(checkpoint, pixels)
  const [gamma, beta] = [vision.afterLayers.weight, vision.afterLayers.bias].map((ref) => weightValues(checkpoint, ref))
  const mean = pass.final.reduce((sum, value) => sum + value, 0) / width
  const variance = pass.final.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width
  const sigma = Math.sqrt(variance + epsilon)
  const along = (c: number[], k: number) => {
    const parts = (2 * layers + 1) * k
    const normed = c.map((value, i) => ((value - mean / parts) / sigma) * gamma![i]! + beta![i]! / parts)
    return dot(projectRow(checkpoint, normed), t) / pass.norm
  }
  const attention = pass.attention.map((byHead, layer) => {
    const { weight, bias } = vision.layers[layer]!.attentionOutput
    const [W, b] = [weightValues(checkpoint, weight), weightValues(checkpoint, bias)]
    return byHead.map((rows, head) =>
      rows[0]!.map((share, token) => {
        const value = pass.values[layer]![head]![token]!
        const own = (out: number) => dot(value, W.subarray(out * width + head * headWidth, (out + 1) * width))
        const c = Array.from({ length: width }, (_, out) => share * own(out) + b[out]! / (tokens * heads))
        return along(c, tokens * heads)
      }),
    )
  })
  return { attention, mlps: pass.mlps.map((c) => along(c, 1)), score: dot(pass.representation, t) }
}

/**
 * Over all tokens, class token first.
 * @param heads     of the decomposition
 * @param gradients of GradCAM and gradient x attention: dy/dA from `differences`
 */
export function plainMap(
  checkpoint: Checkpoint,
  method: SegmentMethod,
  pixels: ArrayLike<number>,
  t: ArrayLike<number>,
  { heads, gradients }: { heads?: HeadPlace[]; gradients?: Matrix[][] } = {},
): number[] {
  const pass = plainPass(checkpoint, pixels)
  if (method === 'raw-attention') return meanOf(pass.attention.at(-1)!)[0]!
  if (method === 'rollout') return rollout(pass)
  if (method === 'decomposition') {
    const { attention } = plainTerms(checkpoint, pixels, t)
    const chosen = heads ? heads.map(({ layer, head }) => attention[layer]![head]!) : attention.flat()
    return chosen[0]!.map((_, token) => chosen.reduce((sum, row) => sum + row[token]!, 0))
  }
  return method === 'gradcam' ? gradcam(pass, gradients!) : gradientAttention(pass, gradients!)
}

function rollout({ attention }: PlainPass): number[] {
  let product = identity(attention[0]![0]!.length)
  for (const heads of attention) {
    const withItself = meanOf(heads).map((row, at) => row.map((share, to) => share + (at === to ? 1 : 0)))
    const normed = withItself.map((row) => row.map((share) => share / row.reduce((sum, value) => sum + value, 0)))
    product = times(normed, product)
  }
  return product[0]!
}

function gradcam({ attention }: PlainPass, gradients: Matrix[][]): number[] {
  const parts = attention.at(-1)!.map((rows, head) => {
    const slopes = gradients.at(-1)![head]![0]!.slice(1)
    const weight = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length
    return [rows[0]!.map((share) => weight * share)]
  })
  return meanOf(parts)[0]!.map((value) => Math.max(0, value))
}

function gradientAttention({ attention }: PlainPass, gradients: Matrix[][]): number[] {
  let relevance = identity(attention[0]![0]!.length)
  attention.forEach((heads, layer) => {
    const positive = heads.map((rows, head) =>
      rows.map((row, from) => row.map((share, to) => Math.max(0, share * gradients[layer]![head]![from]![to]!))),
    )
    const passed = times(meanOf(positive), relevance)
    relevance = relevance.map((row, from) => row.map((value, to) => value + passed[from]![to]!))
  })
  return relevance[0]!
}

function meanOf(matrices: Matrix[]): Matrix {
  return matrices[0]!.map((row, from) =>
    row.map((_, to) => matrices.reduce((sum, matrix) => sum + matrix[from]![to]!, 0) / matrices.length),
  )
}

function times(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0]!.map((_, to) => row.reduce((sum, value, at) => sum + value * b[at]![to]!, 0)))
}

function identity(size: number): Matrix {
  return Array.from({ length: size }, (_, from) => Array.from({ length: size }, (_, to) => (from === to ? 1 : 0)))
}
