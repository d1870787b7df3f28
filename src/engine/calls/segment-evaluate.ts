/** The jobs of segmentation: evaluating methods on a data set, and writing an evaluation's predictions to files. */
import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { ZeroShotTask } from '../../contract/study.ts'
import { openImageReader } from '../dataset/index.ts'
import { defaultBatch } from '../decompose/index.ts'
import type { JobContext } from '../jobs/index.ts'
import { chooseProvider } from '../runtime/providers.ts'
import { placeOfClass } from '../study/index.ts'
import {
  evaluate,
  exportPredictions,
  openMapTools,
  refuseFilledFolder,
  type Targets,
  typedTexts,
} from '../segment/index.ts'
import {
  contentsByOrdinal,
  dataSetColumnNames,
  filteredOrdinals,
  findEvaluation,
  imagesByOrdinal,
  insertEvaluation,
  inTransaction,
  listEvaluations,
  type NewEvaluation,
  scoredImages,
  type StoredDataSet,
  type StoredEvaluation,
  type StoredImage,
  type StoredModel,
} from '../store/index.ts'
import {
  type CallContext,
  checkpointOf,
  dataSetById,
  type JobInput,
  type JobWorks,
  modelById,
  startJob,
} from './context.ts'
import { refuseOtherHeads } from './head-place.ts'
import { classifierOf, decodedImage, embeddedTexts } from './model-memory.ts'
import { openTruth, refuseMissingTruth } from './segment-truth.ts'

type EvaluateInput = JobInput<'segment/evaluate'>
type ExportInput = JobInput<'segment/export'>
type Settings = EvaluateInput['settings'][number]

/** Maps of one batch are held at once, with the attention of every layer for some methods. */
const mostImagesAPass = 8

export const segmentWorks = {
  'segment/evaluate': evaluateWork,
  'segment/export': exportWork,
} satisfies Partial<JobWorks>

export async function startEvaluation(context: CallContext, input: EvaluateInput): Promise<{ jobId: number }> {
  context.write()
  const { model, dataSet } = evaluationPlan(context, input)
  await refuseMissingTruth(context, dataSet)
  const title = `segment ${dataSet.name} with ${model.name}`
  return startJob(context, 'segment/evaluate', input, 'segment', title, 'images')
}

/** What an evaluation works on; whatever is wrong with the input is told here. */
function evaluationPlan(context: CallContext, input: EvaluateInput) {
  const { settings, task, filter, limit } = input
  const model = modelById(context, input.modelId)
  const dataSet = dataSetById(context, input.dataSetId)
  for (const [at, ofOne] of settings.entries()) {
    refuseUnfitSettings(model, task, ofOne)
    const before = settings.findIndex((other) => JSON.stringify(other) === JSON.stringify(ofOne))
    if (before < at) {
      throw new HeadwiseError('bad-input', `Settings must differ; settings ${before} and ${at} are the same.`)
    }
  }
  refuseOtherMat(context, dataSet)
  const trueClassOf = trueClasses(context, dataSet, task)
  const ordinals = filteredOrdinals(context.db, dataSet.id, filter).slice(0, limit)
  if (ordinals.length === 0) {
    throw new HeadwiseError(
      'bad-input',
      `The filter must leave at least one image of "${dataSet.name}"; it leaves none.`,
    )
  }
  return { model, dataSet, ordinals, trueClassOf }
}

/** Images of a .mat have no files of their own that could be looked at one by one. */
function refuseOtherMat({ db }: CallContext, { id, kind, name, root }: StoredDataSet): void {
  if (kind !== 'mat') return
  const { sizeBytes } = imagesByOrdinal(db, id, [0])[0]!
  const found = statSync(root, { throwIfNoEntry: false })
  if (!found || found.size === sizeBytes) return
  throw new HeadwiseError(
    'changed',
    `"${basename(root)}" of "${name}" must be as it was when it was imported (${sizeBytes} bytes); it has ${found.size} bytes now.`,
  )
}

