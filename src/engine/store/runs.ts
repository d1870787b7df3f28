/** Runs and their blocks. A block is written whole, with the moments it adds, or not at all. */
import type { Statement } from 'better-sqlite3'
import type { Provider, StorePrecision } from '../../contract/run.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'

export type StoredRun = {
  id: number
  key: string
  modelId: number
  dataSetId: number
  store: StorePrecision
  provider: Provider
  hasClassToClass: boolean
  imageCount: number
  blockImages: number
  tolerance: number
  /** the error for which the run was refused as not exact, or null */
  refusedError: number | null
  programVersion: string
  createdMs: number
}

export const blockParts = ['attended', 'mlp', 'class', 'scalars', 'representation'] as const
export type BlockPart = (typeof blockParts)[number]

export type Block = {
  number: number
  /** the data set's ordinal of each row */
  ordinals: Int32Array
  computedError: number
  storedError: number
}

export type BlockContent = { part: BlockPart; layer: number; content: Uint8Array }
export type StoredMoment = { layer: number; rowCount: number; mean: Float64Array; products: Float64Array }
export type Skip = { imageId: number; reason: string }

type Row = {
  id: number
  key: string
  model_id: number
  data_set_id: number
  store: StorePrecision
  provider: Provider
  class_to_class: number
  image_count: number
  block_images: number
  tolerance: number
  refused_error: number | null
  program_version: string
  created_ms: number
}

export function insertRun(db: WriteDb, run: Omit<StoredRun, 'id' | 'refusedError'>): number {
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO run (key, model_id, data_set_id, store, provider, class_to_class, image_count, block_images, tolerance,
       program_version, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      run.key,
      run.modelId,
      run.dataSetId,
      run.store,
      run.provider,
      run.hasClassToClass ? 1 : 0,
      run.imageCount,
      run.blockImages,
      run.tolerance,
      run.programVersion,
      run.createdMs,
    )
  return Number(lastInsertRowid)
}

/** Marks a run whose terms do not add up; infinity, which NaN counts as, is kept as the largest number. */
export function refuseRun(db: WriteDb, id: number, error: number): void {
  db.prepare('UPDATE run SET refused_error = ? WHERE id = ?').run(Math.min(error, Number.MAX_VALUE), id)
}

export function listRuns(db: ReadDb): StoredRun[] {
  return (db.prepare('SELECT * FROM run ORDER BY id').all() as Row[]).map(fromRow)
}

export function findRun(db: ReadDb, id: number): StoredRun | undefined {
  const row = db.prepare('SELECT * FROM run WHERE id = ?').get(id) as Row | undefined
  return row && fromRow(row)
}

function fromRow(row: Row): StoredRun {
  return {
    id: row.id,
    key: row.key,
    modelId: row.model_id,
    dataSetId: row.data_set_id,
    store: row.store,
    provider: row.provider,
    hasClassToClass: row.class_to_class === 1,
    imageCount: row.image_count,
    blockImages: row.block_images,
    tolerance: row.tolerance,
    refusedError: row.refused_error,
    programVersion: row.program_version,
    createdMs: row.created_ms,
  }
}

/** The block, its parts, the images it left out and the moments after it, in one transaction. */
export function commitBlock(
  db: WriteDb,
  runId: number,
  block: Block,
  contents: BlockContent[],
  skips: Skip[],
  moments: StoredMoment[],
): void {
  inTransaction(db, () => {
    db.prepare(
      `INSERT INTO run_block (run_id, number, row_count, ordinals, computed_error, stored_error) VALUES (?, ?, ?, ?, ?, ?)`,
    ).run(runId, block.number, block.ordinals.length, bytesOf(block.ordinals), block.computedError, block.storedError)
    const part = db.prepare('INSERT INTO block_part (run_id, number, part, layer, content) VALUES (?, ?, ?, ?, ?)')
    for (const { part: name, layer, content } of contents) part.run(runId, block.number, name, layer, content)
    const skip = db.prepare('INSERT OR REPLACE INTO run_skip (run_id, image_id, reason) VALUES (?, ?, ?)')
    for (const { imageId, reason } of skips) skip.run(runId, imageId, reason)
    const moment = db.prepare(
      'INSERT OR REPLACE INTO run_moment (run_id, layer, row_count, mean, products) VALUES (?, ?, ?, ?, ?)',
    )
    for (const { layer, rowCount, mean, products } of moments) {
      moment.run(runId, layer, rowCount, bytesOf(mean), bytesOf(products))
    }
  })
}

export function listBlocks(db: ReadDb, runId: number): Block[] {
  const rows = db
    .prepare('SELECT number, ordinals, computed_error, stored_error FROM run_block WHERE run_id = ? ORDER BY number')
    .all(runId) as { number: number; ordinals: Uint8Array; computed_error: number; stored_error: number }[]
  return rows.map((row) => ({
    number: row.number,
    ordinals: new Int32Array(aligned(row.ordinals)),
    computedError: row.computed_error,
    storedError: row.stored_error,
  }))
}

