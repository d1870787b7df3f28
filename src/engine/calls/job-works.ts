/** What jobs do, by the name of the call that starts them. */
import type { JobContext } from '../jobs/index.ts'
import type { JobRequest } from '../store/index.ts'
import type { CallContext, JobWorks } from './context.ts'
import { dataSetWorks } from './data-set-calls.ts'
import { poolWorks } from './pool-calls.ts'
import { proposalWorks } from './proposal-calls.ts'
import { runWorks } from './run-calls.ts'
import { segmentWorks } from './segment-evaluate.ts'
import { studyWorks } from './study-calls.ts'
import { textSpanWorks } from './text-span-calls.ts'

const jobWorks: JobWorks = {
  ...dataSetWorks,
  ...runWorks,
  ...poolWorks,
  ...textSpanWorks,
  ...proposalWorks,
  ...studyWorks,
  ...segmentWorks,
}

/** Does a job's work in this process. */
export function doWork(context: CallContext, { call, input }: JobRequest, job: JobContext): Promise<void> {
  const works = jobWorks as Record<string, (context: CallContext, input: unknown, job: JobContext) => Promise<void>>
  if (!Object.hasOwn(works, call)) throw new Error(`No job is started by "${call}".`)
  return works[call]!(context, input, job)
}
