/**
 * Runs long work one after another. A job's row is written when it is made, when it starts and when it ends, and its
 * counts once a second; events tell each step, finished units at most twenty times a second. Rate and time left come
 * from the last few seconds.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Job, JobKind } from '../../contract/job.ts'
import { findStoredJob, insertJob, listStoredJobs, markInterruptedJobs, saveJob, type WriteDb } from '../store/index.ts'
import { RateMeter } from './rate-meter.ts'

export type JobContext = {
  signal: AbortSignal
  /** Sets the counts: what was there when the work began does not enter the rate. */
  progress(counts: { done?: number; total?: number; skipped?: number }): void
  /** Adds finished units and units left out. */
  advance(done: number, skipped?: number): void
  /** A spoken remark that stays with the job. */
  remark(text: string): void
  /** The row that the job makes, as soon as it is there. */
  result(id: number): void
}

export type JobWork = (context: JobContext) => Promise<void>

type Listener = (job: Job) => void

const saveEveryMs = 1000
const tellEveryMs = 50

export class JobRunner {
  readonly #db: WriteDb
  readonly #now: () => number
  readonly #onChange: Listener
  readonly #inWords: (error: unknown) => unknown
  readonly #live = new Map<number, { job: Job; abort: AbortController }>()
  #queue: Promise<void> = Promise.resolve()

  /** @param inWords turns a failure of the disk into an error that says so */
  constructor(db: WriteDb, now: () => number, onChange: Listener, inWords: (error: unknown) => unknown) {
    this.#inWords = inWords
    this.#db = db
    this.#now = now
    this.#onChange = onChange
    markInterruptedJobs(db, now())
  }

  start(kind: JobKind, title: string, unit: string, work: JobWork): number {
    const id = insertJob(this.#db, kind, title, unit, this.#now())
    const live = { job: findStoredJob(this.#db, id)!, abort: new AbortController() }
    this.#live.set(id, live)
    this.#onChange(live.job)
    this.#queue = this.#queue.then(() => this.#run(live.job, live.abort, work))
    return id
  }

  /** Newest first, with the live counts of what is under way. */
  list(): Job[] {
    return listStoredJobs(this.#db).map((job) => this.#live.get(job.id)?.job ?? job)
  }

  read(id: number): Job | undefined {
    return this.#live.get(id)?.job ?? findStoredJob(this.#db, id)
  }

  cancel(id: number): Job | undefined {
    this.#live.get(id)?.abort.abort(new HeadwiseError('cancelled', 'Cancelled; what was finished is kept.'))
    return this.read(id)
  }

  /** Stops everything at its next safe point. */
  async close(): Promise<void> {
    for (const id of this.#live.keys()) this.cancel(id)
    await this.#queue
  }

  async #run(job: Job, abort: AbortController, work: JobWork): Promise<void> {
    const meter = new RateMeter(this.#now)
    let savedMs = 0
    let toldMs = 0
    const change = (kind: 'step' | 'units' | 'state') => {
      const nowMs = this.#now()
      // Differences are taken without their sign, so that a clock set back silences nothing for long.
      if (kind === 'units' && Math.abs(nowMs - toldMs) < tellEveryMs) return
      if (kind === 'state' || Math.abs(nowMs - savedMs) >= saveEveryMs) {
        this.#save(job)
        savedMs = nowMs
      }
      toldMs = nowMs
      this.#onChange({ ...job })
    }
    try {
      abort.signal.throwIfAborted()
      Object.assign(job, { state: 'running', startedMs: this.#now() })
      change('state')
      await work(contextOf(job, abort.signal, meter, change))
      job.state = 'done'
    } catch (error) {
      Object.assign(job, failureOf(this.#inWords(error), abort.signal))
    }
    Object.assign(job, { finishedMs: this.#now(), remainingMs: null })
    change('state')
    this.#live.delete(job.id)
  }

  /** A row that cannot be written (a full disk) must not hide why the job failed. */
  #save(job: Job): void {
    try {
      saveJob(this.#db, job)
    } catch (error) {
      job.remarks = [...job.remarks, `The job's row could not be saved: ${(error as Error).message}`]
    }
  }
}

function contextOf(
  job: Job,
  signal: AbortSignal,
  meter: RateMeter,
  change: (kind: 'step' | 'units') => void,
): JobContext {
  const estimate = () => {
    job.ratePerSecond = meter.ratePerSecond()
    const left = job.total === null ? null : Math.max(0, job.total - job.done - job.skipped)
    job.remainingMs = left === null || !job.ratePerSecond ? null : (left / job.ratePerSecond) * 1000
  }
  return {
    signal,
    progress(counts) {
      Object.assign(job, counts)
      change('step')
    },
    advance(done, skipped = 0) {
      job.done += done
      job.skipped += skipped
      meter.add(done + skipped)
      estimate()
      change('units')
    },
    remark(text) {
      job.remarks = [...job.remarks, text]
      change('step')
    },
    result(id) {
      job.resultId = id
      change('step')
    },
  }
}

function failureOf(error: unknown, signal: AbortSignal): Pick<Job, 'state' | 'error'> {
  if (signal.aborted) return { state: 'cancelled', error: null }
  if (error instanceof HeadwiseError) return { state: 'failed', error: { code: error.code, message: error.message } }
  const message = error instanceof Error ? error.message : String(error)
  return { state: 'failed', error: { code: 'internal', message } }
}
