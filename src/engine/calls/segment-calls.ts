/** Calls about zero-shot segmentation, its ground truth and its evaluation. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Evaluation, SegmentedImage } from '../../contract/segment.ts'
import {
  maskForModel,
  openMapTools,
  precisionRecall,
  predictImage,
  readClasses,
  scoreMap,
  scoresByClass,
  targetText,
} from '../segment/index.ts'
import {
  flagsOfDataSet,
  imageAttributes,
  insertMaskNote,
  listEvaluations,
  maskNotes,
  pageOfEvaluation,
  scoredImages,
  skippedImages,
  type StoredEvaluation,
  type StoredModel,
  summedBins,
} from '../store/index.ts'
import { placeOfClass } from '../study/index.ts'
import { type CallContext, checkpointOf, dataSetById, modelById } from './context.ts'
import { decodedImage, type EvaluationDetails, imageById, type ImageOf, memoryOf } from './model-memory.ts'
import { evaluationById, refuseUnfitSettings, startEvaluation, startExport, targetsOf } from './segment-evaluate.ts'
import { groundTruth, linkMasks, withTruth } from './segment-truth.ts'

type SegmentCallName = Extract<keyof Engine, `segment/${string}`>
type Calls = Pick<Engine, SegmentCallName>
type ImageInput = Parameters<Engine['segment/image']>[0]

export function segmentCalls(context: CallContext): Calls {
  return { ...truthCalls(context), ...evaluationCalls(context), ...noteCalls(context) }
}

type Truths = 'segment/ground-truth' | 'segment/link-masks' | 'segment/read-classes'

function truthCalls(context: CallContext): Pick<Calls, Truths> {
  return {
    'segment/ground-truth': async ({ dataSetId }) => groundTruth(context, dataSetId),
    'segment/link-masks': async ({ dataSetId, path }) => linkMasks(context, dataSetId, path),
    'segment/read-classes': async ({ fileName, content }) => readClasses(fileName, content),
  }
}

type Notes = 'segment/note' | 'segment/notes' | 'segment/flags'

function noteCalls(context: CallContext): Pick<Calls, Notes> {
  const { db } = context
  return {
    'segment/note': async ({ imageId, annotator, flags, note }) => {
      imageById(context, imageId)
      const madeMs = context.now()
      const made = insertMaskNote(context.write(), { imageId, annotator, flags: [...new Set(flags)], note, madeMs })
      context.changed('segment')
      return made
    },
    'segment/notes': async ({ imageId }) => maskNotes(db, imageById(context, imageId).id),
    'segment/flags': async ({ dataSetId }) => flagsOfDataSet(db, dataSetById(context, dataSetId).id),
  }
}

function evaluationCalls(context: CallContext): Omit<Calls, Truths | Notes> {
  const { db } = context
  return {
    'segment/evaluate': async (input) => startEvaluation(context, input),
    'segment/list': async () => listEvaluations(db).map((evaluation) => describeEvaluation(context, evaluation)),
    'segment/read': async ({ evaluationId }) => {
      const evaluation = evaluationById(context, evaluationId)
      return {
        evaluation: describeEvaluation(context, evaluation),
        ...detailsOf(context, evaluation),
        skipped: skippedImages(db, evaluationId),
      }
    },
    'segment/images': async ({ againstId, ...page }) => {
      const { dataSetId } = evaluationById(context, page.evaluationId)
      if (againstId !== undefined) refuseOtherDataSet(context, page.evaluationId, againstId)
      return pageOfEvaluation(db, dataSetId, { ...page, againstId })
    },
    'segment/image': async (input) => segmentImage(context, input),
    'segment/export': async (input) => startExport(context, input),
  }
}

/** Rows never change, so that as many images have the same details; a thousand draws for each class cost time. */
function detailsOf(context: CallContext, { id, images }: StoredEvaluation): EvaluationDetails {
  const { evaluations } = memoryOf(context)
  const key = `${id} ${images}`
  const known = evaluations.get(key)
  if (known) return known
  const classes = scoresByClass(scoredImages(context.db, id))
  const details = { classes, curve: precisionRecall(summedBins(context.db, id)) }
  return evaluations.set(key, details, 2000 + classes.length * 400)
}

