/**
 * Heads of a run: how much each does, which images it tells apart, which heads do the same. A head's term r is its
 * part of the unit image representation, summed over tokens (spec 2).
 */
import { z } from 'zod'
import { call, Count, Id, Share } from './call.ts'
import { ImageFilter } from './data-set.ts'

export const HeadPlace = z.strictObject({ layer: Count, head: Count })
export type HeadPlace = z.output<typeof HeadPlace>

export const HeadEffect = z.object({
  layer: Count,
  head: Count,
  /** trace of the covariance of r over the run's images: the mean squared change of the representation when r is replaced by its mean */
  variance: z.number().min(0),
})
export type HeadEffect = z.output<typeof HeadEffect>

/** A direction of the joint space along which a head's images are put in order. */
export const Direction = z.discriminatedUnion('kind', [
  /** the unit embedding of any text */
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(2000) }),
  /** the head's own principal direction over the images, strongest first, from 0; its sign makes the skewness of the scores positive */
  z.strictObject({ kind: z.literal('principal'), index: z.int().min(0).max(9) }),
  /** what no text of a TEXTSPAN result explains: images by the length of the rest of r - mean(r) */
  z.strictObject({ kind: z.literal('residual'), textSpanId: Id }),
])
export type Direction = z.output<typeof Direction>

export const ScoredImage = z.object({
  imageId: Id,
  ordinal: Count,
  path: z.string(),
  label: z.string().nullable(),
  split: z.string().nullable(),
  score: z.number(),
})
export type ScoredImage = z.output<typeof ScoredImage>

export const HeadImages = z.object({
  /** scores are r . t for a text, (r - mean r) . u for a principal direction, lengths for a residual */
  highest: z.array(ScoredImage),
  /** lowest first */
  lowest: z.array(ScoredImage),
  images: Count,
  mean: z.number(),
  standardDeviation: z.number().min(0),
  /** share of the head's variance along the direction (for a residual: outside the texts) */
  share: Share,
  /** equal bins from `from` to `to` */
  histogram: z.object({ from: z.number(), to: z.number(), counts: z.instanceof(Int32Array) }),
  /** false when they were kept with the TEXTSPAN result, true when they were worked out for this call */
  isFresh: z.boolean(),
})
export type HeadImages = z.output<typeof HeadImages>

export const headCalls = {
  /** Every head of every layer, layers ascending. Needs the model's weights the first time only. */
  'head/effects': call(z.strictObject({ runId: Id }), z.array(HeadEffect)),
  /** Images that score highest and lowest; at most `count` of each. */
  'head/images': call(
    z.strictObject({
      runId: Id,
      layer: Count,
      head: Count,
      direction: Direction,
      filter: ImageFilter.default({}),
      count: z.int().min(1).max(200).default(24),
      /** uses what was kept with this result where it has the direction */
      textSpanId: Id.optional(),
    }),
    HeadImages,
  ),
  /**
   * How alike the outputs of heads are: trace cov(r_a, r_b) / sqrt(trace cov(r_a) trace cov(r_b)), -1 to 1, over
   * `images` images spread evenly over the run (at most 512). Head (l, h) is row l H + h of the [n, n] matrix.
   */
  'head/correlations': call(
    z.strictObject({ runId: Id }),
    z.object({ images: Count, heads: Count, correlations: z.instanceof(Float32Array) }),
  ),
  /**
   * The token map of one head for an image, over the patches: score of every token, row by row. The image goes through
   * the model anew in float32. A residual has none.
   */
  'head/token-map': call(
    z.strictObject({
      runId: Id,
      imageId: Id,
      layer: Count,
      head: Count,
      direction: Direction,
      /** the images that a principal direction is that of */
      filter: ImageFilter.default({}),
    }),
    z.object({
      gridRows: Count,
      gridColumns: Count,
      patches: z.instanceof(Float32Array),
      /** the class token's own part */
      classToken: z.number(),
      /** the head's term along the direction, r . u: patches and class token add up to it */
      score: z.number(),
    }),
  ),
}
