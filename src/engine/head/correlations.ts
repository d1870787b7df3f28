/**
 * How alike the outputs of heads are, as a correlation of vectors: trace cov(r_a, r_b) over the roots of both traces.
 * The terms of a few images at a time are made in the joint space, about their means, and multiplied with themselves.
 */
import { type Bases, coordinateCount, headMatrices } from '../decompose/index.ts'
import { type Batch, product } from '../math/products.ts'
import { type Block, listBlocks, readBlockPart, type ReadDb, type StoredRun } from '../store/index.ts'
import type { TermShape } from '../terms/index.ts'
import { centredCoordinates } from './coordinates.ts'

/** More images hardly change what is seen, and each costs (L H)^2 d products. */
export const mostCorrelatedImages = 512

/** Terms in the joint space that are held at once. */
const mostTermBytes = 32e6

export type HeadCorrelations = {
  images: number
  /** L H */
  heads: number
  /** [L H, L H]; 0 beside a head that does not vary */
  correlations: Float32Array<ArrayBuffer>
}

/** @param limit the images are spread evenly over the run's */
export async function headCorrelations(
  db: ReadDb,
  run: StoredRun,
  bases: Bases,
  shape: TermShape,
  limit = mostCorrelatedImages,
): Promise<HeadCorrelations> {
  const chosen = evenlySpread(listBlocks(db, run.id), limit)
  const images = chosen.reduce((sum, { rows }) => sum + rows.length, 0)
  const heads = shape.layers * shape.heads
  const layers: Batch<Float32Array>[] = []
  for (let layer = 0; layer < shape.layers; layer++) layers.push(chosenCoordinates(db, run, layer, chosen, shape))
  const matrices = layers.map((_, layer) => new Float32Array(headMatrices(bases, layer, shape)))
  const sums = new Float64Array(heads * heads)
  const step = Math.max(1, Math.floor(mostTermBytes / (heads * shape.jointWidth * 4)))
  for (let from = 0; from < images; from += step) {
    const terms = await termsOf(layers, matrices, shape, from, Math.min(images, from + step))
    const { data } = await product(terms, terms, { transposeRight: true })
    for (let at = 0; at < sums.length; at++) sums[at]! += data[at]!
  }
  return { images, heads, correlations: normalised(sums, heads) }
}

type ChosenRows = { block: Block; rows: Int32Array }

/** The rows at i n / m of the run's n, for i below m. */
function evenlySpread(blocks: Block[], limit: number): ChosenRows[] {
  const n = blocks.reduce((sum, { ordinals }) => sum + ordinals.length, 0)
  const m = Math.min(n, limit)
  let before = 0
  return blocks
    .map((block) => {
      const end = before + block.ordinals.length
      const first = Math.ceil((before * m) / n)
      const count = Math.ceil((end * m) / n) - first
      const rows = Int32Array.from({ length: count }, (_, at) => Math.floor(((first + at) * n) / m) - before)
      before = end
      return { block, rows }
    })
    .filter(({ rows }) => rows.length > 0)
}

/** f - mean(f) of the chosen images, [H, images, q]. */
function chosenCoordinates(
  db: ReadDb,
  run: StoredRun,
  layer: number,
  chosen: ChosenRows[],
  shape: TermShape,
): Batch<Float32Array> {
  const width = shape.heads * shape.headWidth
  const images = chosen.reduce((sum, { rows }) => sum + rows.length, 0)
  const attended = new Float32Array(images * width)
  const scalars = new Float32Array(images * 3)
  let at = 0
  for (const { block, rows } of chosen) {
    const ofLayer = readBlockPart(db, run, block.number, 'attended', layer)
    const ofBlock = readBlockPart(db, run, block.number, 'scalars')
    for (const row of rows) {
      attended.set(ofLayer.subarray(row * width, (row + 1) * width), at * width)
      scalars.set(ofBlock.subarray(row * 3, (row + 1) * 3), at * 3)
      at++
    }
  }
  const all = Int32Array.from({ length: images }, (_, row) => row)
  const mean = coordinateMeans(attended, scalars, all, shape)
  const q = coordinateCount(shape)
  return { data: centredCoordinates(attended, scalars, all, mean, shape), shape: [shape.heads, images, q] }
}

/** [H, q], summed in float64. */
function coordinateMeans(
  attended: Float32Array,
  scalars: Float32Array,
  rows: Int32Array,
  shape: TermShape,
): Float64Array {
  const q = coordinateCount(shape)
  const means = new Float64Array(shape.heads * q)
  const coordinates = centredCoordinates(attended, scalars, rows, means, shape)
  for (let at = 0; at < coordinates.length; at++) {
    const head = Math.floor(at / (rows.length * q))
    means[head * q + (at % q)]! += coordinates[at]! / rows.length
  }
  return means
}

/** Terms of images [from, to) in the joint space, [1, L H, (to - from) d]. */
async function termsOf(
  layers: Batch<Float32Array>[],
  matrices: Float32Array[],
  shape: TermShape,
  from: number,
  to: number,
): Promise<Batch<Float32Array>> {
  const { heads, jointWidth: d } = shape
  const q = coordinateCount(shape)
  const size = (to - from) * d
  const terms = new Float32Array(layers.length * heads * size)
  for (const [layer, { data, shape: dims }] of layers.entries()) {
    const rows = new Float32Array(heads * (to - from) * q)
    for (let head = 0; head < heads; head++) {
      const start = head * dims[1]
      rows.set(data.subarray((start + from) * q, (start + to) * q), head * (to - from) * q)
    }
    const right: Batch<Float32Array> = { data: matrices[layer]!, shape: [heads, q, d] }
    const made = await product({ data: rows, shape: [heads, to - from, q] }, right)
    terms.set(made.data, layer * heads * size)
  }
  return { data: terms, shape: [1, layers.length * heads, size] }
}

function normalised(sums: Float64Array, heads: number): Float32Array<ArrayBuffer> {
  const correlations = new Float32Array(heads * heads)
  for (let a = 0; a < heads; a++) {
    for (let b = 0; b < heads; b++) {
      const both = Math.sqrt(sums[a * heads + a]! * sums[b * heads + b]!)
      const correlation = (sums[a * heads + b]! + sums[b * heads + a]!) / (2 * both)
      correlations[a * heads + b] = both > 0 ? Math.min(1, Math.max(-1, correlation)) : a === b ? 1 : 0
    }
  }
  return correlations
}
