/**
 * Means and second moments of every head, gathered while decomposing. A head's term is linear in the coordinates
 *   f = (z / (sigma |rep|), 1 / (sigma |rep|), mu / (sigma |rep|), 1 / |rep|),  q = headWidth + 3 numbers (spec 4),
 * so that TEXTSPAN costs the same for five thousand images as for a million. Sums of products are kept about the mean:
 * blocks are merged as in Chan, Golub and LeVeque (1983), which loses no digits where the mean is large.
 */
import type { StoredMoment } from '../store/index.ts'

export type HeadShape = { heads: number; headWidth: number }

export function coordinateCount({ headWidth }: HeadShape): number {
  return headWidth + 3
}

/** scalars [rows, 3] (mu, sigma, |rep|) -> the last three coordinates, with 1 / (sigma |rep|) first. */
export function scalarCoordinates(scalars: Float32Array, row: number): [number, number, number] {
  const mean = scalars[row * 3]!
  const scale = scalars[row * 3 + 1]!
  const norm = scalars[row * 3 + 2]!
  return [1 / (scale * norm), mean / (scale * norm), 1 / norm]
}

/**
 * @param attended [rows, D] of a layer
 * @param scalars  [rows, 3]
 * @param rows     which rows take part; all when absent
 * @returns mean [H, q] and products about it [H, q, q]
 */
export function blockMoment(
  layer: number,
  attended: Float32Array,
  scalars: Float32Array,
  shape: HeadShape,
  rows?: Int32Array,
): StoredMoment {
  const width = shape.heads * shape.headWidth
  const q = coordinateCount(shape)
  const rowCount = rows ? rows.length : scalars.length / 3
  const mean = new Float64Array(shape.heads * q)
  const products = new Float64Array(shape.heads * q * q)
  const coordinates = new Float64Array(rowCount * q)
  for (let head = 0; head < shape.heads; head++) {
    for (let at = 0; at < rowCount; at++) {
      const row = rows ? rows[at]! : at
      const [perScale, meanPerScale, perNorm] = scalarCoordinates(scalars, row)
      const from = row * width + head * shape.headWidth
      const to = at * q
      for (let i = 0; i < shape.headWidth; i++) coordinates[to + i] = attended[from + i]! * perScale
      coordinates[to + q - 3] = perScale
      coordinates[to + q - 2] = meanPerScale
      coordinates[to + q - 1] = perNorm
    }
    const headMean = mean.subarray(head * q, (head + 1) * q)
    centreInPlace(coordinates, rowCount, q, headMean)
    addProductsInPlace(products.subarray(head * q * q, (head + 1) * q * q), coordinates, rowCount, q)
  }
  return { layer, rowCount, mean, products }
}

/** Writes the column means and takes them from every row. */
function centreInPlace(coordinates: Float64Array, rowCount: number, q: number, mean: Float64Array): void {
  for (let row = 0; row < rowCount; row++) for (let i = 0; i < q; i++) mean[i]! += coordinates[row * q + i]!
  for (let i = 0; i < q; i++) mean[i]! /= Math.max(1, rowCount)
  for (let row = 0; row < rowCount; row++) for (let i = 0; i < q; i++) coordinates[row * q + i]! -= mean[i]!
}

function addProductsInPlace(products: Float64Array, coordinates: Float64Array, rowCount: number, q: number): void {
  for (let row = 0; row < rowCount; row++) {
    const from = row * q
    for (let i = 0; i < q; i++) {
      const factor = coordinates[from + i]!
      for (let j = i; j < q; j++) products[i * q + j]! += factor * coordinates[from + j]!
    }
  }
  for (let i = 0; i < q; i++) for (let j = 0; j < i; j++) products[i * q + j] = products[j * q + i]!
}

/** The moments of both sets of rows together. */
export function mergedMoment(a: StoredMoment, b: StoredMoment, shape: HeadShape): StoredMoment {
  if (a.rowCount === 0) return b
  if (b.rowCount === 0) return a
  const q = coordinateCount(shape)
  const rowCount = a.rowCount + b.rowCount
  const mean = new Float64Array(a.mean.length)
  const products = new Float64Array(a.products.length)
  const weight = (a.rowCount * b.rowCount) / rowCount
  for (let head = 0; head < shape.heads; head++) {
    const at = head * q
    for (let i = 0; i < q; i++) {
      const step = b.mean[at + i]! - a.mean[at + i]!
      mean[at + i] = a.mean[at + i]! + (step * b.rowCount) / rowCount
      for (let j = 0; j < q; j++) {
        const place = (at + i) * q + j
        products[place] = a.products[place]! + b.products[place]! + weight * step * (b.mean[at + j]! - a.mean[at + j]!)
      }
    }
  }
  return { layer: a.layer, rowCount, mean, products }
}

export function emptyMoment(layer: number, shape: HeadShape): StoredMoment {
  const q = coordinateCount(shape)
  return {
    layer,
    rowCount: 0,
    mean: new Float64Array(shape.heads * q),
    products: new Float64Array(shape.heads * q * q),
  }
}
