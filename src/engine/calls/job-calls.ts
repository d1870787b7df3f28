/** Calls about jobs: looking at them, stopping them, and asking for their work again. */
import { HeadwiseError } from '../../contract/errors.ts'
import { calls, type WorkspaceEngine } from '../../contract/index.ts'
import type { Job } from '../../contract/job.ts'
import { findJobRequest, findStoredJob, listStoredJobs } from '../store/index.ts'
import type { CallContext, JobCallName } from './context.ts'

type Calls = Pick<WorkspaceEngine, 'job/list' | 'job/read' | 'job/cancel' | 'job/resume'>
type StartingCalls = Pick<WorkspaceEngine, JobCallName>

/** @param startingCalls the calls that start jobs: resuming asks one of them again */
export function jobCalls(context: CallContext, startingCalls: (context: CallContext) => StartingCalls): Calls {
  return {
    'job/list': async () => (context.isReadOnly ? listStoredJobs(context.db) : context.jobs().list()),
    'job/read': async ({ jobId }) => jobById(context, jobId),
    'job/cancel': async ({ jobId }) => known(context.jobs().cancel(jobId), jobId),
    'job/resume': async ({ jobId }) => resume(context, startingCalls({ ...context, resumedJobId: jobId }), jobId),
  }
}

function jobById(context: CallContext, jobId: number): Job {
  return known(context.isReadOnly ? findStoredJob(context.db, jobId) : context.jobs().read(jobId), jobId)
}

function known(job: Job | undefined, jobId: number): Job {
  if (!job) throw new HeadwiseError('not-found', `There is no job ${jobId} in this workspace.`)
  return job
}

async function resume(context: CallContext, starting: StartingCalls, jobId: number): Promise<{ jobId: number }> {
  context.write()
  refuseToResume(jobById(context, jobId))
  const request = findJobRequest(context.db, jobId)!
  // The input was kept by this build or another one, so it is parsed as if it came from outside.
  const call = request.call as JobCallName
  const parsed = Object.hasOwn(calls, call) ? calls[call].input.safeParse(request.input) : undefined
  if (!parsed?.success) {
    throw new HeadwiseError('unsupported', `Job ${jobId} was started by another build in a way that this one lacks.`)
  }
  // Nothing is awaited between the look at the job and its mark, so that two who ask at once do not both go on.
  const start = starting[call] as (input: unknown) => Promise<{ jobId: number }>
  return start(parsed.data)
}

/** @throws HeadwiseError 'conflict' saying why this job's work cannot be asked for again */
function refuseToResume({ id, state, canResume, resumedById }: Job): void {
  if (canResume) return
  const reason =
    resumedById !== null
      ? `job ${resumedById} went on with it already`
      : state === 'queued' || state === 'running' || state === 'done'
        ? `it is ${state}`
        : 'an older build started it and did not keep what it was asked'
  throw new HeadwiseError('conflict', `Job ${id} cannot be resumed: ${reason}.`)
}
