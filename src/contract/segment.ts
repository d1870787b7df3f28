/**
 * Zero-shot segmentation and its evaluation against ground truth (spec 6): token maps of several methods on the same
 * images, thresholded, scored image by image and over the set.
 */
import { z } from 'zod'
import { call, Count, Id, Nothing, Share, TimeMs } from './call.ts'
import { Image, ImageFilter } from './data-set.ts'
import { HeadPlace } from './head.ts'
import { JobTicket } from './job.ts'
import { Annotator } from './label.ts'
import { ZeroShotTask } from './study.ts'

export const segmentMethods = [
  'decomposition', // sum over layers and heads of each patch token's term along the target direction
  'raw-attention', // last layer's attention of the class token, averaged over heads
  'rollout', // attention rollout
  'gradcam', // last layer, gradient-weighted attention
  'gradient-attention', // gradient x attention through all layers (Chefer et al. 2021)
] as const
export type SegmentMethod = (typeof segmentMethods)[number]

/**
 * `as-published`: the mask is squashed to the input size, the image is resized and centre-cropped.
 * `aligned`: the mask goes through the same resize and crop as the image (nearest neighbour).
 */
export const segmentProtocols = ['as-published', 'aligned'] as const
export type SegmentProtocol = (typeof segmentProtocols)[number]

/** Which text a map is made for. */
export const SegmentTarget = z.discriminatedUnion('kind', [
  /** the image's own predicted class, minus the mean over all classes (published) */
  z.strictObject({ kind: z.literal('predicted') }),
  /** the class that the data set says (the task's attribute, or the label), minus the mean over all classes */
  z.strictObject({ kind: z.literal('true') }),
  /** one class for every image, minus the mean over all classes */
  z.strictObject({ kind: z.literal('class'), name: z.string().min(1) }),
  /** any text, minus another where one is given */
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1), minus: z.string().min(1).optional() }),
])
export type SegmentTarget = z.output<typeof SegmentTarget>

export const SegmentSettings = z.strictObject({
  method: z.enum(segmentMethods),
  protocol: z.enum(segmentProtocols).default('as-published'),
  target: SegmentTarget.default({ kind: 'predicted' }),
  /** heads that take part in the decomposition's map; all when absent; other methods ignore it */
  heads: z.array(HeadPlace).min(1).optional(),
  /** where the heads came from, for people: "role place" */
  headsNote: z.string().max(200).default(''),
  /** foreground above this value of the 0..1 map; the map's own mean when absent (published) */
  threshold: Share.optional(),
})
export type SegmentSettings = z.output<typeof SegmentSettings>

export const groundTruthKinds = ['mat', 'png', 'coco'] as const

/** Where the masks of a data set are, and what is wrong with some. */
export const GroundTruth = z.object({
  dataSetId: Id,
  kind: z.enum(groundTruthKinds),
  /** the .mat file, the folder of masks, or the COCO file */
  place: z.string(),
  masks: Count,
  /** images without a mask are listed here too */
  problems: z.array(z.object({ where: z.string(), reason: z.string() })),
})
export type GroundTruth = z.output<typeof GroundTruth>

const Interval = z.tuple([z.number(), z.number()])

/** Over a set of images. Pixel accuracy and IoU accumulate pixels over the set; average precision is a mean over images. */
export const SegmentScores = z.object({
  images: Count,
  pixelAccuracy: Share,
  /** mean of background and foreground IoU */
  meanIou: Share,
  foregroundIou: Share,
  backgroundIou: Share,
  meanAp: Share,
  /** 95 % percentile intervals of 1,000 bootstrap draws over images, seed 1 */
  intervals: z.object({ pixelAccuracy: Interval, meanIou: Interval, meanAp: Interval }),
})
export type SegmentScores = z.output<typeof SegmentScores>

export const Evaluation = z.object({
  id: Id,
  /** evaluations made by one job share it */
  jobId: Id,
  modelId: Id,
  modelName: z.string(),
  modelHash: z.string(),
  dataSetId: Id,
  dataSetName: z.string(),
  dataSetHash: z.string(),
  /** SHA-256 over the masks' places, sizes and kind */
  groundTruthHash: z.string(),
  task: ZeroShotTask,
  filter: ImageFilter,
  settings: SegmentSettings,
  provider: z.string(),
  /** images scored, left out with a reason, and asked for */
  images: Count,
  skipped: Count,
  total: Count,
  isComplete: z.boolean(),
  /** null before the first image */
  scores: SegmentScores.nullable(),
  /** the same over images whose predicted class is the true one, and the others; null where there is no truth */
  scoresWhenRight: SegmentScores.nullable(),
  scoresWhenWrong: SegmentScores.nullable(),
  programVersion: z.string(),
  createdMs: TimeMs,
})
export type Evaluation = z.output<typeof Evaluation>

export const ImageScore = Image.extend({
  pixelAccuracy: Share,
  /** mean of both classes */
  iou: Share,
  foregroundIou: Share,
  averagePrecision: Share,
  /** pixels at the input resolution */
  truePositives: Count,
  falsePositives: Count,
  falseNegatives: Count,
  trueNegatives: Count,
  predictedClass: z.string().nullable(),
  trueClass: z.string().nullable(),
  /** iou minus that of the evaluation compared with; null without one */
  difference: z.number().nullable(),
  flags: z.array(z.string()),
})
export type ImageScore = z.output<typeof ImageScore>

export const segmentSorts = ['iou', 'averagePrecision', 'pixelAccuracy', 'difference', 'class', 'ordinal'] as const

