/**
 * The space in which a head's terms live, from moments alone (spec 4): an orthonormal basis of the row space of X
 * before centring (its strongest singular directions), and the covariance of X in that basis.
 *
 * With X = F M^T (F [images, q], see moments.ts), X^T X = M S M^T for S = F^T F / n. Writing S = U^T U, the non-zero
 * singular values of X are those of U M^T, a q x d matrix, whatever the number of images.
 */
import { congruent, innerProduct, inverseCholesky, multiply, symmetricEigen } from '../math/symmetric.ts'
import { type Batch, product } from '../math/products.ts'
import { coordinateCount, type HeadShape } from '../decompose/moments.ts'
import type { StoredMoment } from '../store/index.ts'

/** Singular values below this share of the largest are noise: texts projected onto them would be arbitrary. */
export const noiseShare = 1e-6

export type LayerSpace = {
  /** k, rows kept for every head; a head of lower rank has rows of zeros at the end */
  size: number
  /** [H], directions kept */
  ranks: number[]
  /** [H, k, d], orthonormal rows, strongest direction first */
  bases: Float64Array
  /** [H, k, k], covariance of X in the basis (divided by n) */
  covariances: Float64Array
  /** [H], trace of the whole covariance of X */
  variances: number[]
  /** [H, k, q]: basis times the head matrix, which takes coordinates f into the basis */
  fromCoordinates: Float64Array
}

/**
 * @param matrices    M^T of every head, [H, q, d] (see headMatrices)
 * @param largestRank keep at most so many directions
 */
export async function layerSpace(
  moment: StoredMoment,
  matrices: Float64Array,
  shape: HeadShape,
  d: number,
  largestRank: number,
): Promise<LayerSpace> {
  const { heads } = shape
  const q = coordinateCount(shape)
  const k = Math.min(q, d, largestRank)
  const M = batch(matrices, heads, q, d)
  const gram = (await product(M, M, { transposeRight: true })).data
  const combinations = new Float64Array(heads * k * q)
  const ranks: number[] = []
  for (let head = 0; head < heads; head++) {
    const rows = strongestCombinations(secondMoment(moment, head, q), part(gram, head, q * q), q, k)
    combinations.set(rows, head * k * q)
    ranks.push(rows.length / q)
  }
  const rough = await product(batch(combinations, heads, k, q), M)
  const roughGram = (await product(rough, rough, { transposeRight: true })).data
  const mends = new Float64Array(heads * k * k)
  ranks.forEach((rank, head) => mends.set(mend(part(roughGram, head, k * k), rank, k), head * k * k))
  const bases = await product(batch(mends, heads, k, k), rough)
  const links = await product(bases, M, { transposeRight: true })
  const spread = moment.products.map((sum) => sum / moment.rowCount)
  const turned = await product(links, batch(spread, heads, q, q))
  const covariances = await product(turned, links, { transposeRight: true })
  const variances = ranks.map((_, head) =>
    Math.max(0, innerProduct(part(spread, head, q * q), part(gram, head, q * q))),
  )
  return { size: k, ranks, bases: bases.data, covariances: covariances.data, variances, fromCoordinates: links.data }
}

function batch(data: Float64Array, n: number, rows: number, columns: number): Batch<Float64Array> {
  return { data, shape: [n, rows, columns] }
}

function part(stack: Float64Array, head: number, size: number): Float64Array {
  return stack.subarray(head * size, (head + 1) * size)
}

/** S = F^T F / n from the products about the mean. */
function secondMoment(moment: StoredMoment, head: number, q: number): Float64Array {
  const mean = part(moment.mean, head, q)
  const second = new Float64Array(q * q)
  for (let i = 0; i < q; i++) {
    for (let j = 0; j < q; j++) {
      second[i * q + j] = moment.products[(head * q + i) * q + j]! / moment.rowCount + mean[i]! * mean[j]!
    }
  }
  return second
}

/** [k, q]: rows c with c M^T the right singular vectors of X, strongest first. */
function strongestCombinations(second: Float64Array, gram: Float64Array, q: number, largestRank: number): Float64Array {
  const root = scaledRows(symmetricEigen(second, q), q)
  const inner = symmetricEigen(congruent(root, gram, q, q), q)
  const limit = noiseShare ** 2 * inner.values[0]!
  let rank = 0
  while (rank < Math.min(q, largestRank) && inner.values[rank]! > limit) rank++
  const kept = inner.vectors.slice(0, rank * q)
  for (let i = 0; i < rank; i++) for (let j = 0; j < q; j++) kept[i * q + j]! /= Math.sqrt(inner.values[i]!)
  return multiply(kept, root, rank, q, q)
}

/** U with U^T U = S: eigenvectors as rows, times the root of their values. */
function scaledRows({ values, vectors }: ReturnType<typeof symmetricEigen>, q: number): Float64Array {
  const rows = vectors.slice()
  for (let i = 0; i < q; i++) {
    const scale = Math.sqrt(Math.max(0, values[i]!))
    for (let j = 0; j < q; j++) rows[i * q + j]! *= scale
  }
  return rows
}

/**
 * Squaring loses half the digits of weak directions; one more Cholesky step makes the rows orthonormal again.
 * @returns [rank, k]
 */
function mend(roughGram: Float64Array, rank: number, k: number): Float64Array {
  const gram = new Float64Array(rank * rank)
  for (let i = 0; i < rank; i++) for (let j = 0; j < rank; j++) gram[i * rank + j] = roughGram[i * k + j]!
  const inverse = inverseCholesky(gram, rank)
  const padded = new Float64Array(rank * k)
  for (let i = 0; i < rank; i++) for (let j = 0; j < rank; j++) padded[i * k + j] = inverse[i * rank + j]!
  return padded
}
