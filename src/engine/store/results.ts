/** TEXTSPAN results and studies. */
import { ImageFilter } from '../../contract/data-set.ts'
import { AblationStudy, type Study, ZeroShotTask } from '../../contract/study.ts'
import type { DescribedHead, TextSpan } from '../../contract/text-span.ts'
import type { ReadDb, WriteDb } from './database.ts'

export type NewTextSpan = Omit<TextSpan, 'id' | 'poolName' | 'poolVersion' | 'poolHash'>

export function insertTextSpan(db: WriteDb, textSpan: NewTextSpan, heads: DescribedHead[]): number {
  const insert = db.transaction(() => {
    const { lastInsertRowid: id } = db
      .prepare(
        `INSERT INTO text_span (run_id, pool_version_id, layer_count, text_count, rank, filter, image_count, program_version,
         created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        textSpan.runId,
        textSpan.poolVersionId,
        textSpan.layers,
        textSpan.texts,
        textSpan.rank,
        JSON.stringify(textSpan.filter),
        textSpan.images,
        textSpan.programVersion,
        textSpan.createdMs,
      )
    const head = db.prepare(
      'INSERT INTO text_span_head (text_span_id, layer, head, rank, variance) VALUES (?, ?, ?, ?, ?)',
    )
    const step = db.prepare(
      'INSERT INTO text_span_step (text_span_id, layer, head, step, text_id, explained, margin) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    for (const described of heads) {
      head.run(id, described.layer, described.head, described.rank, described.variance)
      described.steps.forEach(({ textId, explained, margin }, at) =>
        step.run(id, described.layer, described.head, at, textId, explained, margin),
      )
    }
    return Number(id)
  })
  return insert()
}

const textSpanSql = `
  SELECT s.id, s.run_id AS runId, p.name AS poolName, s.pool_version_id AS poolVersionId, v.number AS poolVersion,
    v.hash AS poolHash, s.layer_count AS layers, s.text_count AS texts, s.rank, s.filter, s.image_count AS images,
    s.program_version AS programVersion, s.created_ms AS createdMs
  FROM text_span s JOIN pool_version v ON v.id = s.pool_version_id JOIN pool p ON p.id = v.pool_id`

type TextSpanRow = Omit<TextSpan, 'filter'> & { filter: string }

export function listTextSpans(db: ReadDb): TextSpan[] {
  return (db.prepare(`${textSpanSql} ORDER BY s.id`).all() as TextSpanRow[]).map(withFilter)
}

export function findTextSpan(db: ReadDb, id: number): TextSpan | undefined {
  const row = db.prepare(`${textSpanSql} WHERE s.id = ?`).get(id) as TextSpanRow | undefined
  return row && withFilter(row)
}

function withFilter(row: TextSpanRow): TextSpan {
  return { ...row, filter: ImageFilter.parse(JSON.parse(row.filter)) }
}

export function describedHeads(db: ReadDb, textSpanId: number): DescribedHead[] {
  const heads = db
    .prepare('SELECT layer, head, rank, variance FROM text_span_head WHERE text_span_id = ? ORDER BY layer DESC, head')
    .all(textSpanId) as Omit<DescribedHead, 'steps'>[]
  const steps = db.prepare(
    `SELECT s.text_id AS textId, t.content AS text, s.explained, s.margin FROM text_span_step s JOIN text t ON t.id = s.text_id
     WHERE s.text_span_id = ? AND s.layer = ? AND s.head = ? ORDER BY s.step`,
  )
  return heads.map((head) => ({
    ...head,
    steps: steps.all(textSpanId, head.layer, head.head) as DescribedHead['steps'],
  }))
}

type StudyRow = {
  id: number
  run_id: number
  task: string
  filter: string
  result: string
  program_version: string
  created_ms: number
}

export function insertStudy(db: WriteDb, study: Omit<Study, 'id'>): number {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO study (run_id, task, filter, result, program_version, created_ms) VALUES (?, ?, ?, ?, ?, ?)')
    .run(
      study.runId,
      JSON.stringify(study.task),
      JSON.stringify(study.filter),
      JSON.stringify(study.result),
      study.programVersion,
      study.createdMs,
    )
  return Number(lastInsertRowid)
}

export function listStudies(db: ReadDb): Study[] {
  return (db.prepare('SELECT * FROM study ORDER BY id').all() as StudyRow[]).map(studyOf)
}

export function findStudy(db: ReadDb, id: number): Study | undefined {
  const row = db.prepare('SELECT * FROM study WHERE id = ?').get(id) as StudyRow | undefined
  return row && studyOf(row)
}

function studyOf(row: StudyRow): Study {
  return {
    id: row.id,
    runId: row.run_id,
    task: ZeroShotTask.parse(JSON.parse(row.task)),
    filter: ImageFilter.parse(JSON.parse(row.filter)),
    result: AblationStudy.parse(JSON.parse(row.result)),
    programVersion: row.program_version,
    createdMs: row.created_ms,
  }
}
