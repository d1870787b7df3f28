/** Rows of long work. Rate and time left are not stored: they belong to the process that does the work. */
import type { ErrorCode } from '../../contract/errors.ts'
import type { Job, JobKind, JobState } from '../../contract/job.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'

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
  call: string | null
  resumed_by: number | null
}

/** What a job was asked to do: a call of the contract and its parsed input, so that it can be asked again. */
export type JobRequest = { call: string; input: unknown }
export type NewJob = JobRequest & { kind: JobKind; title: string; unit: string; createdMs: number }

/** @param resumedId the job whose work is asked for again; it is marked with the new one, so that nobody asks twice */
export function insertJob(
  db: WriteDb,
  { kind, title, unit, call, input, createdMs }: NewJob,
  resumedId?: number,
): number {
  const insert =
    "INSERT INTO job (kind, title, state, unit, call, input, created_ms) VALUES (?, ?, 'queued', ?, ?, ?, ?)"
  return inTransaction(db, () => {
    const { lastInsertRowid } = db.prepare(insert).run(kind, title, unit, call, JSON.stringify(input), createdMs)
    const id = Number(lastInsertRowid)
    if (resumedId !== undefined) db.prepare('UPDATE job SET resumed_by = ? WHERE id = ?').run(id, resumedId)
    return id
  })
}

/** undefined for jobs of builds that did not keep it */
export function findJobRequest(db: ReadDb, id: number): JobRequest | undefined {
  const row = db.prepare('SELECT call, input FROM job WHERE id = ? AND call IS NOT NULL').get(id) as
    { call: string; input: string } | undefined
  return row && { call: row.call, input: JSON.parse(row.input) as unknown }
}

/** What the jobs made that this one goes on with: of the newest of them that made anything. */
export function earlierResultId(db: ReadDb, id: number): number | null {
  const found = db
    .prepare(
      `WITH RECURSIVE earlier (id, result_id) AS (
         SELECT id, result_id FROM job WHERE resumed_by = ?
         UNION ALL SELECT j.id, j.result_id FROM job j JOIN earlier e ON j.resumed_by = e.id WHERE e.result_id IS NULL)
       SELECT result_id FROM earlier WHERE result_id IS NOT NULL`,
    )
    .pluck()
    .get(id) as number | undefined
  return found ?? null
}

/** Whether this job goes on with one that was interrupted while it ran. */
export function isAfterInterruption(db: ReadDb, id: number): boolean {
  const before = db
    .prepare("SELECT 1 FROM job WHERE resumed_by = ? AND state = 'interrupted' AND started_ms IS NOT NULL")
    .get(id)
  return before !== undefined
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

/**
 * What was under way when the process ended is now interrupted.
 * @returns their ids, oldest first
 */
export function markInterruptedJobs(db: WriteDb, nowMs: number): number[] {
  const ids = db
    .prepare("SELECT id FROM job WHERE state IN ('queued', 'running') ORDER BY id")
    .pluck()
    .all() as number[]
  const mark = db.prepare(
    "UPDATE job SET state = 'interrupted', finished_ms = ?, error_code = 'engine-lost', error_message = ? WHERE id = ?",
  )
  for (const id of ids) mark.run(nowMs, 'The program ended before the job did; what was committed is kept.', id)
  return ids
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
    canResume: canResume(row),
    resumedById: row.resumed_by,
  }
}

const resumableStates: readonly JobState[] = ['failed', 'cancelled', 'interrupted']

function canResume({ state, call, resumed_by }: Row): boolean {
  return call !== null && resumed_by === null && resumableStates.includes(state)
}
