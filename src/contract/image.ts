/** One image under a model: the score of any text as an exact sum, and what the model would call it. */
import { z } from 'zod'
import { call, Count, Id } from './call.ts'
import { Image } from './data-set.ts'
import { ZeroShotTask } from './study.ts'

export const ImageDetail = Image.extend({
  dataSetId: Id,
  dataSetName: z.string(),
  sizeBytes: Count,
  /** attribute name -> content */
  attributes: z.record(z.string(), z.string()),
})
export type ImageDetail = z.output<typeof ImageDetail>

/**
 * The score of each of K texts (rep / |rep| . t, a cosine) as a sum over everything (spec 2). The image goes through
 * the model anew in float32, so the sum is exact whatever the run was stored as.
 */
export const Explanation = z.object({
  texts: z.array(z.string()),
  layers: Count,
  heads: Count,
  /** class token first, then patches row by row */
  tokens: Count,
  gridRows: Count,
  gridColumns: Count,
  /** [K] */
  scores: z.instanceof(Float32Array),
  /** attention terms, [K, L, H, N] */
  byToken: z.instanceof(Float32Array),
  /** MLP terms, [K, L + 1]; term 0 is the class token after ln_pre */
  mlps: z.instanceof(Float32Array),
  /** sum of all terms - score, [K]: rounding, about 1e-7 */
  residuals: z.instanceof(Float32Array),
  provider: z.string(),
})
export type Explanation = z.output<typeof Explanation>

export const Prediction = z.object({
  /** best first */
  classes: z.array(z.object({ name: z.string(), score: z.number() })),
  /** what the data set says, when it is one of the classes */
  truth: z.string().nullable(),
})
export type Prediction = z.output<typeof Prediction>

export const imageCalls = {
  'image/read': call(z.strictObject({ imageId: Id }), ImageDetail),
  /** The whole image as WebP, orientation applied, at most 1,600 px on its longest side. */
  'image/picture': call(z.strictObject({ imageId: Id }), z.instanceof(Uint8Array)),
  /** The part that the model sees: resized and cropped as by its preprocessing, as WebP, [S, S]. */
  'image/model-view': call(z.strictObject({ modelId: Id, imageId: Id }), z.instanceof(Uint8Array)),
  'image/explain': call(
    z.strictObject({ modelId: Id, imageId: Id, texts: z.array(z.string().min(1).max(2000)).min(1).max(8) }),
    Explanation,
  ),
  /** Zero-shot classes by cosine; embeddings of the class texts are kept. */
  'image/predict': call(z.strictObject({ modelId: Id, imageId: Id, task: ZeroShotTask }), Prediction),
}
