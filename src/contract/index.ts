/**
 * Everything that can be asked of the engine, and what it tells by itself. Both sides are derived from these tables,
 * so they cannot drift.
 */
import { z } from 'zod'
import { dataSetCalls } from './data-set.ts'
import { errorCodes } from './errors.ts'
import { Job, jobCalls } from './job.ts'
import { poolCalls } from './pool.ts'
import { runCalls } from './run.ts'
import { studyCalls } from './study.ts'
import { textSpanCalls } from './text-span.ts'
import { workspaceCalls } from './workspace.ts'

export const calls = {
  ...workspaceCalls,
  ...dataSetCalls,
  ...jobCalls,
  ...runCalls,
  ...poolCalls,
  ...textSpanCalls,
  ...studyCalls,
}
export type Calls = typeof calls
export type CallName = keyof Calls

export const events = {
  'job/progressed': Job,
  /** something in the workspace is new or other; views that show it read it again */
  'workspace/changed': z.object({ topic: z.enum(['model', 'data-set', 'run', 'pool', 'text-span', 'study']) }),
}
export type Events = typeof events
export type EventName = keyof Events
export type EventOf<Name extends EventName> = z.output<Events[Name]>

/** What the engine implements: input parsed, output as it is made. */
export type Engine = {
  [Name in CallName]: (input: z.output<Calls[Name]['input']>) => Promise<z.input<Calls[Name]['output']>>
}
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
