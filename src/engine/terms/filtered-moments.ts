/** Moments over a run, or over some of its images: the gathered ones where they fit, else made from the blocks. */
import type { ImageFilter } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { blockMoment, emptyMoment, type HeadShape, mergedMoment } from '../decompose/index.ts'
import {
  type Block,
  filteredOrdinals,
  listBlocks,
  readBlockPart,
  type ReadDb,
  readMoments,
  type StoredMoment,
  type StoredRun,
} from '../store/index.ts'

export function isWhole(filter: ImageFilter): boolean {
  const { label, split, path, attributes = {} } = filter
  return label === undefined && split === undefined && path === undefined && Object.keys(attributes).length === 0
}

/** Names a filter whatever the order of its attributes: equal for filters that leave the same images. */
export function filterKey({ label, split, path, attributes = {} }: ImageFilter): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([split ?? null, label ?? null, path ?? null, sorted])
}

/** @throws HeadwiseError 'bad-input' always */
function refuseEmptySelection(filter: ImageFilter): never {
  throw new HeadwiseError(
    'bad-input',
    `The filter ${JSON.stringify(filter)} must leave at least one image of the run; it leaves none.`,
  )
}

/** Rows of each block whose images fit, in order; blocks without any are left out. */
export function selectRows(db: ReadDb, run: StoredRun, filter: ImageFilter): { block: Block; rows: Int32Array }[] {
  const blocks = listBlocks(db, run.id)
  const wanted = isWhole(filter) ? undefined : new Set(filteredOrdinals(db, run.dataSetId, filter))
  const selected = blocks.map((block) => {
    const rows: number[] = []
    block.ordinals.forEach((ordinal, row) => {
      if (!wanted || wanted.has(ordinal)) rows.push(row)
    })
    return { block, rows: Int32Array.from(rows) }
  })
  const kept = selected.filter(({ rows }) => rows.length > 0)
  return kept.length === 0 ? refuseEmptySelection(filter) : kept
}

/** Layer -> moments of the images that fit. */
export function momentsOf(
  db: ReadDb,
  run: StoredRun,
  layers: number[],
  filter: ImageFilter,
  shape: HeadShape,
  signal?: AbortSignal,
): Map<number, StoredMoment> {
  if (isWhole(filter)) {
    const gathered = readMoments(db, run.id).filter(({ layer }) => layers.includes(layer))
    return new Map(gathered.map((moment) => [moment.layer, moment]))
  }
  const moments = new Map(layers.map((layer) => [layer, emptyMoment(layer, shape)]))
  for (const { block, rows } of selectRows(db, run, filter)) {
    const scalars = readBlockPart(db, run, block.number, 'scalars')
    for (const layer of layers) {
      signal?.throwIfAborted()
      const attended = readBlockPart(db, run, block.number, 'attended', layer)
      moments.set(layer, mergedMoment(moments.get(layer)!, blockMoment(layer, attended, scalars, shape, rows), shape))
    }
  }
  return moments
}
