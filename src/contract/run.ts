/** Runs: a data set decomposed by a model, with the certificate that the terms add up. */
import { z } from 'zod'
import { call, Count, Id, Nothing, TimeMs } from './call.ts'
import { JobTicket } from './job.ts'

export const storePrecisions = ['float16', 'float32'] as const
export type StorePrecision = (typeof storePrecisions)[number]

export const providers = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const
export type Provider = (typeof providers)[number]

export const ProviderReport = z.object({
  provider: z.enum(providers),
  isUsable: z.boolean(),
  /** why not, or what it runs on */
  detail: z.string(),
})
export type ProviderReport = z.output<typeof ProviderReport>

/** |sum of all terms - representation|, the largest component over all images; the representation has length 1. */
export const Certificate = z.object({
  /** of the terms as computed */
  computedError: z.number().min(0),
  /** of the terms as they were rounded for the store */
  storedError: z.number().min(0),
  /** above this `computedError` the run is refused */
  tolerance: z.number().positive(),
  isExact: z.boolean(),
})
export type Certificate = z.output<typeof Certificate>

export const runStates = ['open', 'complete', 'not-exact'] as const
export type RunState = (typeof runStates)[number]

export const Run = z.object({
  id: Id,
  /** names the run in other workspaces too */
  key: z.uuid(),
  modelId: Id,
  modelName: z.string(),
  modelHash: z.string(),
  dataSetId: Id,
  dataSetName: z.string(),
  dataSetHash: z.string(),
  state: z.enum(runStates),
  store: z.enum(storePrecisions),
  provider: z.enum(providers),
  hasClassToClass: z.boolean(),
  /** images decomposed, left out with a reason, and asked for */
  images: Count,
  skipped: Count,
  total: Count,
  skippedImages: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** null before the first block is committed */
  certificate: Certificate.nullable(),
  programVersion: z.string(),
  createdMs: TimeMs,
})
export type Run = z.output<typeof Run>

export const runCalls = {
  'provider/list': call(Nothing, z.array(ProviderReport)),
  'run/list': call(Nothing, z.array(Run)),
  'run/read': call(z.strictObject({ runId: Id }), Run),
  /** Starts a run, or goes on with the unfinished run of the same model, data set and settings. */
  'run/decompose': call(
    z.strictObject({
      modelId: Id,
      dataSetId: Id,
      provider: z.enum(['auto', ...providers]).default('auto'),
      store: z.enum(storePrecisions).default('float16'),
      classToClass: z.boolean().default(true),
      /** images a forward pass; chosen by the model's size when absent */
      batch: z.int().min(1).max(1024).optional(),
      /** only the first images of the data set */
      limit: z.int().min(1).optional(),
    }),
    JobTicket,
  ),
}
