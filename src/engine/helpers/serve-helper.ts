/**
 * The inside of a helper process: opens the workspace beside its engine and does what it is told, until the engine
 * says so or is gone.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import { openAssistant, type Assistant } from '../open-engine.ts'
import type { JobContext } from '../jobs/index.ts'
import { failureOf } from './helper.ts'
import type { FromHelper, HelperPort, ToHelper } from './messages.ts'

/** Finished units are sent at most so often; everything else goes at once. */
const tellEveryMs = 25

export function serveHelper(port: HelperPort): void {
  let assistant: Assistant | undefined
  const aborts = new Map<number, AbortController>()
  port.onMessage((message) => {
    if (message.kind === 'open') assistant = opened(port, message)
    else if (message.kind === 'cancel') aborts.get(message.jobId)?.abort(cancelled())
    else if (message.kind === 'close') {
      assistant?.close()
      port.exit()
    } else if (!assistant) return
    else if (message.kind === 'ask') void ask(port, assistant, message)
    else void work(port, assistant, message, aborts)
  })
}

function opened(port: HelperPort, { options }: Extract<ToHelper, { kind: 'open' }>): Assistant | undefined {
  try {
    return openAssistant(options, (topic, ofId) => port.post({ kind: 'changed', topic, ofId }))
  } catch (error) {
    port.post({ kind: 'unopened', failure: failureOf(error) })
    return undefined
  }
}

async function ask(
  port: HelperPort,
  { engine }: Assistant,
  { id, name, input }: Extract<ToHelper, { kind: 'ask' }>,
): Promise<void> {
  try {
    const call = engine[name] as (input: unknown) => Promise<unknown>
    port.post({ kind: 'answer', id, reply: { ok: true, value: await call(input) } })
  } catch (error) {
    port.post({ kind: 'answer', id, reply: { ok: false, ...failureOf(error) } })
  }
}

async function work(
  port: HelperPort,
  { perform }: Assistant,
  { jobId, call, input, earlierResultId }: Extract<ToHelper, { kind: 'job' }>,
  aborts: Map<number, AbortController>,
): Promise<void> {
  const abort = new AbortController()
  aborts.set(jobId, abort)
  const { job, flush } = jobOver(port, jobId, { signal: abort.signal, earlierResultId })
  let failure: Extract<FromHelper, { kind: 'end' }>['failure'] = null
  try {
    await perform({ jobId, call, input }, job)
  } catch (error) {
    failure = failureOf(error)
  }
  aborts.delete(jobId)
  flush()
  port.post({ kind: 'end', jobId, failure })
}

/** Sums finished units up for a moment: an import counts a million of them. */
function jobOver(
  port: HelperPort,
  jobId: number,
  known: Pick<JobContext, 'signal' | 'earlierResultId'>,
): { job: JobContext; flush: () => void } {
  let done = 0
  let skipped = 0
  let toldMs = 0
  const flush = () => {
    if (done + skipped > 0) port.post({ kind: 'advance', jobId, done, skipped })
    ;[done, skipped, toldMs] = [0, 0, performance.now()]
  }
  const post = (message: FromHelper) => {
    flush()
    port.post(message)
  }
  const job: JobContext = {
    jobId,
    ...known,
    progress: (counts) => post({ kind: 'progress', jobId, counts }),
    advance(moreDone, moreSkipped = 0) {
      done += moreDone
      skipped += moreSkipped
      if (performance.now() - toldMs >= tellEveryMs) flush()
    },
    remark: (text) => post({ kind: 'remark', jobId, text }),
    result: (id) => post({ kind: 'result', jobId, id }),
  }
  return { job, flush }
}

function cancelled(): HeadwiseError {
  return new HeadwiseError('cancelled', 'Cancelled; what was finished is kept.')
}
