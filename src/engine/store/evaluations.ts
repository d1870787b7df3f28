/** Linked masks, and evaluations of segmentation with a row for each image. Counts are pixels at the input's size. */
import { ImageFilter } from '../../contract/data-set.ts'
import type { SegmentScores } from '../../contract/segment.ts'
import { type groundTruthKinds, SegmentSettings } from '../../contract/segment.ts'
import { ZeroShotTask } from '../../contract/study.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'

export type StoredGroundTruth = {
  dataSetId: number
  kind: Exclude<(typeof groundTruthKinds)[number], 'mat'>
  /** as stored, see paths.ts */
  place: string
  hash: string
  masks: number
  problems: { where: string; reason: string }[]
}

/** Replaces what was linked before: nothing is copied, so nothing is lost. */
export function saveGroundTruth(db: WriteDb, truth: StoredGroundTruth, linkedMs: number): void {
  db.prepare(
    `INSERT OR REPLACE INTO ground_truth (data_set_id, kind, place, hash, mask_count, problems, linked_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(truth.dataSetId, truth.kind, truth.place, truth.hash, truth.masks, JSON.stringify(truth.problems), linkedMs)
}

export function findGroundTruth(db: ReadDb, dataSetId: number): StoredGroundTruth | undefined {
  const row = db
    .prepare(
      `SELECT data_set_id AS dataSetId, kind, place, hash, mask_count AS masks, problems FROM ground_truth
       WHERE data_set_id = ?`,
    )
    .get(dataSetId) as (Omit<StoredGroundTruth, 'problems'> & { problems: string }) | undefined
  return row && { ...row, problems: JSON.parse(row.problems) as StoredGroundTruth['problems'] }
}

/** Scores over the scored images, by what the model made of them. */
export type StoredScores = {
  scores: SegmentScores | null
  scoresWhenRight: SegmentScores | null
  scoresWhenWrong: SegmentScores | null
}

export type StoredEvaluation = StoredScores & {
  id: number
  jobId: number
  modelId: number
  dataSetId: number
  groundTruthHash: string
  task: ZeroShotTask
  filter: ImageFilter
  settings: SegmentSettings
  provider: string
  /** images scored, left out with a reason, and asked for */
  images: number
  skipped: number
  imageCount: number
  programVersion: string
  createdMs: number
}
export type NewEvaluation = Omit<StoredEvaluation, 'id' | 'images' | 'skipped' | keyof StoredScores>

export function insertEvaluation(db: WriteDb, evaluation: NewEvaluation): number {
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO evaluation (job_id, model_id, data_set_id, ground_truth_hash, task, filter, settings, provider,
       image_count, program_version, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      evaluation.jobId,
      evaluation.modelId,
      evaluation.dataSetId,
      evaluation.groundTruthHash,
      JSON.stringify(evaluation.task),
      JSON.stringify(evaluation.filter),
      JSON.stringify(evaluation.settings),
      evaluation.provider,
      evaluation.imageCount,
      evaluation.programVersion,
      Math.round(evaluation.createdMs),
    )
  return Number(lastInsertRowid)
}

const evaluationSql = `
  SELECT id, job_id AS jobId, model_id AS modelId, data_set_id AS dataSetId, ground_truth_hash AS groundTruthHash, task,
    filter, settings, provider, image_count AS imageCount, program_version AS programVersion, created_ms AS createdMs, scores,
    (SELECT count(*) FROM evaluation_image WHERE evaluation_id = evaluation.id AND skip_reason IS NULL) AS images,
    (SELECT count(*) FROM evaluation_image WHERE evaluation_id = evaluation.id AND skip_reason IS NOT NULL) AS skipped
  FROM evaluation`

type EvaluationRow = Omit<StoredEvaluation, 'task' | 'filter' | 'settings' | keyof StoredScores> & {
  task: string
  filter: string
  settings: string
  scores: string | null
}

/** Newest first. */
export function listEvaluations(db: ReadDb): StoredEvaluation[] {
  return (db.prepare(`${evaluationSql} ORDER BY id DESC`).all() as EvaluationRow[]).map(evaluationOf)
}

export function findEvaluation(db: ReadDb, id: number): StoredEvaluation | undefined {
  const row = db.prepare(`${evaluationSql} WHERE id = ?`).get(id) as EvaluationRow | undefined
  return row && evaluationOf(row)
}

const noScores: StoredScores = { scores: null, scoresWhenRight: null, scoresWhenWrong: null }

function evaluationOf(row: EvaluationRow): StoredEvaluation {
  return {
    ...row,
    task: ZeroShotTask.parse(JSON.parse(row.task)),
    filter: ImageFilter.parse(JSON.parse(row.filter)),
    settings: SegmentSettings.parse(JSON.parse(row.settings)),
    ...(row.scores === null ? noScores : (JSON.parse(row.scores) as StoredScores)),
  }
}

export type StoredScoredImage = {
  ordinal: number
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
  averagePrecision: number
  predictedClass: string | null
  trueClass: string | null
}

/** An image under an evaluation: scored, or left out with a reason. */
export type NewEvaluationImage =
  | { evaluationId: number; ordinal: number; skipReason: string }
  | (StoredScoredImage & { evaluationId: number; bins: { foreground: Int32Array; background: Int32Array } })

/** All or nothing, with the scores over everything scored until then where they are worked out. */
export function saveEvaluationImages(
  db: WriteDb,
  images: NewEvaluationImage[],
  scores: Map<number, StoredScores> = new Map(),
): void {
  const skip = db.prepare('INSERT INTO evaluation_image (evaluation_id, ordinal, skip_reason) VALUES (?, ?, ?)')
  const score = db.prepare(
    `INSERT INTO evaluation_image (evaluation_id, ordinal, true_positives, false_positives, false_negatives, true_negatives,
     average_precision, predicted_class, true_class, foreground_bins, background_bins) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const save = db.prepare('UPDATE evaluation SET scores = ? WHERE id = ?')
  inTransaction(db, () => {
    for (const image of images) {
      if ('skipReason' in image) skip.run(image.evaluationId, image.ordinal, image.skipReason)
      else {
        score.run(
          image.evaluationId,
          image.ordinal,
          image.truePositives,
          image.falsePositives,
          image.falseNegatives,
          image.trueNegatives,
          image.averagePrecision,
          image.predictedClass,
          image.trueClass,
          bytesOf(image.bins.foreground),
          bytesOf(image.bins.background),
        )
      }
    }
    for (const [id, of] of scores) save.run(JSON.stringify(of), id)
  })
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Every image that is done, by its ordinal; whether it was left out. */
export function doneImages(db: ReadDb, evaluationId: number): Map<number, { isSkipped: boolean }> {
  const rows = db
    .prepare('SELECT ordinal, skip_reason IS NOT NULL AS isSkipped FROM evaluation_image WHERE evaluation_id = ?')
    .all(evaluationId) as { ordinal: number; isSkipped: number }[]
  return new Map(rows.map(({ ordinal, isSkipped }) => [ordinal, { isSkipped: isSkipped === 1 }]))
}

/** By ordinal, without the images left out. */
export function scoredImages(db: ReadDb, evaluationId: number): StoredScoredImage[] {
  return db
    .prepare(
      `SELECT ordinal, true_positives AS truePositives, false_positives AS falsePositives, false_negatives AS falseNegatives,
       true_negatives AS trueNegatives, average_precision AS averagePrecision, predicted_class AS predictedClass,
       true_class AS trueClass FROM evaluation_image
       WHERE evaluation_id = ? AND skip_reason IS NULL ORDER BY ordinal`,
    )
    .all(evaluationId) as StoredScoredImage[]
}

/** Added up over the set, [101] each; a bin of a large set passes 2^31. */
export function summedBins(db: ReadDb, evaluationId: number): { foreground: Float64Array; background: Float64Array } {
  const rows = db
    .prepare(
      `SELECT foreground_bins, background_bins FROM evaluation_image WHERE evaluation_id = ? AND skip_reason IS NULL`,
    )
    .raw()
    .iterate(evaluationId) as IterableIterator<[Buffer, Buffer]>
  const foreground = new Float64Array(101)
  const background = new Float64Array(101)
  for (const [ofForeground, ofBackground] of rows) {
    for (let at = 0; at < foreground.length; at++) {
      foreground[at]! += ofForeground.readInt32LE(4 * at)
      background[at]! += ofBackground.readInt32LE(4 * at)
    }
  }
  return { foreground, background }
}

export function skippedImages(db: ReadDb, evaluationId: number): { path: string; reason: string }[] {
  return db
    .prepare(
      `SELECT i.path, r.skip_reason AS reason FROM evaluation_image r JOIN evaluation e ON e.id = r.evaluation_id
       JOIN image i ON i.data_set_id = e.data_set_id AND i.ordinal = r.ordinal
       WHERE r.evaluation_id = ? AND r.skip_reason IS NOT NULL ORDER BY r.ordinal`,
    )
    .all(evaluationId) as { path: string; reason: string }[]
}
