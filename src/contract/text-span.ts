/** TEXTSPAN results: the texts that describe each head, with the share of its variance that they explain. */
import { z } from 'zod'
import { call, Count, Id, Nothing, Share, TimeMs } from './call.ts'
import { ImageFilter } from './data-set.ts'
import { JobTicket } from './job.ts'

export const TextSpanStep = z.object({
  textId: Id,
  text: z.string(),
  /** share of the head's variance explained by this text and those before it */
  explained: Share,
  /** by how much the runner-up's variance lost, as a share of the winner's; 0 is a tie */
  margin: Share,
})
export type TextSpanStep = z.output<typeof TextSpanStep>

export const DescribedHead = z.object({
  layer: Count,
  head: Count,
  /** directions of the head's output that were kept for the texts */
  rank: Count,
  /** trace of the covariance of the head's terms over the images */
  variance: z.number().min(0),
  steps: z.array(TextSpanStep),
})
export type DescribedHead = z.output<typeof DescribedHead>

export const TextSpan = z.object({
  id: Id,
  runId: Id,
  poolName: z.string(),
  poolVersionId: Id,
  poolVersion: z.int().min(1),
  poolHash: z.string(),
  /** the last so many layers */
  layers: Count,
  /** m, texts a head */
  texts: Count,
  rank: Count,
  filter: ImageFilter,
  images: Count,
  programVersion: z.string(),
  createdMs: TimeMs,
})
export type TextSpan = z.output<typeof TextSpan>

export const textSpanCalls = {
  'text-span/start': call(
    z.strictObject({
      runId: Id,
      poolVersionId: Id,
      /** the last so many layers */
      layers: z.int().min(1).default(4),
      /** m, texts a head */
      texts: z.int().min(1).max(1000).default(20),
      /** texts are projected onto at most so many directions of the head's output */
      rank: z.int().min(1).default(80),
      filter: ImageFilter.default({}),
    }),
    JobTicket,
  ),
  'text-span/list': call(Nothing, z.array(TextSpan)),
  /** Layers from the last to the first, heads in order. */
  'text-span/read': call(
    z.strictObject({ textSpanId: Id }),
    z.object({ textSpan: TextSpan, heads: z.array(DescribedHead) }),
  ),
}
