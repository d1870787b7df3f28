/**
 * A helper process as its engine sees it: started when it is first needed, and again after it died. What it was doing
 * when it died is told as lost, never left waiting.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Reply, WorkspaceCallName } from '../../contract/index.ts'
import type { Topic } from '../calls/index.ts'
import { type JobContext, type Perform, WorkLost } from '../jobs/index.ts'
import type { Failure, FromHelper, HelperOptions, HelperProcess, HelperRole, StartHelper } from './messages.ts'

/** After this time a helper that was asked to close is ended. */
const closeWithinMs = 5000

/** One thing that the helper works on. */
type Waiting = { hear(message: FromHelper): void; lose(error: Error): void }

export class Helper {
  readonly #role: HelperRole
  readonly #start: StartHelper
  readonly #options: HelperOptions
  readonly #onChanged: (topic: Topic, ofId?: number) => void
  readonly #jobs = new Map<number, Waiting>()
  readonly #asks = new Map<number, Waiting>()
  #process: HelperProcess | undefined
  #nextId = 0
  #isClosed = false
  #onGone = () => {}

  constructor(
    role: HelperRole,
    start: StartHelper,
    options: HelperOptions,
    onChanged: (topic: Topic, ofId?: number) => void,
  ) {
    this.#role = role
    this.#start = start
    this.#options = options
    this.#onChanged = onChanged
  }

  /** Has a job's work done there. @throws WorkLost when the process dies */
  readonly perform: Perform = ({ jobId, call, input }, job) => {
    const process = this.#running()
    const cancel = () => process.post({ kind: 'cancel', jobId })
    job.signal.addEventListener('abort', cancel)
    return new Promise<void>((resolve, reject) => {
      this.#jobs.set(jobId, {
        hear: (message) => {
          if (message.kind !== 'end') tell(job, message)
          else if (message.failure) reject(errorOf(message.failure))
          else resolve()
        },
        lose: reject,
      })
      process.post({ kind: 'job', jobId, call, input, earlierResultId: job.earlierResultId })
    }).finally(() => {
      this.#jobs.delete(jobId)
      job.signal.removeEventListener('abort', cancel)
    })
  }

  /** @throws HeadwiseError 'engine-lost' when the process dies, 'no-workspace' after `close`, and what the call throws */
  async ask(name: WorkspaceCallName, input: unknown): Promise<unknown> {
    const process = this.#running()
    const id = this.#nextId++
    const asked = new Promise<Reply>((resolve, reject) => {
      this.#asks.set(id, {
        hear: (message) => message.kind === 'answer' && resolve(message.reply),
        lose: (error) => reject(error instanceof WorkLost ? new HeadwiseError('engine-lost', error.message) : error),
      })
      process.post({ kind: 'ask', id, name, input })
    })
    const reply = await asked.finally(() => this.#asks.delete(id))
    if (!reply.ok) throw new HeadwiseError(reply.code, reply.message)
    return reply.value
  }

  /** What comes later is refused: a process that is started now would have nobody to end it. */
  async close(): Promise<void> {
    this.#isClosed = true
    const process = this.#process
    if (!process) return
    const gone = new Promise<void>((resolve) => (this.#onGone = resolve))
    process.post({ kind: 'close' })
    const timer = setTimeout(() => process.kill(), closeWithinMs)
    await gone
    clearTimeout(timer)
  }

  #running(): HelperProcess {
    if (this.#isClosed) {
      throw new HeadwiseError('no-workspace', `The workspace "${this.#options.workspacePath}" is being closed.`)
    }
    if (this.#process) return this.#process
    const started = this.#start(this.#role)
    this.#process = started
    started.onMessage((message) => this.#hear(started, message))
    started.onExit((how) => this.#lost(started, new WorkLost(lostMessage(this.#role, how))))
    started.post({ kind: 'open', role: this.#role, options: this.#options })
    return started
  }

  #hear(process: HelperProcess, message: FromHelper): void {
    if (message.kind === 'changed') return this.#onChanged(message.topic, message.ofId)
    if (message.kind === 'unopened') {
      this.#lost(process, errorOf(message.failure))
      return process.kill()
    }
    const waiting = message.kind === 'answer' ? this.#asks.get(message.id) : this.#jobs.get(message.jobId)
    waiting?.hear(message)
  }

  #lost(process: HelperProcess, error: Error): void {
    if (this.#process !== process) return
    this.#process = undefined
    for (const waiting of [...this.#jobs.values(), ...this.#asks.values()]) waiting.lose(error)
    this.#onGone()
  }
}

function lostMessage(role: HelperRole, how: string): string {
  const what = role === 'jobs' ? 'worked on this job' : 'worked on this'
  return `The process that ${what} ended (${how}); what was committed is kept.`
}

function errorOf({ code, message }: Failure): HeadwiseError {
  return new HeadwiseError(code, message)
}

function tell(job: JobContext, message: FromHelper): void {
  if (message.kind === 'progress') job.progress(message.counts)
  else if (message.kind === 'advance') job.advance(message.done, message.skipped)
  else if (message.kind === 'remark') job.remark(message.text)
  else if (message.kind === 'result') job.result(message.id)
}

/** What a helper sends of an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HeadwiseError) return { code: error.code, message: error.message }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
