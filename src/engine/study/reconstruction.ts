/**
 * Heads replaced by what their first m texts span (spec 4): mean(X) + (X - mean) U U^T, through the classifier.
 * The mean and the space are those of the images that the texts were chosen on.
 */
import { type Bases, coordinateCount, headMatrices } from '../decompose/index.ts'
import { matrixProduct, product } from '../math/products.ts'
import { multiply } from '../math/symmetric.ts'
import { type Block, readBlockPart, type ReadDb, type StoredMoment, type StoredRun } from '../store/index.ts'
import { headCoordinates, type TermShape } from '../terms/index.ts'
import { directionsOf, layerSpace, type LayerSpace } from '../text-span/index.ts'
import type { Readout } from './block-logits.ts'

export type Reconstruction = {
  layers: number[]
  textCounts: number[]
  /** m -> [rows, C]: the described layers' attention as m texts give it */
  logits(db: ReadDb, run: StoredRun, block: Block): Promise<Map<number, Float32Array>>
}

export type DescribedTexts = {
  layer: number
  head: number
  /** unit embeddings of the chosen texts in order, [m, d] */
  embeddings: Float32Array
}

/** For one layer and m: logits = constant + F weights, with F [rows, H q]. */
type LayerReadout = { weights: Float32Array; constant: Float64Array }

export async function reconstruct(
  texts: DescribedTexts[],
  moments: Map<number, StoredMoment>,
  bases: Bases,
  readout: Readout,
  shape: TermShape,
  { rank, textCounts }: { rank: number; textCounts: number[] },
): Promise<Reconstruction> {
  const layers = [...moments.keys()].sort((a, b) => a - b)
  const readouts = new Map<number, Map<number, LayerReadout>>()
  for (const layer of layers) {
    const matrices = headMatrices(bases, layer, shape)
    const moment = moments.get(layer)!
    const space = await layerSpace(moment, matrices, shape, shape.jointWidth, rank)
    const ofLayer = texts.filter((described) => described.layer === layer)
    readouts.set(layer, await layerReadouts(ofLayer, space, moment, matrices, readout, shape, textCounts))
  }
  return {
    layers,
    textCounts,
    logits: (db, run, block) => reconstructedLogits(db, run, block, readouts, readout, shape, textCounts),
  }
}

async function layerReadouts(
  texts: DescribedTexts[],
  space: LayerSpace,
  moment: StoredMoment,
  matrices: Float64Array,
  readout: Readout,
  shape: TermShape,
  textCounts: number[],
): Promise<Map<number, LayerReadout>> {
  const { heads, jointWidth: d } = shape
  const { classes } = readout
  const q = coordinateCount(shape)
  const k = space.size
  const classifier = { data: new Float64Array(readout.classifier), shape: [1, classes, d] as [number, number, number] }
  const basesRead = await product({ data: space.bases, shape: [heads, k, d] }, classifier, { transposeRight: true })
  const wholeRead = await product({ data: matrices, shape: [heads, q, d] }, classifier, { transposeRight: true })
  const result = new Map(
    textCounts.map((m) => [m, { weights: new Float32Array(heads * q * classes), constant: new Float64Array(classes) }]),
  )
  for (const { head, embeddings } of texts) {
    const inBasis = await textsInHead(space, head, embeddings, d)
    const directions = directionsOf(inBasis, k)
    const basisRead = basesRead.data.subarray(head * k * classes, (head + 1) * k * classes)
    const fromCoordinates = space.fromCoordinates.subarray(head * k * q, (head + 1) * k * q)
    const mean = moment.mean.subarray(head * q, (head + 1) * q)
    const meanLogits = multiply(
      mean,
      wholeRead.data.subarray(head * q * classes, (head + 1) * q * classes),
      1,
      q,
      classes,
    )
    for (const m of textCounts) {
      const kept = directions.subarray(0, Math.min(m * k, directions.length))
      const weights = spanWeights(kept, fromCoordinates, basisRead, { k, q, classes })
      const { weights: all, constant } = result.get(m)!
      all.set(weights, head * q * classes)
      const centre = multiply(mean, weights, 1, q, classes)
      for (let c = 0; c < classes; c++) constant[c]! += meanLogits[c]! - centre[c]!
    }
  }
  return result
}

/** texts [m, d] -> [m, k] */
async function textsInHead(
  space: LayerSpace,
  head: number,
  embeddings: Float32Array,
  d: number,
): Promise<Float32Array> {
  const k = space.size
  const basis = new Float32Array(space.bases.subarray(head * k * d, (head + 1) * k * d))
  const texts = { data: embeddings, shape: [1, embeddings.length / d, d] as [number, number, number] }
  return (await product(texts, { data: basis, shape: [1, k, d] }, { transposeRight: true })).data
}

/** [q, C]: coordinates into the basis, onto the texts' directions, back, and through the classifier. */
function spanWeights(
  directions: Float64Array,
  fromCoordinates: Float64Array,
  basisRead: Float64Array,
  { k, q, classes }: { k: number; q: number; classes: number },
): Float64Array {
  const m = directions.length / k
  const onto = multiply(directions, fromCoordinates, m, k, q)
  const read = multiply(directions, basisRead, m, k, classes)
  const weights = new Float64Array(q * classes)
  for (let step = 0; step < m; step++) {
    for (let i = 0; i < q; i++) {
      for (let c = 0; c < classes; c++) weights[i * classes + c]! += onto[step * q + i]! * read[step * classes + c]!
    }
  }
  return weights
}

async function reconstructedLogits(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  readouts: Map<number, Map<number, LayerReadout>>,
  { classes }: Readout,
  shape: TermShape,
  textCounts: number[],
): Promise<Map<number, Float32Array>> {
  const rows = block.ordinals.length
  const q = coordinateCount(shape)
  const scalars = readBlockPart(db, run, block.number, 'scalars')
  const sums = new Map(textCounts.map((m) => [m, new Float32Array(rows * classes)]))
  for (const [layer, byCount] of readouts) {
    const attended = readBlockPart(db, run, block.number, 'attended', layer)
    const coordinates = rowMajor(headCoordinates(attended, scalars, shape), rows, shape.heads, q)
    for (const [m, { weights, constant }] of byCount) {
      const width = shape.heads * q
      const logits = await matrixProduct(coordinates, [rows, width], weights, [width, classes])
      const sum = sums.get(m)!
      for (let at = 0; at < sum.length; at++) sum[at]! += logits[at]! + constant[at % classes]!
    }
  }
  return sums
}

/** [H, rows, q] -> [rows, H q] */
function rowMajor(coordinates: Float32Array, rows: number, heads: number, q: number): Float32Array {
  const result = new Float32Array(coordinates.length)
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < rows; row++) {
      const from = (head * rows + row) * q
      result.set(coordinates.subarray(from, from + q), (row * heads + head) * q)
    }
  }
  return result
}
