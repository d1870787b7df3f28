/** Mean ablation (spec 5): what zero-shot accuracy is left when terms are replaced by their means. */
import { z } from 'zod'
import { call, Id, Nothing, Share, TimeMs } from './call.ts'
import { ImageFilter } from './data-set.ts'
import { JobTicket } from './job.ts'

export const ZeroShotTask = z.strictObject({
  /** class names, in the order of the classifier's columns */
  classes: z.array(z.string().min(1)).min(2),
  /** "{}" stands for the class name */
  templates: z.array(z.string().includes('{}')).min(1),
  /** what a data set calls each class where that is not its name, such as "n01440764"; as many as classes */
  ids: z.array(z.string()).optional(),
  /** the attribute that holds the class; the label when absent. Its content is a class name, its id or a class number. */
  attribute: z.string().optional(),
})
export type ZeroShotTask = z.output<typeof ZeroShotTask>

export const AblationStudy = z.object({
  images: z.int().min(1),
  classes: z.int().min(2),
  /** accuracies */
  baseline: Share,
  mlps: Share,
  /** null when the run has no class-to-class terms */
  classToClass: Share.nullable(),
  both: Share.nullable(),
  /** attention of layers 0..l replaced, for each l */
  layersUpTo: z.array(Share),
  /** heads of a TEXTSPAN's layers replaced by their reconstruction from m texts, earlier attention by its mean */
  textSpan: z
    .object({ textSpanId: Id, accuracies: z.array(z.object({ texts: z.int().min(1), accuracy: Share })) })
    .nullable(),
})
export type AblationStudy = z.output<typeof AblationStudy>

export const Study = z.object({
  id: Id,
  runId: Id,
  task: ZeroShotTask,
  filter: ImageFilter,
  result: AblationStudy,
  programVersion: z.string(),
  createdMs: TimeMs,
})
export type Study = z.output<typeof Study>

export const studyCalls = {
  'study/ablate': call(
    z.strictObject({
      runId: Id,
      task: ZeroShotTask,
      filter: ImageFilter.default({}),
      /** also measures accuracy after replacing heads by their first m texts */
      textSpanId: Id.optional(),
    }),
    JobTicket,
  ),
  'study/list': call(Nothing, z.array(Study)),
  'study/read': call(z.strictObject({ studyId: Id }), Study),
  /** The authors' arrays: {data}_attn_{model}.npy and so on, with the pool's embeddings where one is given. */
  'export/npy': call(
    z.strictObject({
      runId: Id,
      folder: z.string().min(1),
      poolVersionId: Id.optional(),
      task: ZeroShotTask.optional(),
    }),
    JobTicket,
  ),
}
