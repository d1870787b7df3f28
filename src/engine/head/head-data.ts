/**
 * One head of a run over some of its images: its coordinates block by block (see decompose/moments.ts), their moments,
 * and the space in which its terms live. Only the head's own columns of a layer are turned into numbers; they stay in
 * memory for a while, so that a second direction on the same head need not read the layer again.
 */
import type { ImageFilter } from '../../contract/data-set.ts'
import { type Bases, blockMoment, emptyMoment, headMatrix, type HeadShape, mergedMoment } from '../decompose/index.ts'
import { coordinateCount } from '../decompose/index.ts'
import { ByteCache } from '../memory/index.ts'
import {
  type Block,
  readAttendedColumns,
  readBlockPart,
  type ReadDb,
  readMoment,
  type StoredMoment,
  type StoredRun,
} from '../store/index.ts'
import { filterKey, isWhole, selectRows, type TermShape } from '../terms/index.ts'
import { layerSpace, type LayerSpace } from '../text-span/index.ts'

/** Rows of a block that take part. */
export type HeadRows = {
  /** of every row of the block */
  ordinals: Int32Array
  /** z of the head, [rows of the block, headWidth] */
  attended: Float32Array
  /** mu, sigma, |rep|, [rows of the block, 3] */
  scalars: Float32Array
  /** which rows take part, ascending */
  rows: Int32Array
}

export type HeadData = {
  layer: number
  head: number
  shape: TermShape
  /** of the images that fit, for this head alone */
  moment: StoredMoment
  /** M^T, [q, d] */
  matrix: Float64Array
  /** of this head alone, with every direction that the images show */
  space: LayerSpace
  blocks(): Iterable<HeadRows>
}

type Columns = Map<number, Omit<HeadRows, 'rows'>>
type Known = Pick<HeadData, 'moment' | 'matrix' | 'space'>
export type HeadMemory = { columns: ByteCache<Columns>; known: ByteCache<Known> }

/** A head of 50,000 images of ViT-L/14 is 13 MB. */
const mostColumnBytes = 192e6
const mostKnownBytes = 64e6

export function headMemory(): HeadMemory {
  return { columns: new ByteCache(mostColumnBytes), known: new ByteCache(mostKnownBytes) }
}

export type HeadOf = { db: ReadDb; run: StoredRun; shape: TermShape; layer: number; head: number; memory: HeadMemory }

/**
 * @param bases asked for only when the head is not in memory
 * @throws HeadwiseError 'bad-input' when no image of the run fits the filter
 */
export async function openHead(of: HeadOf, filter: ImageFilter, bases: () => Promise<Bases>): Promise<HeadData> {
  const { db, run, shape, layer, head, memory } = of
  const selection = selectRows(db, run, filter)
  const readColumns = columnReader(of)
  const blocks = () => rowsOf(selection, readColumns)
  const key = `${keyOf(of)}:${filterKey(filter)}`
  let known = memory.known.get(key)
  if (!known) {
    const matrix = headMatrix(await bases(), layer, head, shape)
    const moment = isWhole(filter) ? storedMoment(of) : gatheredMoment(of, blocks())
    const single = { heads: 1, headWidth: shape.headWidth }
    const space = await layerSpace(moment, matrix, single, shape.jointWidth, coordinateCount(shape))
    known = memory.known.set(key, { moment, matrix, space }, 2 * matrix.byteLength + 3 * moment.products.byteLength)
  }
  return { layer, head, shape, ...known, blocks }
}

function keyOf({ run, layer, head }: HeadOf): string {
  return `${run.id}:${layer}:${head}`
}

function* rowsOf(
  selection: { block: Block; rows: Int32Array }[],
  readColumns: (block: Block) => Omit<HeadRows, 'rows'>,
): Iterable<HeadRows> {
  for (const { block, rows } of selection) yield { ...readColumns(block), rows }
}

function columnReader({ db, run, shape, layer, head, memory }: HeadOf): (block: Block) => Omit<HeadRows, 'rows'> {
  const { headWidth } = shape
  const key = `${run.id}:${layer}:${head}`
  const bytes = run.imageCount * (headWidth + 4) * 4
  const columns = memory.columns.get(key) ?? memory.columns.set(key, new Map(), bytes)
  const isKept = memory.columns.get(key) === columns
  return (block) => {
    const found = columns.get(block.number)
    if (found) return found
    const attended = readAttendedColumns(db, run, block, layer, { from: head * headWidth, count: headWidth })
    const made = { ordinals: block.ordinals, attended, scalars: readBlockPart(db, run, block.number, 'scalars') }
    if (isKept) columns.set(block.number, made)
    return made
  }
}

/** The head's part of what was gathered while decomposing. */
function storedMoment({ db, run, shape, layer, head }: HeadOf): StoredMoment {
  const q = coordinateCount(shape)
  const { rowCount, mean, products } = readMoment(db, run.id, layer)!
  return {
    layer,
    rowCount,
    mean: mean.slice(head * q, (head + 1) * q),
    products: products.slice(head * q * q, (head + 1) * q * q),
  }
}

function gatheredMoment({ shape, layer }: HeadOf, blocks: Iterable<HeadRows>): StoredMoment {
  const single: HeadShape = { heads: 1, headWidth: shape.headWidth }
  let moment = emptyMoment(layer, single)
  for (const { attended, scalars, rows } of blocks) {
    moment = mergedMoment(moment, blockMoment(layer, attended, scalars, single, rows), single)
  }
  return moment
}
