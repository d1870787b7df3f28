/** The score of one image along texts as an exact sum over heads, tokens and MLPs (spec 2). */
import { type Bases, layerTermCount, scalarCoordinates } from '../decompose/index.ts'
import { type Batch, product } from '../math/products.ts'
import type { TermShape } from '../terms/index.ts'
import type { ImagePass } from './vision-tower.ts'

export type ExplainedTexts = {
  /** [K] */
  scores: Float32Array<ArrayBuffer>
  /** [K, L, H, N] */
  byToken: Float32Array<ArrayBuffer>
  /** [K, L + 1] */
  mlps: Float32Array<ArrayBuffer>
  /** sum of all terms as they are given - score as it is given, [K] */
  residuals: Float32Array<ArrayBuffer>
}

/** What the constant parts of a term are along the texts: rows of [K]. */
type AlongTexts = {
  G: Float64Array
  E: Float64Array
  initial: Float64Array
  /** layer -> [K] */
  B: Float64Array[]
}

/**
 * @param pass  with the values of every layer
 * @param bases of every layer
 * @param texts [K, d], unit length
 */
export async function explainTexts(
  pass: ImagePass,
  bases: Bases,
  texts: Float32Array,
  shape: TermShape,
): Promise<ExplainedTexts> {
  const K = texts.length / shape.jointWidth
  const constants = alongTexts(bases, texts, shape)
  const explained = {
    scores: new Float32Array(K),
    byToken: new Float32Array(K * shape.layers * shape.heads * shape.tokens),
    mlps: mlpScores(pass, constants, texts, shape),
    residuals: new Float32Array(K),
  }
  for (let layer = 0; layer < shape.layers; layer++) {
    const along = await valuesAlong(pass.values.get(layer)!, bases.A.get(layer)!, texts, shape)
    writeLayerInPlace(explained.byToken, layer, along, pass, constants, shape)
  }
  const representation = dots(pass.representation, texts, shape.jointWidth)
  explained.scores.set(representation)
  for (let k = 0; k < K; k++) {
    const sum = sumOf(explained.byToken, k, K) + sumOf(explained.mlps, k, K)
    explained.residuals[k] = sum - explained.scores[k]!
  }
  return explained
}

/** a v . A^T t for every head and token: [H, N, K]. */
async function valuesAlong(
  values: Float32Array,
  A: Float32Array,
  texts: Float32Array,
  { heads, headWidth, tokens, jointWidth: d }: TermShape,
): Promise<Float32Array> {
  const K = texts.length / d
  const right: Batch<Float32Array> = { data: texts, shape: [1, K, d] }
  const directions = await product({ data: A, shape: [1, heads * headWidth, d] }, right, { transposeRight: true })
  const byHead: Batch<Float32Array> = { data: directions.data, shape: [heads, headWidth, K] }
  return (await product({ data: values, shape: [heads, tokens, headWidth] }, byHead)).data
}

function alongTexts(bases: Bases, texts: Float32Array, { layers, jointWidth: d }: TermShape): AlongTexts {
  return {
    G: dots(bases.G, texts, d),
    E: dots(bases.E, texts, d),
    initial: dots(bases.initial, texts, d),
    B: Array.from({ length: layers }, (_, layer) => dots(bases.B.get(layer)!, texts, d)),
  }
}

/** row . t for each text, [K]. */
function dots(row: Float32Array, texts: Float32Array, d: number): Float64Array {
  return Float64Array.from({ length: texts.length / d }, (_, k) => {
    let sum = 0
    for (let i = 0; i < d; i++) sum += row[i]! * texts[k * d + i]!
    return sum
  })
}

function tailOf({ mean, scale, norm }: ImagePass): [number, number, number] {
  return scalarCoordinates(Float32Array.of(mean, scale, norm), 0)
}

/** [H, N, K] of a layer to its place in [K, L, H, N], with the token's share of the constant parts. */
function writeLayerInPlace(
  byToken: Float32Array,
  layer: number,
  along: Float32Array,
  pass: ImagePass,
  { G, E, B }: AlongTexts,
  { layers, heads, tokens }: TermShape,
): void {
  const K = G.length
  const size = heads * tokens
  const [perScale, meanPerScale, perNorm] = tailOf(pass)
  for (let k = 0; k < K; k++) {
    const T = layerTermCount(layers)
    const constant = (B[layer]![k]! * perScale + (E[k]! * perNorm - G[k]! * meanPerScale) / T) / size
    const to = (k * layers + layer) * size
    for (let at = 0; at < size; at++) byToken[to + at] = along[at * K + k]! * perScale + constant
  }
}

function mlpScores(
  pass: ImagePass,
  { G, E, initial }: AlongTexts,
  texts: Float32Array,
  { layers, jointWidth: d }: TermShape,
): Float32Array<ArrayBuffer> {
  const K = G.length
  const T = layerTermCount(layers)
  const [perScale, meanPerScale, perNorm] = tailOf(pass)
  const scores = new Float32Array(K * (layers + 1))
  for (let term = 0; term <= layers; term++) {
    const own = term === 0 ? initial : dots(pass.mlp.subarray((term - 1) * d, term * d), texts, d)
    for (let k = 0; k < K; k++) {
      scores[k * (layers + 1) + term] = own[k]! * perScale + (E[k]! * perNorm - G[k]! * meanPerScale) / T
    }
  }
  return scores
}

/** Sum in float64 of the k-th of K equal parts. */
function sumOf(values: Float32Array, k: number, K: number): number {
  const size = values.length / K
  let sum = 0
  for (let at = k * size; at < (k + 1) * size; at++) sum += values[at]!
  return sum
}
