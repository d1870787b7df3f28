/**
 * Pairs of texts whose unit embeddings are nearly the same. All pairs are looked at, block by block, through an upper
 * bound of their cosine in few dimensions: with Q an orthonormal basis of k directions and p = Q x the part of x in it,
 * x . y = p_x . p_y + (rest of x) . (rest of y) <= p_x . p_y + |rest of x| |rest of y|. The lengths of the rests stand
 * beside p as one more coordinate, so that the bound is a product of [k + 1]. Only pairs above are worked out in full.
 */
import { product } from '../math/products.ts'

export type Twin = {
  /** row of the later text */
  row: number
  /** row of the earlier text that it resembles most */
  of: number
  cosine: number
}

const boundDimensions = 64
/** Of so many rows the directions are taken that the texts vary along. */
const sampleRows = 4096
const iterations = 6
/** So many rows tell what share of the pairs would be worked out in full, one by one. */
const trialRows = 1000
const mostPairsInFull = 0.015
/** A block of bounds is 4 x 1024 x 4096 bytes. */
const blockRows = 1024
const blockColumns = 4096
/** float32 products of unit vectors are this near to the true ones, with room to spare. */
const rounding = 1e-4

/**
 * @param embeddings  [n, d] unit rows
 * @param cosineAbove 0.5 to 1; pairs at or below it are left out
 * @returns one twin a row at most, rows ascending
 */
export async function nearDuplicates(embeddings: Float32Array, d: number, cosineAbove: number): Promise<Twin[]> {
  const n = embeddings.length / d
  const bounds = await boundsFor(embeddings, d, cosineAbove)
  const best = new Float64Array(n).fill(cosineAbove)
  const of = new Int32Array(n).fill(-1)
  for (let from = 0; from < n; from += blockRows) {
    const rows = slab(bounds.rows, bounds.width, from, blockRows)
    for (let start = 0; start < from + rows.count; start += blockColumns) {
      const columns = slab(bounds.rows, bounds.width, start, Math.min(blockColumns, from + rows.count - start))
      const { data } = await product(
        { data: rows.data, shape: [1, rows.count, bounds.width] },
        { data: columns.data, shape: [1, columns.count, bounds.width] },
        { transposeRight: true },
      )
      for (let at = 0; at < rows.count; at++) {
        const row = from + at
        const end = Math.min(columns.count, row - start)
        let least = best[row]! - rounding
        const line = at * columns.count
        for (let column = 0; column < end; column++) {
          if (data[line + column]! < least) continue
          const cosine = dot(embeddings, d, row, start + column)
          if (!(cosine > best[row]!)) continue
          best[row] = cosine
          of[row] = start + column
          least = cosine - rounding
        }
      }
    }
  }
  return [...of.keys()].filter((row) => of[row]! >= 0).map((row) => ({ row, of: of[row]!, cosine: best[row]! }))
}

function slab(rows: Float32Array, width: number, from: number, count: number): { data: Float32Array; count: number } {
  const data = rows.subarray(from * width, (from + count) * width)
  return { data, count: data.length / width }
}

function dot(rows: Float32Array, d: number, a: number, b: number): number {
  let sum = 0
  for (let k = 0; k < d; k++) sum += rows[a * d + k]! * rows[b * d + k]!
  return sum
}

/** Where the bound would let too many pairs through, as with a low threshold, whole products are quicker. */
async function boundsFor(
  embeddings: Float32Array,
  d: number,
  cosineAbove: number,
): Promise<{ rows: Float32Array; width: number }> {
  const whole = { rows: embeddings, width: d }
  if (d <= 2 * boundDimensions) return whole
  const bounds = await boundingRows(embeddings, d)
  const { data: sample, count } = evenly(bounds.rows, bounds.width, trialRows)
  const rows = { data: sample, shape: [1, count, bounds.width] as [number, number, number] }
  const { data } = await product(rows, rows, { transposeRight: true })
  const above = data.reduce((sum, bound) => sum + (bound > cosineAbove ? 1 : 0), -count)
  return above / (count * count) > mostPairsInFull ? whole : bounds
}

/** [n, k + 1]: coordinates along the texts' main directions, and the length of the rest. */
async function boundingRows(embeddings: Float32Array, d: number): Promise<{ rows: Float32Array; width: number }> {
  const n = embeddings.length / d
  const basis = await mainDirections(embeddings, d)
  const width = boundDimensions + 1
  const rows = new Float32Array(n * width)
  for (let from = 0; from < n; from += blockColumns) {
    const part = slab(embeddings, d, from, blockColumns)
    const { data } = await product(
      { data: part.data, shape: [1, part.count, d] },
      { data: basis, shape: [1, boundDimensions, d] },
      { transposeRight: true },
    )
    for (let row = 0; row < part.count; row++) {
      const start = (from + row) * width
      let inside = 0
      for (let k = 0; k < boundDimensions; k++) {
        const coordinate = data[row * boundDimensions + k]!
        rows[start + k] = coordinate
        inside += coordinate * coordinate
      }
      const whole = dot(embeddings, d, from + row, from + row)
      rows[start + boundDimensions] = Math.sqrt(Math.max(0, whole - inside))
    }
  }
  return { rows, width }
}

/**
 * Rows of an orthonormal basis [k, d] near the texts' principal directions, by subspace iteration from rows of the
 * sample. Any orthonormal basis gives a bound; a better one leaves fewer pairs.
 */
async function mainDirections(embeddings: Float32Array, d: number): Promise<Float32Array> {
  const { data: sample, count } = evenly(embeddings, d, sampleRows)
  const rows = { data: sample, shape: [1, count, d] as [number, number, number] }
  const { data: second } = await product(rows, rows, { transposeLeft: true })
  let basis = orthonormal(second.slice(0, boundDimensions * d), d)
  for (let at = 0; at < iterations; at++) {
    const next = await product({ data: basis, shape: [1, boundDimensions, d] }, { data: second, shape: [1, d, d] })
    basis = orthonormal(next.data, d)
  }
  return basis
}

/** Rows spread evenly, at least `count` of them where there are so many. */
function evenly(rows: Float32Array, width: number, count: number): { data: Float32Array; count: number } {
  const all = rows.length / width
  const stride = Math.max(1, Math.floor(all / count))
  const taken = Math.floor((all - 1) / stride) + 1
  const data = new Float32Array(taken * width)
  for (let at = 0; at < taken; at++) data.set(rows.subarray(at * stride * width, (at * stride + 1) * width), at * width)
  return { data, count: taken }
}

/** Gram-Schmidt, twice over for each row; a row that nothing is left of becomes zeros, which bound as well. */
function orthonormal(rows: Float32Array, d: number): Float32Array {
  const count = rows.length / d
  const result = new Float32Array(rows.length)
  for (let row = 0; row < count; row++) {
    const rest = Float64Array.from(rows.subarray(row * d, (row + 1) * d))
    const length = Math.hypot(...rest)
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < row; other++) {
        let along = 0
        for (let k = 0; k < d; k++) along += rest[k]! * result[other * d + k]!
        for (let k = 0; k < d; k++) rest[k]! -= along * result[other * d + k]!
      }
    }
    const left = Math.hypot(...rest)
    if (left > 1e-6 * length) for (let k = 0; k < d; k++) result[row * d + k] = rest[k]! / left
  }
  return result
}
