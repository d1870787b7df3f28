/** A workspace as a whole: what is in it, models, and paths that moved. */
import { z } from 'zod'
import { call, Count, Id, Nothing, TimeMs } from './call.ts'
import { ModelConfig } from './model.ts'

export const Model = z.object({
  id: Id,
  name: z.string(),
  /** SHA-256 over header, samples of every tensor, config, preprocessing and tokenizer */
  hash: z.string().length(64),
  folder: z.string(),
  /** whether the weights are where the workspace expects them, unchanged */
  isPresent: z.boolean(),
  config: ModelConfig,
  addedMs: TimeMs,
})
export type Model = z.output<typeof Model>

export const WorkspaceInfo = z.object({
  path: z.string(),
  sizeBytes: Count,
  schemaVersion: Count,
  programVersion: z.string(),
  models: Count,
  dataSets: Count,
  images: Count,
  runs: Count,
  pools: Count,
  textSpans: Count,
})
export type WorkspaceInfo = z.output<typeof WorkspaceInfo>

export const workspaceCalls = {
  'workspace/describe': call(Nothing, WorkspaceInfo),
  /** Points a model or a data set to where its files are now; refused when they are other files. */
  'workspace/relink': call(
    z.strictObject({ kind: z.enum(['model', 'data-set']), name: z.string().optional(), path: z.string().min(1) }),
    z.object({ name: z.string(), path: z.string() }),
  ),
  'model/add': call(z.strictObject({ folder: z.string().min(1), name: z.string().min(1).optional() }), Model),
  'model/list': call(Nothing, z.array(Model)),
}
