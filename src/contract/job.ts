/** Long work: it is started by a call, goes on by itself, and is watched and cancelled by its id. */
import { z } from 'zod'
import { call, Count, Id, Nothing, TimeMs } from './call.ts'
import { errorCodes } from './errors.ts'

export const jobKinds = ['import', 'decompose', 'embed', 'text-span', 'ablate', 'export', 'segment', 'audit'] as const
export type JobKind = (typeof jobKinds)[number]

/** `interrupted`: the program ended while it ran; resuming it goes on where it stopped. */
export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const
export type JobState = (typeof jobStates)[number]

export const JobTicket = z.object({ jobId: Id })
export type JobTicket = z.output<typeof JobTicket>

export const Job = z.object({
  id: Id,
  kind: z.enum(jobKinds),
  /** what it works on, for people: "decompose scenes with sample" */
  title: z.string(),
  state: z.enum(jobStates),
  /** what is counted: images, texts, heads */
  unit: z.string(),
  done: Count,
  /** null while it is not known */
  total: Count.nullable(),
  /** left out with a reason, such as unreadable images */
  skipped: Count,
  /** units a second, over the last seconds; null before the first unit */
  ratePerSecond: z.number().min(0).nullable(),
  remainingMs: z.number().min(0).nullable(),
  createdMs: TimeMs,
  startedMs: TimeMs.nullable(),
  finishedMs: TimeMs.nullable(),
  /** spoken remarks, such as why a provider was not used */
  remarks: z.array(z.string()),
  error: z.object({ code: z.enum(errorCodes), message: z.string() }).nullable(),
  /** row made or found by the job, such as the run's id */
  resultId: Id.nullable(),
  /** a failed, cancelled or interrupted job whose work can be asked for again as it was */
  canResume: z.boolean(),
  /** the job that goes on with this one's work */
  resumedById: Id.nullable(),
})
export type Job = z.output<typeof Job>

export const jobCalls = {
  /** newest first */
  'job/list': call(Nothing, z.array(Job)),
  'job/read': call(z.strictObject({ jobId: Id }), Job),
  /** Asks the job to stop at the next safe point; what is committed stays. */
  'job/cancel': call(z.strictObject({ jobId: Id }), Job),
  /** Asks for the same work again: a new job, which goes on from what is committed. */
  'job/resume': call(z.strictObject({ jobId: Id }), JobTicket),
}