/** @throws HeadwiseError 'bad-input' for heads that the model lacks, or a target that is none of the classes */
export function refuseUnfitSettings(
  model: StoredModel,
  { classes, ids = classes }: ZeroShotTask,
  { heads, target }: Settings,
): void {
  refuseOtherHeads(model, heads ?? [])
  if (ids.length !== classes.length) {
    throw new HeadwiseError(
      'bad-input',
      `Each of the ${classes.length} classes must have an id; there are ${ids.length}.`,
    )
  }
  if (target.kind !== 'class' || classes.includes(target.name)) return
  throw new HeadwiseError(
    'bad-input',
    `The target class must be one of the ${classes.length} classes; "${target.name}" is none of them.`,
  )
}

/** @throws HeadwiseError 'bad-input' when the data set has no such attribute */
export function trueClasses(
  { db }: CallContext,
  dataSet: StoredDataSet,
  task: ZeroShotTask,
): (image: { ordinal: number }) => number | null {
  const { attribute } = task
  const columns = dataSetColumnNames(db, dataSet.id)
  if (attribute !== undefined && !columns.includes(attribute)) {
    throw new HeadwiseError(
      'bad-input',
      `The data set must have the attribute "${attribute}"; it has ${columns.length === 0 ? 'none' : `"${columns.join('", "')}"`}.`,
    )
  }
  const contents = contentsByOrdinal(db, dataSet.id, attribute)
  return ({ ordinal }) => placeOfClass(contents.get(ordinal), task)
}

export async function targetsOf(
  context: CallContext,
  model: StoredModel,
  task: ZeroShotTask,
  settings: Settings[],
): Promise<Targets> {
  const classifier = await classifierOf(context, model, task)
  const texts = typedTexts(settings)
  const { jointWidth: d } = model.config
  const rows = texts.length === 0 ? new Float32Array(0) : await embeddedTexts(context, model, texts)
  const byText = new Map(texts.map((text, at) => [text, rows.subarray(at * d, (at + 1) * d)]))
  return { classes: task.classes, classifier, texts: byText }
}

async function evaluateWork(context: CallContext, input: EvaluateInput, job: JobContext): Promise<void> {
  const { model, dataSet, ordinals, trueClassOf } = evaluationPlan(context, input)
  const { cacheFolder } = context
  const { provider, remarks } = await chooseProvider('auto')
  for (const remark of remarks) job.remark(remark)
  const checkpoint = checkpointOf(model)
  const methods = [...new Set(input.settings.map(({ method }) => method))]
  const closing: (() => Promise<void> | void)[] = []
  try {
    const truth = await openTruth(context, dataSet)
    closing.push(() => truth.close())
    const reader = await openImageReader(dataSet)
    closing.push(() => reader.close())
    const targets = await targetsOf(context, model, input.task, input.settings)
    const tools = await openMapTools(checkpoint, { methods, provider, cacheFolder })
    closing.push(() => tools.close())
    const evaluations = startedEvaluations(context, input, job, {
      hash: truth.hash,
      provider,
      imageCount: ordinals.length,
    })
    job.result(evaluations[0]!.id)
    context.changed('segment')
    const { preprocessor, maker, sizePx } = tools
    const source = { dataSet, reader, preprocessor, truth, sizePx }
    const images = imagesByOrdinal(context.db, dataSet.id, ordinals)
    const batch = Math.min(mostImagesAPass, defaultBatch(checkpoint))
    await evaluate({ db: context.write(), evaluations, images, source, maker, targets, trueClassOf, batch }, job)
  } finally {
    for (const close of closing.reverse()) await close()
    context.changed('segment')
  }
}

/**
 * The newest unfinished evaluation of the same input for each settings where there is one, so that evaluating again
 * goes on with it. Model and data set are those of their hashes; masks are compared by theirs.
 */
function startedEvaluations(
  context: CallContext,
  input: EvaluateInput,
  job: JobContext,
  { hash, provider, imageCount }: { hash: string; provider: string; imageCount: number },
): { id: number; settings: Settings }[] {
  const db = context.write()
  const { modelId, dataSetId, task, filter } = input
  const known = listEvaluations(db).filter(({ images, skipped, imageCount: asked }) => images + skipped < asked)
  return inTransaction(db, () =>
    input.settings.map((settings) => {
      const wanted: NewEvaluation = {
        jobId: job.jobId,
        modelId,
        dataSetId,
        groundTruthHash: hash,
        task,
        filter,
        settings,
        provider,
        imageCount,
        programVersion: context.programVersion,
        createdMs: context.now(),
      }
      const same = known.find((evaluation) => inputOf(evaluation) === inputOf(wanted))
      return { id: same?.id ?? insertEvaluation(db, wanted), settings }
    }),
  )
}

