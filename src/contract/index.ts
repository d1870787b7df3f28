/**
 * Everything that can be asked of the engine, and what it tells by itself. Both sides are derived from these tables,
 * so they cannot drift.
 */
import { z } from 'zod'
import { appCalls } from './app.ts'
import { dataSetCalls } from './data-set.ts'
import { errorCodes } from './errors.ts'
import { headCalls } from './head.ts'
import { imageCalls } from './image.ts'
import { Job, jobCalls } from './job.ts'
import { labelCalls } from './label.ts'
import { poolCalls } from './pool.ts'
import { reportCalls } from './report.ts'
import { roleCalls } from './role.ts'
import { runCalls } from './run.ts'
import { segmentCalls } from './segment.ts'
import { studyCalls } from './study.ts'
import { textSpanCalls } from './text-span.ts'
import { workspaceCalls } from './workspace.ts'

/** What an open workspace answers. */
const allWorkspaceCalls = {
  ...workspaceCalls,
  ...dataSetCalls,
  ...imageCalls,
  ...jobCalls,
  ...runCalls,
  ...headCalls,
  ...poolCalls,
  ...textSpanCalls,
  ...roleCalls,
  ...labelCalls,
  ...studyCalls,
  ...reportCalls,
  ...segmentCalls,
}
export type WorkspaceCallName = keyof typeof allWorkspaceCalls
export const workspaceCallNames = Object.keys(allWorkspaceCalls) as WorkspaceCallName[]

/** What the program around it answers. */
export type AppCallName = keyof typeof appCalls

export const calls = { ...appCalls, ...allWorkspaceCalls }
export type Calls = typeof calls
export type CallName = keyof Calls

export const events = {
  'job/progressed': Job,
  /** something in the workspace is new or other; views that show it read it again */
  'workspace/changed': z.object({
    topic: z.enum(['model', 'data-set', 'run', 'pool', 'text-span', 'study', 'role', 'label', 'segment']),
    /** the model of a label, the pool of an edit, the data set whose masks were linked */
    ofId: z.int().min(1).optional(),
  }),
}
export type Events = typeof events
export type EventName = keyof Events
export type EventOf<Name extends EventName> = z.output<Events[Name]>

/** What the engine implements: input parsed, output as it is made. */
export type Engine = {
  [Name in CallName]: (input: z.output<Calls[Name]['input']>) => Promise<z.input<Calls[Name]['output']>>
}
/** What one open workspace implements. */
export type WorkspaceEngine = Pick<Engine, WorkspaceCallName>
/** What the program around it implements. */
export type AppEngine = Pick<Engine, AppCallName>
/** What a view holds: the same calls from the other side. */
export type Client = {
  [Name in CallName]: (input: z.input<Calls[Name]['input']>) => Promise<z.output<Calls[Name]['output']>>
}

export const Reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.enum(errorCodes), message: z.string() }),
])
export type Reply = z.output<typeof Reply>

export { HeadwiseError, errorCodes, type ErrorCode } from './errors.ts'