/** What somebody noted about an image's mask; the newest of an image and annotator counts, older ones are kept. */
export const MaskNote = z.object({
  id: Id,
  imageId: Id,
  annotator: z.string(),
  flags: z.array(z.string()),
  note: z.string(),
  madeMs: TimeMs,
})
export type MaskNote = z.output<typeof MaskNote>

/** Offered by the screen; people may write others. */
export const usualFlags = [
  'wrong ground truth',
  'misclassified',
  'missed part',
  'background taken',
  'several objects',
  'good example',
] as const

export const SegmentedImage = z.object({
  /** side of the input, px; maps and masks are [S, S], row by row */
  sizePx: Count,
  /** 0..1 */
  map: z.instanceof(Float32Array),
  /** 0 background, 1 foreground; null where there is no mask, with the reason */
  truth: z.instanceof(Uint8Array).nullable(),
  truthProblem: z.string().nullable(),
  /** of the masks as they are now, which may be others than an evaluation had; null where there are none */
  groundTruthHash: z.string().nullable(),
  /** the threshold that the settings give for this map */
  threshold: z.number(),
  /** the map on the patch grid before clipping and scaling, and its parts for the decomposition */
  patches: z.instanceof(Float32Array),
  gridRows: Count,
  gridColumns: Count,
  /**
   * the class token's part and all MLPs: with the patches they add up to `score` (decomposition only). Where heads were
   * chosen, patches and class token are of those heads, and what is missing to `score` are the heads left out.
   */
  classTokenPart: z.number().nullable(),
  mlpPart: z.number().nullable(),
  score: z.number().nullable(),
  /** a map with no value above its minimum: background everywhere */
  isConstant: z.boolean(),
  predictedClass: z.string().nullable(),
  trueClass: z.string().nullable(),
  targetText: z.string(),
  averagePrecision: Share.nullable(),
  /** precision and recall of the foreground at 101 thresholds from 1 down to 0; empty without ground truth */
  curve: z.object({ precision: z.instanceof(Float32Array), recall: z.instanceof(Float32Array) }),
})
export type SegmentedImage = z.output<typeof SegmentedImage>

export const segmentExports = ['masks', 'overlays', 'coco'] as const

export const segmentCalls = {
  /** The masks of a data set: .mat data sets have them by themselves; null where none are linked. */
  'segment/ground-truth': call(z.strictObject({ dataSetId: Id }), GroundTruth.nullable()),
  /**
   * Links masks to a data set of images: a folder of PNGs with the images' names, or a COCO file with RLE or polygon
   * annotations. Nothing is copied. @throws 'bad-input' when no mask fits an image
   */
  'segment/link-masks': call(z.strictObject({ dataSetId: Id, path: z.string().min(1) }), GroundTruth),
  /** Class names of a file: .csv with columns id, name; .json list; .txt a name a line. */
  'segment/read-classes': call(
    z.strictObject({ fileName: z.string().min(1), content: z.string().max(10_000_000) }),
    z.array(z.object({ id: z.string(), name: z.string() })),
  ),
  /** One evaluation for each settings, over the same images, as one job; goes on with the unfinished one of the same input. */
  'segment/evaluate': call(
    z.strictObject({
      modelId: Id,
      dataSetId: Id,
      task: ZeroShotTask,
      settings: z.array(SegmentSettings).min(1).max(20),
      filter: ImageFilter.default({}),
      limit: z.int().min(1).optional(),
    }),
    JobTicket,
  ),
  /** Newest first. */
  'segment/list': call(Nothing, z.array(Evaluation)),
  'segment/read': call(
    z.strictObject({ evaluationId: Id }),
    z.object({
      evaluation: Evaluation,
      /** by true class where there is one, else by predicted class; most images first */
      classes: z.array(z.object({ name: z.string(), scores: SegmentScores })),
      /** over all pixels of the set, at 101 thresholds from 1 down to 0 */
      curve: z.object({ precision: z.instanceof(Float32Array), recall: z.instanceof(Float32Array) }),
      skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
    }),
  ),
  'segment/images': call(
    z.strictObject({
      evaluationId: Id,
      /** compares with this one */
      againstId: Id.optional(),
      sort: z.enum(segmentSorts).default('iou'),
      isDescending: z.boolean().default(false),
      /** only images with this flag; "any" for any */
      flag: z.string().optional(),
      className: z.string().optional(),
      /** only images whose predicted class is wrong (true) or right (false) */
      isMisclassified: z.boolean().optional(),
      offset: Count.default(0),
      limit: z.int().min(1).max(1000).default(200),
    }),
    z.object({ total: Count, images: z.array(ImageScore) }),
  ),
  /** One image under settings of an evaluation or any others, computed anew. */
  'segment/image': call(
    z.strictObject({ modelId: Id, imageId: Id, task: ZeroShotTask, settings: SegmentSettings }),
    SegmentedImage,
  ),
  'segment/note': call(
    z.strictObject({
      imageId: Id,
      annotator: Annotator,
      flags: z.array(z.string().trim().min(1).max(60)).max(20),
      note: z.string().max(20_000),
    }),
    MaskNote,
  ),
  /** Newest first, all annotators. */
  'segment/notes': call(z.strictObject({ imageId: Id }), z.array(MaskNote)),
  /** Flags in use in a data set, with their number of images. */
  'segment/flags': call(z.strictObject({ dataSetId: Id }), z.array(z.object({ flag: z.string(), images: Count }))),
  /** Writes files into a folder that is empty or new: PNG masks, PNG overlays, or one COCO file with RLE. */
  'segment/export': call(
    z.strictObject({ evaluationId: Id, kind: z.enum(segmentExports), folder: z.string().min(1) }),
    JobTicket,
  ),
}
