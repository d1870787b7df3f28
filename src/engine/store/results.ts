/** TEXTSPAN results and studies. */
import { ImageFilter } from '../../contract/data-set.ts'
import { AblationStudy, type Study, ZeroShotTask } from '../../contract/study.ts'
import type { DescribedHead, TextSpan } from '../../contract/text-span.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'
import { nextId } from './next-id.ts'
import { deletePoolVersion } from './pools.ts'

export type NewTextSpan = Omit<TextSpan, 'id' | 'poolId' | 'poolName' | 'poolVersion' | 'poolHash' | 'isProposed'>

export function insertTextSpan(db: WriteDb, textSpan: NewTextSpan, heads: DescribedHead[]): number {
  return inTransaction(db, () => {
    const id = nextId(db, 'text_span')
    db.prepare(
      `INSERT INTO text_span (id, run_id, pool_version_id, layer_count, text_count, rank, filter, image_count,
       program_version, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
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
    return id
  })
}

const textSpanSql = `
  SELECT s.id, s.run_id AS runId, p.id AS poolId, p.name AS poolName, s.pool_version_id AS poolVersionId, v.number AS poolVersion,
    v.hash AS poolHash, s.layer_count AS layers, s.text_count AS texts, s.rank, s.filter, s.image_count AS images,
    EXISTS (SELECT 1 FROM proposal WHERE text_span_id = s.id) AS isProposed, s.program_version AS programVersion,
    s.created_ms AS createdMs
  FROM text_span s JOIN pool_version v ON v.id = s.pool_version_id JOIN pool p ON p.id = v.pool_id`

type TextSpanRow = Omit<TextSpan, 'filter' | 'isProposed'> & { filter: string; isProposed: number }

export function listTextSpans(db: ReadDb): TextSpan[] {
  return (db.prepare(`${textSpanSql} ORDER BY s.id`).all() as TextSpanRow[]).map(fromRow)
}

export function findTextSpan(db: ReadDb, id: number): TextSpan | undefined {
  const row = db.prepare(`${textSpanSql} WHERE s.id = ?`).get(id) as TextSpanRow | undefined
  return row && fromRow(row)
}

function fromRow(row: TextSpanRow): TextSpan {
  return { ...row, filter: ImageFilter.parse(JSON.parse(row.filter)), isProposed: row.isProposed === 1 }
}

/** A TEXTSPAN result of a draft, until it is kept or dropped. */
export type Proposal = {
  textSpanId: number
  poolId: number
  annotator: string
  poolVersionId: number
  /** the version was made for it and goes with it */
  isOwnVersion: boolean
}

type ProposalRow = Omit<Proposal, 'isOwnVersion'> & { isOwnVersion: number }
const proposalSql = `SELECT text_span_id AS textSpanId, pool_id AS poolId, annotator, pool_version_id AS poolVersionId,
  is_own_version AS isOwnVersion FROM proposal`
const fromProposalRow = (row: ProposalRow): Proposal => ({ ...row, isOwnVersion: row.isOwnVersion === 1 })

export function findProposal(db: ReadDb, textSpanId: number): Proposal | undefined {
  const row = db.prepare(`${proposalSql} WHERE text_span_id = ?`).get(textSpanId) as ProposalRow | undefined
  return row && fromProposalRow(row)
}

export function findProposalOf(db: ReadDb, poolId: number, annotator: string): Proposal | undefined {
  const row = db.prepare(`${proposalSql} WHERE pool_id = ? AND annotator = ?`).get(poolId, annotator) as
    ProposalRow | undefined
  return row && fromProposalRow(row)
}

export function insertProposal(db: WriteDb, proposal: Proposal): void {
  db.prepare(
    'INSERT INTO proposal (text_span_id, pool_id, annotator, pool_version_id, is_own_version) VALUES (?, ?, ?, ?, ?)',
  ).run(proposal.textSpanId, proposal.poolId, proposal.annotator, proposal.poolVersionId, proposal.isOwnVersion ? 1 : 0)
}

/** The result is one like any other from now on. */
export function deleteProposal(db: WriteDb, { textSpanId }: Proposal): void {
  db.prepare('DELETE FROM proposal WHERE text_span_id = ?').run(textSpanId)
}

/** Deletes a proposed result with the version that was made for it, or neither. */
export function dropProposal(db: WriteDb, proposal: Proposal): void {
  inTransaction(db, () => {
    deleteProposal(db, proposal)
    db.prepare('DELETE FROM text_span WHERE id = ?').run(proposal.textSpanId)
    if (proposal.isOwnVersion) deletePoolVersion(db, proposal.poolVersionId)
  })
}

/** A result of one version becomes one of another that holds the same texts. Call inside a transaction. */
export function moveTextSpan(db: WriteDb, textSpanId: number, poolVersionId: number): void {
  db.prepare('UPDATE text_span SET pool_version_id = ? WHERE id = ?').run(poolVersionId, textSpanId)
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