/** All that determines the numbers of an evaluation. */
function inputOf(evaluation: NewEvaluation | StoredEvaluation): string {
  const { modelId, dataSetId, groundTruthHash, task, filter, settings, provider, imageCount, programVersion } =
    evaluation
  return JSON.stringify([
    ...[modelId, dataSetId, groundTruthHash, provider, imageCount, programVersion],
    ...[task.classes, task.templates, task.ids ?? null, task.attribute ?? null],
    ...[filter.split ?? null, filter.label ?? null, filter.attributes ?? null, filter.path ?? null],
    settings,
  ])
}

export function evaluationById(context: CallContext, id: number): StoredEvaluation {
  const evaluation = findEvaluation(context.db, id)
  if (!evaluation) throw new HeadwiseError('not-found', `There is no evaluation ${id} in this workspace.`)
  return evaluation
}

export function startExport(context: CallContext, input: ExportInput): { jobId: number } {
  context.write()
  const evaluation = evaluationById(context, input.evaluationId)
  if (evaluation.images === 0) {
    throw new HeadwiseError('bad-input', `Evaluation ${evaluation.id} must have an image that was scored; it has none.`)
  }
  // A path is relative to where the caller is, not to where the work is done.
  const absolute = { ...input, folder: resolve(input.folder) }
  refuseFilledFolder(absolute.folder)
  const title = `export ${input.kind} of evaluation ${evaluation.id}`
  return startJob(context, 'segment/export', absolute, 'export', title, 'images')
}

async function exportWork(
  context: CallContext,
  { evaluationId, kind, folder }: ExportInput,
  job: JobContext,
): Promise<void> {
  const evaluation = evaluationById(context, evaluationId)
  const { task, settings } = evaluation
  const model = modelById(context, evaluation.modelId)
  const dataSet = dataSetById(context, evaluation.dataSetId)
  const ordinals = scoredImages(context.db, evaluationId).map(({ ordinal }) => ordinal)
  const truth = kind === 'overlays' ? await openTruth(context, dataSet) : undefined
  try {
    if (truth && truth.hash !== evaluation.groundTruthHash) {
      throw new HeadwiseError(
        'changed',
        `The masks of "${dataSet.name}" must be those of evaluation ${evaluationId}; they were changed since. Evaluate again.`,
      )
    }
    const targets = await targetsOf(context, model, task, [settings])
    const { provider } = await chooseProvider(evaluation.provider as Parameters<typeof chooseProvider>[0])
    const { cacheFolder } = context
    const tools = await openMapTools(checkpointOf(model), { methods: [settings.method], provider, cacheFolder })
    try {
      const count = await exportPredictions(
        {
          kind,
          folder,
          images: imagesByOrdinal(context.db, dataSet.id, ordinals),
          decode: (image: StoredImage) => decodedImage(context, { ...image, dataSetId: dataSet.id }),
          tools,
          preprocessing: model.config.preprocessing,
          targets,
          settings,
          trueClassOf: trueClasses(context, dataSet, task),
          truth,
          provenance: provenanceOf(context, evaluation, model, dataSet),
        },
        job,
      )
      job.remark(`${count} images in ${folder}`)
      job.result(evaluationId)
    } finally {
      await tools.close()
    }
  } finally {
    truth?.close()
  }
}

function provenanceOf(
  { programVersion, now }: CallContext,
  evaluation: StoredEvaluation,
  model: StoredModel,
  dataSet: StoredDataSet,
): Record<string, unknown> {
  const { id, task, filter, settings, provider, images, imageCount, groundTruthHash, createdMs, scores } = evaluation
  return {
    evaluation: id,
    model: { name: model.name, hash: model.hash },
    dataSet: { name: dataSet.name, hash: dataSet.hash },
    groundTruthHash,
    task,
    filter,
    settings,
    scores,
    images: { scored: images, asked: imageCount },
    provider,
    evaluatedMs: createdMs,
    evaluatedBy: evaluation.programVersion,
    exportedMs: now(),
    exportedBy: programVersion,
  }
}
