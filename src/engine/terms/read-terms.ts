/**
 * Terms of stored blocks in the joint space, in the published order (spec 2): heads [rows, L, H, d], MLPs
 * [rows, L + 1, d], class-to-class [rows, L, d]. Everything comes from the compact form; nothing is kept.
 */
import {
  type Bases,
  coordinateCount,
  headMatrices,
  type HeadShape,
  layerTermCount,
  scalarCoordinates,
} from '../decompose/index.ts'
import { product } from '../math/products.ts'
import { type Block, readBlockPart, type ReadDb, type StoredRun } from '../store/index.ts'

export type TermShape = HeadShape & { layers: number; tokens: number; jointWidth: number }

/**
 * Coordinates f of every head (see moments.ts): [H, rows, q].
 * @param attended [rows, D]
 * @param scalars  [rows, 3]
 */
export function headCoordinates(attended: Float32Array, scalars: Float32Array, shape: HeadShape): Float32Array {
  const { heads, headWidth } = shape
  const q = coordinateCount(shape)
  const rows = scalars.length / 3
  const coordinates = new Float32Array(heads * rows * q)
  for (let row = 0; row < rows; row++) {
    const tail = scalarCoordinates(scalars, row)
    for (let head = 0; head < heads; head++) {
      const from = (row * heads + head) * headWidth
      const to = (head * rows + row) * q
      for (let i = 0; i < headWidth; i++) coordinates[to + i] = attended[from + i]! * tail[0]
      coordinates.set(tail, to + headWidth)
    }
  }
  return coordinates
}

/** Terms of a layer's heads, for rows [from, to) of a block: [H, rows, d]. */
export async function layerHeadTerms(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  layer: number,
  bases: Bases,
  shape: TermShape,
  { from, to }: { from: number; to: number },
): Promise<Float32Array> {
  const width = shape.heads * shape.headWidth
  const attended = readBlockPart(db, run, block.number, 'attended', layer).subarray(from * width, to * width)
  const scalars = readBlockPart(db, run, block.number, 'scalars').subarray(from * 3, to * 3)
  const q = coordinateCount(shape)
  const matrices = new Float32Array(headMatrices(bases, layer, shape))
  const terms = await product(
    { data: headCoordinates(attended, scalars, shape), shape: [shape.heads, to - from, q] },
    { data: matrices, shape: [shape.heads, q, shape.jointWidth] },
  )
  return terms.data
}

/** MLP terms 0 to L: [rows, L + 1, d]. */
export function mlpTerms(db: ReadDb, run: StoredRun, block: Block, bases: Bases, shape: TermShape): Float32Array {
  const { layers, jointWidth: d } = shape
  const T = layerTermCount(layers)
  const scalars = readBlockPart(db, run, block.number, 'scalars')
  const terms = new Float32Array(block.ordinals.length * (layers + 1) * d)
  for (let term = 0; term <= layers; term++) {
    const raw = term === 0 ? undefined : readBlockPart(db, run, block.number, 'mlp', term - 1)
    for (let row = 0; row < block.ordinals.length; row++) {
      const [perScale, meanPerScale, perNorm] = scalarCoordinates(scalars, row)
      const to = (row * (layers + 1) + term) * d
      for (let k = 0; k < d; k++) {
        const own = raw ? raw[row * d + k]! : bases.initial[k]!
        terms[to + k] = own * perScale - (bases.G[k]! * meanPerScale) / T + (bases.E[k]! * perNorm) / T
      }
    }
  }
  return terms
}

/** Class-to-class attention terms: [rows, L, d]. The bias of a layer is shared by tokens and heads: b_O / (N H) each. */
export function classToClassTerms(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  bases: Bases,
  shape: TermShape,
): Float32Array {
  const { layers, tokens, jointWidth: d } = shape
  const parts = layerTermCount(layers) * tokens
  const scalars = readBlockPart(db, run, block.number, 'scalars')
  const terms = new Float32Array(block.ordinals.length * layers * d)
  for (let layer = 0; layer < layers; layer++) {
    const raw = readBlockPart(db, run, block.number, 'class', layer)
    const B = bases.B.get(layer)!
    for (let row = 0; row < block.ordinals.length; row++) {
      const [perScale, meanPerScale, perNorm] = scalarCoordinates(scalars, row)
      const to = (row * layers + layer) * d
      for (let k = 0; k < d; k++) {
        terms[to + k] =
          (raw[row * d + k]! + B[k]! / tokens) * perScale -
          (bases.G[k]! * meanPerScale) / parts +
          (bases.E[k]! * perNorm) / parts
      }
    }
  }
  return terms
}
