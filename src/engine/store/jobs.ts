/** Rows of long work. Rate and time left are not stored: they belong to the process that does the work. */
import type { ErrorCode } from '../../contract/errors.ts'
import type { Job, JobKind, JobState } from '../../contract/job.ts'
import type { ReadDb, WriteDb } from './database.ts'

type Row = {
  id: number
  kind: JobKind
  title: string
  state: JobState
  unit: string
  done: number
  total: number | null
  skipped: number
  remarks: string
  error_code: ErrorCode | null
  error_message: string | null
  result_id: number | null
  created_ms: number
  started_ms: number | null
  finished_ms: number | null
}

export function insertJob(db: WriteDb, kind: JobKind, title: string, unit: string, createdMs: number): number {
  const { lastInsertRowid } = db
    .prepare("INSERT INTO job (kind, title, state, unit, created_ms) VALUES (?, ?, 'queued', ?, ?)")
    .run(kind, title, unit, createdMs)
  return Number(lastInsertRowid)
}

export function saveJob(db: WriteDb, job: Job): void {
  db.prepare(
    `UPDATE job SET state = ?, done = ?, total = ?, skipped = ?, remarks = ?, error_code = ?, error_message = ?, result_id = ?,
     started_ms = ?, finished_ms = ? WHERE id = ?`,
  ).run(
    job.state,
    job.done,
    job.total,
    job.skipped,
    JSON.stringify(job.remarks),
    job.error?.code ?? null,
    job.error?.message ?? null,
    job.resultId,
    job.startedMs,
    job.finishedMs,
    job.id,
  )
}

/** What was under way when the process ended is now interrupted. */
export function markInterruptedJobs(db: WriteDb, nowMs: number): void {
  db.prepare("UPDATE job SET state = 'interrupted', finished_ms = ? WHERE state IN ('queued', 'running')").run(nowMs)
}

export function listStoredJobs(db: ReadDb): Job[] {
  return (db.prepare('SELECT * FROM job ORDER BY id DESC').all() as Row[]).map(fromRow)
}

export function findStoredJob(db: ReadDb, id: number): Job | undefined {
  const row = db.prepare('SELECT * FROM job WHERE id = ?').get(id) as Row | undefined
  return row && fromRow(row)
}

function fromRow(row: Row): Job {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    unit: row.unit,
    done: row.done,
    total: row.total,
    skipped: row.skipped,
    ratePerSecond: null,
    remainingMs: null,
    createdMs: row.created_ms,
    startedMs: row.started_ms,
    finishedMs: row.finished_ms,
    remarks: JSON.parse(row.remarks) as string[],
    error: row.error_code && row.error_message !== null ? { code: row.error_code, message: row.error_message } : null,
    resultId: row.result_id,
  }
}
