/** All calls, put together. */
import type { WorkspaceEngine } from '../../contract/index.ts'
import type { CallContext } from './context.ts'
import { dataSetCalls } from './data-set-calls.ts'
import { headCalls } from './head-calls.ts'
import { imageCalls } from './image-calls.ts'
import { jobCalls } from './job-calls.ts'
import { labelCalls } from './label-calls.ts'
import { poolCalls } from './pool-calls.ts'
import { proposalCalls } from './proposal-calls.ts'
import { reportCalls } from './report-calls.ts'
import { roleCalls } from './role-calls.ts'
import { runCalls } from './run-calls.ts'
import { segmentCalls } from './segment-calls.ts'
import { studyCalls } from './study-calls.ts'
import { textSpanCalls } from './text-span-calls.ts'
import { workspaceCalls } from './workspace-calls.ts'

export type { CallContext, Thumbnails, Topic } from './context.ts'
export { doWork } from './job-works.ts'
export { type KeptAnswers, keptAnswers } from './kept-answers.ts'
export { forgetModels } from './model-memory.ts'

export function allCalls(context: CallContext): WorkspaceEngine {
  return { ...callsButJobs(context), ...jobCalls(context, callsButJobs) }
}

function callsButJobs(context: CallContext): Omit<WorkspaceEngine, `job/${string}`> {
  return {
    ...workspaceCalls(context),
    ...dataSetCalls(context),
    ...imageCalls(context),
    ...runCalls(context),
    ...headCalls(context),
    ...poolCalls(context),
    ...textSpanCalls(context),
    ...proposalCalls(context),
    ...roleCalls(context),
    ...labelCalls(context),
    ...reportCalls(context),
    ...studyCalls(context),
    ...segmentCalls(context),
  }
}
