/**
 * Directions of the joint space as weights on a head's coordinates: with r = f M^T, r . u = f . (M^T u), so that a
 * score is a sum of q = headWidth + 3 numbers (spec 3).
 */
import { coordinateCount } from '../decompose/index.ts'
import { product } from '../math/products.ts'
import { innerProduct, multiply, symmetricEigen, transposed } from '../math/symmetric.ts'
import type { StoredMoment } from '../store/index.ts'
import { directionsOf, layerSpace } from '../text-span/index.ts'
import type { HeadData } from './head-data.ts'
import { scoresAlong } from './scores.ts'

export type HeadDirection = {
  /** [q] */
  weights: Float64Array
  /** taken from every score: 0, or the mean of r . u */
  offset: number
  mean: number
  standardDeviation: number
  /** of the head's variance, 0 to 1 */
  share: number
}

/** @param mean, covariance of the head's coordinates, [q] and [q, q]; `variance` is the trace of the terms' covariance */
export function headDirection(
  weights: Float64Array,
  { mean, covariance, variance }: { mean: Float64Array; covariance: Float64Array; variance: number },
  isCentred: boolean,
): HeadDirection {
  const q = weights.length
  const centre = innerProduct(weights, mean)
  const along = Math.max(0, innerProduct(multiply(weights, covariance, 1, q, q), weights))
  return {
    weights,
    offset: isCentred ? centre : 0,
    mean: isCentred ? 0 : centre,
    standardDeviation: Math.sqrt(along),
    share: variance > 0 ? Math.min(1, along / variance) : 0,
  }
}

/** Covariance of the coordinates, [q, q], from the sums of products. */
export function covarianceOf({ products, rowCount }: Pick<StoredMoment, 'products' | 'rowCount'>): Float64Array {
  return products.map((sum) => sum / rowCount)
}

/** @param text [d], unit length */
export function textDirection({ matrix, moment, space }: HeadData, text: Float32Array): HeadDirection {
  const q = matrix.length / text.length
  const weights = multiply(matrix, new Float64Array(text), q, text.length, 1)
  const spread = { mean: moment.mean, covariance: covarianceOf(moment), variance: space.variances[0]! }
  return headDirection(weights, spread, false)
}

/** Below this share of the head's variance only rounding is left. */
const leastShare = 1e-12

/**
 * Weights of a head's principal directions, strongest first, without their signs: eigenvectors of the covariance of
 * its terms, found in an orthonormal basis of its space.
 * @param covariance      [k, k], in the basis
 * @param fromCoordinates [k, q], see LayerSpace
 */
export function principalWeights(
  { covariance, fromCoordinates, rank }: { covariance: Float64Array; fromCoordinates: Float64Array; rank: number },
  k: number,
  count: number,
): Float64Array[] {
  const q = fromCoordinates.length / k
  const inner = new Float64Array(rank * rank)
  for (let i = 0; i < rank; i++) for (let j = 0; j < rank; j++) inner[i * rank + j] = covariance[i * k + j]!
  if (rank === 0) return []
  const { values, vectors } = symmetricEigen(inner, rank)
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0)
  const found: Float64Array[] = []
  for (let at = 0; at < Math.min(rank, count) && values[at]! > leastShare * total; at++) {
    found.push(multiply(vectors.subarray(at * rank, (at + 1) * rank), fromCoordinates, 1, rank, q))
  }
  return found
}

/**
 * The head's own direction `index`, with the sign that makes the skewness of the scores positive.
 * @returns undefined when the head varies along fewer directions
 */
export function principalDirection(data: HeadData, index: number): HeadDirection | undefined {
  const { space, moment } = data
  const inBasis = { covariance: space.covariances, fromCoordinates: space.fromCoordinates, rank: space.ranks[0]! }
  const weights = principalWeights(inBasis, space.size, index + 1)[index]
  if (!weights) return undefined
  const spread = { mean: moment.mean, covariance: covarianceOf(moment), variance: space.variances[0]! }
  const direction = headDirection(weights, spread, true)
  const { scores } = scoresAlong(data, direction)
  const cubes = scores.reduce((sum, score) => sum + score ** 3, 0)
  return cubes < 0 ? turned(direction) : direction
}

export function turned(direction: HeadDirection): HeadDirection {
  const { weights, offset, mean } = direction
  // 0 - x, since -0 would be told apart from 0.
  return { ...direction, weights: weights.map((weight) => 0 - weight), offset: 0 - offset, mean: 0 - mean }
}

export type Residual = {
  /** [rank, q]: the length of the rest is |root (f - mean)| */
  root: Float64Array
  mean: Float64Array
  /** of the head's variance, outside the texts */
  share: number
}

/**
 * What is left of r - mean(r) when the directions that the texts take out one after another (spec 4) are gone.
 * @param data      the images asked for
 * @param described moments of the images that the texts were chosen on, and the number of directions kept for them
 * @param texts     unit embeddings of the chosen texts in order, [m, d]
 */
export async function residualOf(
  data: HeadData,
  described: { moment: StoredMoment; rank: number },
  texts: Float32Array,
): Promise<Residual> {
  const { matrix, moment, shape, space } = data
  const d = shape.jointWidth
  const q = coordinateCount(shape)
  const single = { heads: 1, headWidth: shape.headWidth }
  const chosen = await layerSpace(described.moment, matrix, single, d, described.rank)
  const k = chosen.size
  const bases = { data: new Float32Array(chosen.bases), shape: [1, k, d] as [number, number, number] }
  const rows = { data: texts, shape: [1, texts.length / d, d] as [number, number, number] }
  // A head that does not vary has no texts, and ONNX Runtime takes no empty matrix.
  const inBasis = texts.length === 0 ? texts : (await product(rows, bases, { transposeRight: true })).data
  const directions = directionsOf(inBasis, k)
  const onto = multiply(directions, chosen.fromCoordinates, directions.length / k, k, q)
  const rest = multiply(matrix, transposed(matrix, q, d), q, d, q)
  const taken = multiply(transposed(onto, onto.length / q, q), onto, q, onto.length / q, q)
  for (let at = 0; at < rest.length; at++) rest[at]! -= taken[at]!
  const left = Math.max(0, innerProduct(rest, covarianceOf(moment)))
  const variance = space.variances[0]!
  return { root: rootOf(rest, q), mean: moment.mean, share: variance > 0 ? Math.min(1, left / variance) : 0 }
}

/** U with U^T U = the matrix, without the directions that it does not have. */
function rootOf(matrix: Float64Array, q: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, q)
  const rank = values.findIndex((value) => !(value > 1e-14 * values[0]!))
  const root = vectors.slice(0, (rank < 0 ? q : rank) * q)
  for (let at = 0; at < root.length; at++) root[at]! *= Math.sqrt(values[Math.floor(at / q)]!)
  return root
}
