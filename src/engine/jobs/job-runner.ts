/**
 * Runs long work one after another. A job's row is written when it is made, when it starts and when it ends, and its
 * counts once a second; events tell each step, finished units at most twenty times a second. Rate and time left come
 * from the last few seconds. Where the work is done, here or in a process beside this one, is not the runner's matter.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Job, JobKind } from '../../contract/job.ts'
import {
  earlierResultId,
  findStoredJob,
  insertJob,
  isAfterInterruption,
  type JobRequest,
  listStoredJobs,
  markInterruptedJobs,
  saveJob,
  type WriteDb,
} from '../store/index.ts'
import { RateMeter } from './rate-meter.ts'

export type JobContext = {
  jobId: number
  signal: AbortSignal
  /** the row that the jobs made which this one goes on with; null when there are none, or they made none */
  earlierResultId: number | null
  /** Sets the counts: what was there when the work began does not enter the rate. */
  progress(counts: { done?: number; total?: number; skipped?: number }): void
  /** Adds finished units and units left out. */
  advance(done: number, skipped?: number): void
  /** A spoken remark that stays with the job. */
  remark(text: string): void
  /** The row that the job makes, as soon as it is there. */
  result(id: number): void
}

/** Does the work of a job; it ends when the promise does. */
export type Perform = (request: JobRequest & { jobId: number }, context: JobContext) => Promise<void>

/** The process that worked on a job is gone, whatever the reason. */
export class WorkLost extends Error {}

export type JobRunnerOptions = {
  db: WriteDb
  now: () => number
  onChange: (job: Job) => void
  /** turns a failure of the disk into an error that says so */
  inWords: (error: unknown) => unknown
  perform: Perform
  /** asks again for the work of a job whose process died while it ran; not called twice in a row for the same work */
  resume?: (jobId: number) => void
}

const saveEveryMs = 1000
const tellEveryMs = 50

export class JobRunner {
  /** jobs that the process before this one left unfinished, oldest first */
  readonly interruptedIds: number[]
  readonly #options: JobRunnerOptions
  readonly #live = new Map<number, { job: Job; abort: AbortController }>()
  #queue: Promise<void> = Promise.resolve()
  #isClosing = false

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.interruptedIds = markInterruptedJobs(options.db, options.now())
  }

  /** @param resumedId the job whose work is asked for again */
  start(request: JobRequest, kind: JobKind, title: string, unit: string, resumedId?: number): number {
    const { db, now, onChange } = this.#options
    const jobId = insertJob(db, { ...request, kind, title, unit, createdMs: now() }, resumedId)
    const live = { job: findStoredJob(db, jobId)!, abort: new AbortController() }
    this.#live.set(jobId, live)
    onChange(live.job)
    // Screens that show it must not offer it again.
    if (resumedId !== undefined) onChange(this.read(resumedId)!)
    this.#queue = this.#queue.then(() => this.#run(live.job, live.abort, request))
    return jobId
  }

  /** Whether anything runs or waits. */
  get isBusy(): boolean {
    return this.#live.size > 0
  }

  /** Newest first, with the live counts of what is under way. */
  list(): Job[] {
    return listStoredJobs(this.#options.db).map((job) => this.#live.get(job.id)?.job ?? job)
  }

  read(id: number): Job | undefined {
    return this.#live.get(id)?.job ?? findStoredJob(this.#options.db, id)
  }

  cancel(id: number): Job | undefined {
    this.#live.get(id)?.abort.abort(new HeadwiseError('cancelled', 'Cancelled; what was finished is kept.'))
    return this.read(id)
  }

  /** Ends everything as failed, with the reason. */
  fail(reason: HeadwiseError): void {
    for (const { abort } of this.#live.values()) abort.abort(reason)
  }

  /** Whether a job's work may be asked for again by itself: once, so that work which kills its process does not for ever. */
  mayResumeByItself(id: number): boolean {
    return this.read(id)?.canResume === true && !isAfterInterruption(this.#options.db, id)
  }

  /** Stops everything at its next safe point. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const id of this.#live.keys()) this.cancel(id)
    await this.#queue
  }

  async #run(job: Job, abort: AbortController, request: JobRequest): Promise<void> {
    const { db, now, onChange, inWords, perform, resume } = this.#options
    const meter = new RateMeter(now)
    let savedMs = 0
    let toldMs = 0
    const change = (kind: 'step' | 'units' | 'state') => {
      const nowMs = now()
      // Differences are taken without their sign, so that a clock set back silences nothing for long.
      if (kind === 'units' && Math.abs(nowMs - toldMs) < tellEveryMs) return
      if (kind === 'state' || Math.abs(nowMs - savedMs) >= saveEveryMs) {
        this.#save(job)
        savedMs = nowMs
      }
      toldMs = nowMs
      onChange({ ...job })
    }
    try {
      abort.signal.throwIfAborted()
      Object.assign(job, { state: 'running', startedMs: now() })
      change('state')
      const earlier = earlierResultId(db, job.id)
      await perform({ ...request, jobId: job.id }, contextOf(job, { signal: abort.signal, earlier, meter, change }))
      job.state = 'done'
    } catch (error) {
      Object.assign(job, failureOf(inWords(error), abort.signal), { canResume: true })
    }
    Object.assign(job, { finishedMs: now(), remainingMs: null })
    change('state')
    this.#live.delete(job.id)
    if (job.state === 'interrupted' && !this.#isClosing && this.mayResumeByItself(job.id)) resume?.(job.id)
  }

  /** A row that cannot be written (a full disk) must not hide why the job failed. */
  #save(job: Job): void {
    try {
      saveJob(this.#options.db, job)
    } catch (error) {
      job.remarks = [...job.remarks, `The job's row could not be saved: ${(error as Error).message}`]
    }
  }
}

type ContextParts = {
  signal: AbortSignal
  earlier: number | null
  meter: RateMeter
  change: (kind: 'step' | 'units') => void
}

function contextOf(job: Job, { signal, earlier, meter, change }: ContextParts): JobContext {
  const estimate = () => {
    job.ratePerSecond = meter.ratePerSecond()
    const left = job.total === null ? null : Math.max(0, job.total - job.done - job.skipped)
    job.remainingMs = left === null || !job.ratePerSecond ? null : (left / job.ratePerSecond) * 1000
  }
  return {
    jobId: job.id,
    signal,
    earlierResultId: earlier,
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
  const cause: unknown = signal.aborted ? signal.reason : error
  if (cause instanceof HeadwiseError && cause.code === 'cancelled') return { state: 'cancelled', error: null }
  if (cause instanceof HeadwiseError) {
    return { state: 'failed', error: { code: cause.code, message: cause.message } }
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof WorkLost) return { state: 'interrupted', error: { code: 'engine-lost', message } }
  return { state: 'failed', error: { code: 'internal', message } }
}
