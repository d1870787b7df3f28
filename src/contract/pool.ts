/** Pools: the texts that describe heads. A version never changes once it is made. */
import { z } from 'zod'
import { call, Count, Id, Nothing, TimeMs } from './call.ts'
import { JobTicket } from './job.ts'

export const PoolVersion = z.object({
  id: Id,
  number: z.int().min(1),
  /** SHA-256 over the texts and their roles, in order */
  hash: z.string().length(64),
  texts: Count,
  createdMs: TimeMs,
})
export type PoolVersion = z.output<typeof PoolVersion>

export const Pool = z.object({
  id: Id,
  name: z.string(),
  /** newest first */
  versions: z.array(PoolVersion).min(1),
})
export type Pool = z.output<typeof Pool>

export const PoolWarning = z.object({
  /** line of the imported file, from 1 */
  line: z.int().min(1),
  text: z.string(),
  reason: z.string(),
})
export type PoolWarning = z.output<typeof PoolWarning>

export const PoolText = z.object({
  id: Id,
  ordinal: Count,
  text: z.string(),
  role: z.string().nullable(),
  /** of the file that it was read from */
  line: z.int().min(1),
})
export type PoolText = z.output<typeof PoolText>

export const poolCalls = {
  /** Reads .txt (a text a line), .csv (columns text, role) or .json; a known name gets a new version. */
  'pool/add': call(
    z.strictObject({ path: z.string().min(1), name: z.string().min(1).optional() }),
    z.object({ pool: Pool, warnings: z.array(PoolWarning), isUnchanged: z.boolean() }),
  ),
  'pool/list': call(Nothing, z.array(Pool)),
  'pool/texts': call(z.strictObject({ versionId: Id }), z.array(PoolText)),
  /** Embeds the texts that this model has not embedded yet. */
  'pool/embed': call(z.strictObject({ versionId: Id, modelId: Id }), JobTicket),
}