/** Images are matched by their place in the data set. */
function refuseOtherDataSet(context: CallContext, evaluationId: number, againstId: number): void {
  const [own, other] = [evaluationById(context, evaluationId), evaluationById(context, againstId)]
  if (own.dataSetId === other.dataSetId) return
  const name = (id: number) => `"${dataSetById(context, id).name}"`
  throw new HeadwiseError(
    'bad-input',
    `Evaluations that are compared must be of one data set; ${evaluationId} is of ${name(own.dataSetId)}, ${againstId} of ${name(other.dataSetId)}.`,
  )
}

function describeEvaluation(context: CallContext, evaluation: StoredEvaluation): Evaluation {
  const { imageCount, ...described } = evaluation
  const model = modelById(context, evaluation.modelId)
  const dataSet = dataSetById(context, evaluation.dataSetId)
  return {
    ...described,
    modelName: model.name,
    modelHash: model.hash,
    dataSetName: dataSet.name,
    dataSetHash: dataSet.hash,
    total: imageCount,
    isComplete: evaluation.images + evaluation.skipped >= imageCount,
  }
}

async function segmentImage(context: CallContext, input: ImageInput): Promise<SegmentedImage> {
  const { settings, task } = input
  const model = modelById(context, input.modelId)
  const image = imageById(context, input.imageId)
  refuseUnfitSettings(model, task, settings)
  const decoded = await decodedImage(context, image)
  const targets = await targetsOf(context, model, task, [settings])
  const truth = placeOfClass(contentOf(context, image, task.attribute), task)
  const options = { methods: [settings.method], cacheFolder: context.cacheFolder }
  const open = () => openMapTools(checkpointOf(model), options)
  return memoryOf(context).mapTools.use(`${model.hash}:${settings.method}`, open, async (tools) => {
    const predicted = await predictImage(tools, targets, settings, { path: image.path, decoded, truth })
    const { patchMap, scaled, classes, threshold } = predicted
    const mask = await maskOrReason(context, model, image, decoded, settings.protocol)
    const scored = 'truth' in mask ? scoreMap(scaled, mask.truth, settings.threshold) : undefined
    return {
      sizePx: tools.sizePx,
      map: scaled.map,
      truth: 'truth' in mask ? mask.truth : null,
      truthProblem: 'reason' in mask ? mask.reason : null,
      groundTruthHash: mask.hash,
      threshold,
      patches: new Float32Array(patchMap.patches),
      gridRows: tools.maker.gridRows,
      gridColumns: tools.maker.gridColumns,
      classTokenPart: patchMap.classTokenPart,
      mlpPart: patchMap.mlpPart,
      score: patchMap.score,
      isConstant: scaled.isConstant,
      predictedClass: task.classes[classes.predicted]!,
      trueClass: truth === null ? null : task.classes[truth]!,
      targetText: targetText(settings, classes, task.classes),
      averagePrecision: scored?.averagePrecision ?? null,
      curve: scored ? precisionRecall(scored.bins) : { precision: new Float32Array(0), recall: new Float32Array(0) },
    }
  })
}

function contentOf({ db }: CallContext, image: ImageOf, attribute: string | undefined): string | null | undefined {
  return attribute === undefined ? image.label : imageAttributes(db, image.id)[attribute]
}

async function maskOrReason(
  context: CallContext,
  model: StoredModel,
  image: ImageOf,
  decoded: { widthPx: number; heightPx: number },
  protocol: ImageInput['settings']['protocol'],
): Promise<{ hash: string | null } & ({ truth: Uint8Array<ArrayBuffer> } | { reason: string })> {
  let hash: string | null = null
  try {
    const mask = await withTruth(context, dataSetById(context, image.dataSetId), (truth) => {
      hash = truth.hash
      return truth.read(image, decoded)
    })
    return { hash, truth: maskForModel(mask, model.config.preprocessing.sizePx, protocol) }
  } catch (error) {
    if (error instanceof HeadwiseError) return { hash, reason: error.message }
    throw error
  }
}
