/** What is worked out once of a run's heads, and the images kept with TEXTSPAN results. Nothing here ever changes. */
import type { HeadEffect } from '../../contract/head.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'
import { aligned, bytesOf, floatsOf } from './runs.ts'

export type ScoredOrdinal = { ordinal: number; score: number }

/** A direction of a head, its scores over the images of a TEXTSPAN result, and the images at both ends. */
export type KeptDirection = {
  /** 'text:STEP' or 'principal:INDEX' */
  direction: string
  /** highest first */
  highest: ScoredOrdinal[]
  /** lowest first */
  lowest: ScoredOrdinal[]
  images: number
  mean: number
  standardDeviation: number
  share: number
  histogram: { from: number; to: number; counts: Int32Array<ArrayBuffer> }
}

/** Layers ascending; empty before they were worked out. */
export function readHeadEffects(db: ReadDb, runId: number): HeadEffect[] {
  return db
    .prepare('SELECT layer, head, variance FROM run_head WHERE run_id = ? ORDER BY layer, head')
    .all(runId) as HeadEffect[]
}

/** Does nothing where another process was first: both worked out the same. */
export function saveHeadEffects(db: WriteDb, runId: number, effects: HeadEffect[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO run_head (run_id, layer, head, variance) VALUES (?, ?, ?, ?)')
  inTransaction(db, () => {
    for (const { layer, head, variance } of effects) insert.run(runId, layer, head, variance)
  })
}

/** [L H, L H] and the number of images it was worked out from. */
export type StoredCorrelations = { images: number; correlations: Float32Array<ArrayBuffer> }

export function readCorrelations(db: ReadDb, runId: number): StoredCorrelations | undefined {
  const row = db.prepare('SELECT image_count AS images, content FROM run_correlation WHERE run_id = ?').get(runId) as
    { images: number; content: Uint8Array } | undefined
  return row && { images: row.images, correlations: new Float32Array(aligned(row.content)) }
}

export function saveCorrelations(db: WriteDb, runId: number, { images, correlations }: StoredCorrelations): void {
  db.prepare('INSERT OR IGNORE INTO run_correlation (run_id, image_count, content) VALUES (?, ?, ?)').run(
    runId,
    images,
    bytesOf(correlations),
  )
}

/**
 * The directions of one layer's heads, all or none.
 * @returns false when the result itself was dropped in the meantime
 */
export function saveKeptDirections(
  db: WriteDb,
  textSpanId: number,
  layer: number,
  heads: { head: number; directions: KeptDirection[] }[],
): boolean {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO text_span_image (text_span_id, layer, head, direction, highest, lowest, image_count, mean,
     standard_deviation, share, bin_from, bin_to, bins) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return inTransaction(db, () => {
    if (!db.prepare('SELECT 1 FROM text_span WHERE id = ?').get(textSpanId)) return false
    for (const { head, directions } of heads) {
      for (const { direction, highest, lowest, images, mean, standardDeviation, share, histogram } of directions) {
        const ends = [packed(highest), packed(lowest)]
        const { from, to, counts } = histogram
        const bins = bytesOf(counts)
        insert.run(textSpanId, layer, head, direction, ...ends, images, mean, standardDeviation, share, from, to, bins)
      }
    }
    return true
  })
}

/** Layers of a result that no images are kept of, ascending. */
export function unkeptLayers(db: ReadDb, textSpanId: number): number[] {
  return db
    .prepare(
      `SELECT DISTINCT layer FROM text_span_head h WHERE text_span_id = ? AND NOT EXISTS
       (SELECT 1 FROM text_span_image i WHERE i.text_span_id = h.text_span_id AND i.layer = h.layer) ORDER BY layer`,
    )
    .pluck()
    .all(textSpanId) as number[]
}

type KeptRow = {
  highest: Uint8Array
  lowest: Uint8Array
  images: number
  mean: number
  standardDeviation: number
  share: number
  bin_from: number
  bin_to: number
  bins: Uint8Array
}

export function readKeptDirection(
  db: ReadDb,
  textSpanId: number,
  layer: number,
  head: number,
  direction: string,
): KeptDirection | undefined {
  const row = db
    .prepare(
      `SELECT highest, lowest, image_count AS images, mean, standard_deviation AS standardDeviation, share, bin_from,
       bin_to, bins FROM text_span_image WHERE text_span_id = ? AND layer = ? AND head = ? AND direction = ?`,
    )
    .get(textSpanId, layer, head, direction) as KeptRow | undefined
  if (!row) return undefined
  const { bin_from: from, bin_to: to, bins, highest, lowest, ...numbers } = row
  const histogram = { from, to, counts: new Int32Array(aligned(bins)) }
  return { ...numbers, direction, highest: unpacked(highest), lowest: unpacked(lowest), histogram }
}

/** Texts of one head's description, in the order of their steps; undefined when the result does not describe it. */
export function stepTexts(
  db: ReadDb,
  textSpanId: number,
  layer: number,
  head: number,
): { id: number; text: string }[] | undefined {
  const described = db
    .prepare('SELECT 1 FROM text_span_head WHERE text_span_id = ? AND layer = ? AND head = ?')
    .get(textSpanId, layer, head)
  if (!described) return undefined
  return db
    .prepare(
      `SELECT s.text_id AS id, t.content AS text FROM text_span_step s JOIN text t ON t.id = s.text_id
       WHERE s.text_span_id = ? AND s.layer = ? AND s.head = ? ORDER BY s.step`,
    )
    .all(textSpanId, layer, head) as { id: number; text: string }[]
}

/** The unit embedding of a text, by what it says; undefined where the text was never embedded under the model. */
export function embeddingOfText(db: ReadDb, modelId: number, text: string): Float32Array | undefined {
  const bytes = db
    .prepare(
      `SELECT e.embedding FROM text t JOIN text_embedding e ON e.model_id = ? AND e.text_id = t.id WHERE t.content = ?`,
    )
    .pluck()
    .get(modelId, text) as Uint8Array | undefined
  return bytes && floatsOf(bytes)
}

/** [n, 2]: int32 ordinal, float32 score */
function packed(images: ScoredOrdinal[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(images.length * 8))
  images.forEach(({ ordinal, score }, at) => {
    bytes.setInt32(at * 8, ordinal, true)
    bytes.setFloat32(at * 8 + 4, score, true)
  })
  return new Uint8Array(bytes.buffer)
}

function unpacked(content: Uint8Array): ScoredOrdinal[] {
  const bytes = new DataView(content.buffer, content.byteOffset, content.byteLength)
  return Array.from({ length: content.byteLength / 8 }, (_, at) => ({
    ordinal: bytes.getInt32(at * 8, true),
    score: bytes.getFloat32(at * 8 + 4, true),
  }))
}
