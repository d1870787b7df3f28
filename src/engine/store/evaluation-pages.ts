/** Pages of an evaluation's images, sorted and cut in SQL, so that a million images cost what a screen shows. */
import type { ImageScore, segmentSorts } from '../../contract/segment.ts'
import type { ReadDb } from './database.ts'
import { currentFlags, flagsOfImages } from './mask-notes.ts'

export type EvaluationPage = {
  evaluationId: number
  /** the evaluation compared with */
  againstId?: number
  sort: (typeof segmentSorts)[number]
  isDescending: boolean
  /** only images with this flag; "any" for any */
  flag?: string
  className?: string
  isMisclassified?: boolean
  offset: number
  limit: number
}

type Parameters = (string | number)[]

const orders: Record<EvaluationPage['sort'], string> = {
  iou: 'r.iou',
  averagePrecision: 'r.average_precision',
  pixelAccuracy: 'r.pixel_accuracy',
  difference: 'difference',
  class: 'r.class_name',
  ordinal: 'r.ordinal',
}

/**
 * The images of a page in order, and what it needs: exported so that a test can ask for the plan.
 * Images without a difference or a class come last, whichever way the others run.
 */
export function pageStatement(page: EvaluationPage, dataSetId: number): { sql: string; parameters: Parameters } {
  const { where, parameters } = whereOf(page, dataSetId)
  const direction = page.isDescending ? 'DESC' : 'ASC'
  const own = orders[page.sort]
  // A column that is never null is named alone: only then the index gives the order.
  const isNullable = page.sort === 'difference'
  const order = page.sort === 'ordinal' ? `${own} ${direction}` : `${own} ${direction}, r.ordinal ${direction}`
  const against =
    page.againstId === undefined
      ? ''
      : `LEFT JOIN evaluation_image o ON o.evaluation_id = ${page.againstId} AND o.ordinal = r.ordinal
         AND o.skip_reason IS NULL`
  const sql = `SELECT r.ordinal, ${page.againstId === undefined ? 'NULL' : 'r.iou - o.iou'} AS difference
    FROM evaluation_image r ${against}
    WHERE ${where} ORDER BY ${isNullable ? 'difference IS NULL, ' : ''}${order} LIMIT ? OFFSET ?`
  return { sql, parameters: [...parameters, page.limit, page.offset] }
}

function whereOf({ evaluationId, flag, className, isMisclassified }: EvaluationPage, dataSetId: number) {
  const parts = ['r.evaluation_id = ?', 'r.skip_reason IS NULL']
  const parameters: Parameters = [evaluationId]
  if (className !== undefined) {
    parts.push('r.class_name = ?')
    parameters.push(className)
  }
  if (isMisclassified !== undefined) parts.push(`r.predicted_class ${isMisclassified ? '<>' : '='} r.true_class`)
  if (flag !== undefined) {
    parts.push(`r.ordinal IN (SELECT i.ordinal FROM (${currentFlags}) JOIN image i ON i.id = image_id
      WHERE i.data_set_id = ?${flag === 'any' ? '' : ' AND flag = ?'})`)
    parameters.push(dataSetId, ...(flag === 'any' ? [] : [flag]))
  }
  return { where: parts.join(' AND '), parameters }
}

export function pageOfEvaluation(
  db: ReadDb,
  dataSetId: number,
  page: EvaluationPage,
): { total: number; images: ImageScore[] } {
  const { where, parameters } = whereOf(page, dataSetId)
  const total = db
    .prepare(`SELECT count(*) FROM evaluation_image r WHERE ${where}`)
    .pluck()
    .get(...parameters) as number
  const statement = pageStatement(page, dataSetId)
  const places = db.prepare(statement.sql).all(...statement.parameters) as Place[]
  const find = db.prepare(imageSql)
  const images = places.map(({ ordinal, difference }) => {
    const row = find.get(dataSetId, page.evaluationId, ordinal) as Omit<ImageScore, 'flags' | 'difference'>
    return { ...row, difference }
  })
  const flags = flagsOfImages(
    db,
    images.map(({ id }) => id),
  )
  return { total, images: images.map((image) => ({ ...image, flags: flags.get(image.id) ?? [] })) }
}

type Place = { ordinal: number; difference: number | null }

const imageSql = `
  SELECT i.id, i.ordinal, i.path, i.label, i.split, r.pixel_accuracy AS pixelAccuracy, r.iou,
    r.foreground_iou AS foregroundIou, r.average_precision AS averagePrecision, r.true_positives AS truePositives,
    r.false_positives AS falsePositives, r.false_negatives AS falseNegatives, r.true_negatives AS trueNegatives,
    r.predicted_class AS predictedClass, r.true_class AS trueClass
  FROM evaluation_image r JOIN image i ON i.data_set_id = ? AND i.ordinal = r.ordinal
  WHERE r.evaluation_id = ? AND r.ordinal = ?`