export type RunSummary = {
  blocks: number
  rows: number
  computedError: number | null
  storedError: number | null
  skipped: number
}

export function summariseRun(db: ReadDb, runId: number): RunSummary {
  const sums = db
    .prepare(
      `SELECT count(*) AS blocks, coalesce(sum(row_count), 0) AS rows, max(computed_error) AS computedError,
       max(stored_error) AS storedError FROM run_block WHERE run_id = ?`,
    )
    .get(runId) as Omit<RunSummary, 'skipped'>
  const skipped = db.prepare('SELECT count(*) FROM run_skip WHERE run_id = ?').pluck().get(runId) as number
  return { ...sums, skipped }
}

export function listSkips(db: ReadDb, runId: number): { path: string; reason: string }[] {
  return db
    .prepare(
      'SELECT i.path, s.reason FROM run_skip s JOIN image i ON i.id = s.image_id WHERE s.run_id = ? ORDER BY i.ordinal',
    )
    .all(runId) as { path: string; reason: string }[]
}

/** One part of one block, as it was stored: float16 or float32 by the run, float32 for scalars and representation. */
export function readBlockPart(db: ReadDb, run: StoredRun, number: number, part: BlockPart, layer = 0): Float32Array {
  const content = blockContent(db, run, number, part, layer)
  const isHalf = run.store === 'float16' && part !== 'scalars' && part !== 'representation'
  return isHalf ? new Float32Array(new Float16Array(seen(content, 2))) : floatsOf(content)
}

/** Every half's number by its bits: looking them up is several times as quick as converting row by row. */
const halves = new Float32Array(new Float16Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer))

/** Columns [from, from + count) of a layer's `attended`, [rows, count]: only they are turned into numbers. */
export function readAttendedColumns(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  layer: number,
  { from, count }: { from: number; count: number },
): Float32Array {
  const content = blockContent(db, run, block.number, 'attended', layer)
  const rows = block.ordinals.length
  const columns = new Float32Array(rows * count)
  const stored = run.store === 'float16' ? new Uint16Array(seen(content, 2)) : new Float32Array(seen(content, 4))
  const width = stored.length / rows
  for (let row = 0; row < rows; row++) {
    const start = row * width + from
    if (stored instanceof Float32Array) columns.set(stored.subarray(start, start + count), row * count)
    else for (let i = 0; i < count; i++) columns[row * count + i] = halves[stored[start + i]!]!
  }
  return columns
}

const contentSql = 'SELECT content FROM block_part WHERE run_id = ? AND part = ? AND layer = ? AND number = ?'
const contentStatements = new WeakMap<ReadDb, Statement>()

/** Thousands of blocks are read one after another, so the statement is prepared once. */
function blockContent(db: ReadDb, run: StoredRun, number: number, part: BlockPart, layer: number): Uint8Array {
  let statement = contentStatements.get(db)
  if (!statement) {
    statement = db.prepare(contentSql).pluck()
    contentStatements.set(db, statement)
  }
  const content = statement.get(run.id, part, layer, number) as Uint8Array | undefined
  if (!content) throw new Error(`Run ${run.id} has no part "${part}" of layer ${layer} in block ${number}.`)
  return content
}

/** The bytes themselves where a whole buffer holds them and nothing else, else a copy; for reading once. */
function seen(bytes: Uint8Array, alignment: number): ArrayBuffer {
  const isWhole =
    bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength && bytes.length % alignment === 0
  return isWhole ? (bytes.buffer as ArrayBuffer) : aligned(bytes)
}

type MomentRow = { layer: number; row_count: number; mean: Uint8Array; products: Uint8Array }

const momentColumns = 'layer, row_count, mean, products'

export function readMoments(db: ReadDb, runId: number): StoredMoment[] {
  const rows = db
    .prepare(`SELECT ${momentColumns} FROM run_moment WHERE run_id = ? ORDER BY layer`)
    .all(runId) as MomentRow[]
  return rows.map(momentOf)
}

export function readMoment(db: ReadDb, runId: number, layer: number): StoredMoment | undefined {
  const row = db.prepare(`SELECT ${momentColumns} FROM run_moment WHERE run_id = ? AND layer = ?`).get(runId, layer) as
    MomentRow | undefined
  return row && momentOf(row)
}

function momentOf(row: MomentRow): StoredMoment {
  return {
    layer: row.layer,
    rowCount: row.row_count,
    mean: new Float64Array(aligned(row.mean)),
    products: new Float64Array(aligned(row.products)),
  }
}

export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(aligned(bytes))
}

/** SQLite's buffers may begin anywhere; typed arrays need their own alignment. */
export function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
