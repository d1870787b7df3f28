/** TEXTSPAN results: the texts that describe each head, with the share of its variance that they explain. */
import { z } from 'zod'
import { call, Count, Id, Nothing, Share, TimeMs } from './call.ts'
import { ImageFilter } from './data-set.ts'
import { JobTicket } from './job.ts'
import { Annotator } from './label.ts'
import { TextUse } from './pool.ts'

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
  poolId: Id,
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
  /** a preview of a pool's draft, until it is kept or dropped */
  isProposed: z.boolean(),
  programVersion: z.string(),
  createdMs: TimeMs,
})
export type TextSpan = z.output<typeof TextSpan>

const Settings = {
  /** the last so many layers */
  layers: z.int().min(1).default(4),
  /** m, texts a head */
  texts: z.int().min(1).max(1000).default(20),
  /** texts are projected onto at most so many directions of the head's output */
  rank: z.int().min(1).default(80),
  filter: ImageFilter.default({}),
}

/** A head under two results: what it gained and lost. */
export const HeadChange = z.object({
  layer: Count,
  head: Count,
  /** share explained by all texts of each result */
  before: Share,
  after: Share,
  /** texts chosen in one only, in the order of their step */
  gained: z.array(z.string()),
  lost: z.array(z.string()),
  /** texts chosen in both, at another step */
  moved: Count,
})
export type HeadChange = z.output<typeof HeadChange>

export const textSpanCalls = {
  'text-span/start': call(z.strictObject({ runId: Id, poolVersionId: Id, ...Settings }), JobTicket),
  /**
   * The same for a pool's draft as it stands: makes a proposed version and a proposed result, which are seen apart from
   * the others until they are kept or dropped.
   */
  'text-span/propose': call(z.strictObject({ runId: Id, poolId: Id, annotator: Annotator, ...Settings }), JobTicket),
  'text-span/keep': call(z.strictObject({ textSpanId: Id, note: z.string().max(2000).default('') }), TextSpan),
  /** Deletes a proposed result and its version; the draft stays. */
  'text-span/drop': call(z.strictObject({ textSpanId: Id }), Nothing),
  /** Proposed ones among them. */
  'text-span/list': call(Nothing, z.array(TextSpan)),
  /** Layers from the last to the first, heads in order. */
  'text-span/read': call(
    z.strictObject({ textSpanId: Id }),
    z.object({ textSpan: TextSpan, heads: z.array(DescribedHead) }),
  ),
  /** Where each text was chosen; texts that were chosen nowhere are left out. */
  'text-span/use': call(z.strictObject({ textSpanId: Id }), z.array(TextUse)),
  /** Heads that both results describe, layers from the last to the first. */
  'text-span/compare': call(
    z.strictObject({ beforeId: Id, afterId: Id }),
    z.object({ before: TextSpan, after: TextSpan, heads: z.array(HeadChange), differs: z.array(z.string()) }),
  ),
}
