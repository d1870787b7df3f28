/** Calls about studies and exports. */
import { resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { ZeroShotTask } from '../../contract/study.ts'
import { allLayers, type Bases, computeBases } from '../decompose/index.ts'
import { exportArrays } from '../export/index.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  contentsByOrdinal,
  dataSetColumnNames,
  describedHeads,
  findStudy,
  findTextSpan,
  imagesBetween,
  insertStudy,
  listStudies,
  poolTexts,
  type StoredModel,
  type StoredRun,
} from '../store/index.ts'
import {
  ablationStudy,
  placeOfClass,
  reconstruct,
  readoutOf,
  type DescribedTexts,
  type Readout,
  type Reconstruction,
} from '../study/index.ts'
import { momentsOf, selectRows } from '../terms/index.ts'
import { embedClasses, embedPool, embedTexts, type EmbedPlan } from '../text-pool/index.ts'
import {
  type CallContext,
  checkpointOf,
  completeRun,
  countless,
  dataSetById,
  embedPlan,
  type JobInput,
  type JobWorks,
  modelById,
  startJob,
  termShape,
} from './context.ts'
import { poolVersionById } from './pool-by-id.ts'
import { lastLayers } from './text-span-calls.ts'

type Calls = Pick<Engine, 'study/ablate' | 'study/list' | 'study/read' | 'export/npy'>
type AblateInput = JobInput<'study/ablate'>
type ExportInput = JobInput<'export/npy'>

export function studyCalls(context: CallContext): Calls {
  return {
    'study/ablate': async (input) => startAblation(context, input),
    'study/list': async () => listStudies(context.db),
    'study/read': async ({ studyId }) => {
      const study = findStudy(context.db, studyId)
      if (!study) throw new HeadwiseError('not-found', `There is no study ${studyId} in this workspace.`)
      return study
    },
    'export/npy': async (input) => startExport(context, input),
  }
}

export const studyWorks = { 'study/ablate': ablate, 'export/npy': exportNpy } satisfies Partial<JobWorks>

function startAblation(context: CallContext, input: AblateInput): { jobId: number } {
  const { model } = ablationPlan(context, input)
  context.write()
  return startJob(context, 'study/ablate', input, 'ablate', `ablate with ${model.name}`, 'images')
}

/** What a study works on; whatever is wrong with the input is told here. */
function ablationPlan(context: CallContext, input: AblateInput) {
  const run = completeRun(context, input.runId)
  const model = modelById(context, run.modelId)
  refuseOtherTextSpan(context, input)
  const selection = selectRows(context.db, run, input.filter)
  const ordinals = selection.flatMap(({ block, rows }) => Array.from(rows, (row) => block.ordinals[row]!))
  const classOf = classesOfImages(context, run, input.task, ordinals)
  return { run, model, selection, images: ordinals.length, classOf }
}

async function ablate(context: CallContext, input: AblateInput, job: JobContext): Promise<void> {
  const { run, model, selection, images, classOf } = ablationPlan(context, input)
  const checkpoint = checkpointOf(model)
  const plan = embedPlan(context, model)
  job.progress({ total: 2 * images })
  const classifier = await embedClasses(plan, input.task.classes, input.task.templates, job.signal)
  const bases = await computeBases(checkpoint, allLayers(checkpoint), context.cacheFolder)
  const readout = await readoutOf(bases, classifier, model.config.vision.width)
  const reconstruction = await reconstructionOf(context, input, run, model, bases, readout)
  const { db, programVersion } = context
  const { runId, task, filter, textSpanId } = input
  const study = { db, run, shape: termShape(model), readout, selection, classOf, reconstruction, textSpanId }
  const result = await ablationStudy(study, (count) => {
    job.signal.throwIfAborted()
    job.advance(count)
  })
  job.result(insertStudy(context.write(), { runId, task, filter, result, programVersion, createdMs: context.now() }))
  context.changed('study')
}

function refuseOtherTextSpan(context: CallContext, { runId, textSpanId }: AblateInput): void {
  if (textSpanId === undefined) return
  const textSpan = findTextSpan(context.db, textSpanId)
  if (textSpan?.isProposed) {
    // The study would go on naming what may be dropped.
    throw new HeadwiseError(
      'conflict',
      `The TEXTSPAN result ${textSpanId} must be kept before a study uses it; it is proposed. Keep or drop it.`,
    )
  }
  if (textSpan?.runId === runId) return
  throw new HeadwiseError(
    'bad-input',
    `The TEXTSPAN result ${textSpanId} must belong to run ${runId}; it ${textSpan ? `belongs to run ${textSpan.runId}` : 'does not exist'}.`,
  )
}

/**
 * Ordinal -> class, from class names or class numbers.
 * @throws HeadwiseError 'bad-input' naming the first image whose content is neither
 */
function classesOfImages(
  context: CallContext,
  run: StoredRun,
  task: ZeroShotTask,
  ordinals: number[],
): Map<number, number> {
  const { attribute, classes } = task
  const columns = dataSetColumnNames(context.db, run.dataSetId)
  if (attribute !== undefined && !columns.includes(attribute)) {
    throw new HeadwiseError(
      'bad-input',
      `The data set must have the attribute "${attribute}"; it has "${columns.join('", "')}".`,
    )
  }
  const contents = contentsByOrdinal(context.db, run.dataSetId, attribute)
  const classOf = new Map<number, number>()
  for (const ordinal of ordinals) {
    const content = contents.get(ordinal)
    const found = placeOfClass(content, task)
    if (found === null) {
      const { path } = imagesBetween(context.db, run.dataSetId, ordinal, ordinal + 1)[0]!
      const what = attribute === undefined ? 'label' : `"${attribute}"`
      throw new HeadwiseError(
        'bad-input',
        `The ${what} of "${path}" must be one of the ${classes.length} classes or a number from 0 to ${classes.length - 1}; it is ${content === undefined ? 'missing' : `"${content}"`}.`,
      )
    }
    classOf.set(ordinal, found)
  }
  return classOf
}

/** Numbers of texts at which accuracy is measured, as in the paper's figure: 1, 2, 5, 10, 20, 50, ... up to m. */
function measuredTextCounts(texts: number): number[] {
  const counts = [1, 2, 5, 10, 20, 30, 40, 50, 60, 80, 100, 200, 500, 1000].filter((count) => count < texts)
  return [...counts, texts]
}

async function reconstructionOf(
  context: CallContext,
  { textSpanId }: AblateInput,
  run: StoredRun,
  model: StoredModel,
  bases: Bases,
  readout: Readout,
): Promise<Reconstruction | undefined> {
  if (textSpanId === undefined) return undefined
  const textSpan = findTextSpan(context.db, textSpanId)!
  const shape = termShape(model)
  const moments = momentsOf(context.db, run, lastLayers(shape, textSpan.layers), textSpan.filter, shape)
  const texts = await describedTexts(context, textSpanId, model)
  return reconstruct(texts, moments, bases, readout, shape, {
    rank: textSpan.rank,
    textCounts: measuredTextCounts(textSpan.texts),
  })
}

async function describedTexts(context: CallContext, textSpanId: number, model: StoredModel): Promise<DescribedTexts[]> {
  const heads = describedHeads(context.db, textSpanId)
  const refs = new Map(heads.flatMap(({ steps }) => steps.map(({ textId, text }) => [textId, { id: textId, text }])))
  const embeddings = await embedTexts(embedPlan(context, model), [...refs.values()])
  const d = model.config.jointWidth
  return heads.map(({ layer, head, steps }) => {
    const stacked = new Float32Array(steps.length * d)
    steps.forEach(({ textId }, at) => stacked.set(embeddings.get(textId)!.embedding, at * d))
    return { layer, head, embeddings: stacked }
  })
}

function startExport(context: CallContext, input: ExportInput): { jobId: number } {
  const run = completeRun(context, input.runId)
  const dataSet = dataSetById(context, run.dataSetId)
  context.write()
  // A path is relative to where the caller is, not to where the work is done.
  const absolute = { ...input, folder: resolve(input.folder) }
  return startJob(context, 'export/npy', absolute, 'export', `export arrays of ${dataSet.name}`, 'images')
}

async function exportNpy(context: CallContext, input: ExportInput, job: JobContext): Promise<void> {
  const run = completeRun(context, input.runId)
  const model = modelById(context, run.modelId)
  const checkpoint = checkpointOf(model)
  const plan = embedPlan(context, model)
  job.progress({ total: run.imageCount })
  const bases = await computeBases(checkpoint, allLayers(checkpoint), context.cacheFolder)
  const files = await exportArrays(
    {
      db: context.db,
      run,
      bases,
      shape: termShape(model),
      folder: input.folder,
      dataName: dataSetById(context, run.dataSetId).name,
      modelName: model.name,
      classifier:
        input.task &&
        turned(await embedClasses(plan, input.task.classes, input.task.templates), input.task.classes.length),
      pool:
        input.poolVersionId === undefined
          ? undefined
          : await embeddedPool(context, plan, input.poolVersionId, model, job),
    },
    (images) => {
      job.signal.throwIfAborted()
      job.advance(images)
    },
  )
  for (const name of files) job.remark(name)
  job.result(run.id)
}

/** [classes, d] -> [d, classes] */
function turned(classifier: Float32Array, classes: number): Float32Array {
  const d = classifier.length / classes
  const result = new Float32Array(classifier.length)
  for (let c = 0; c < classes; c++) for (let k = 0; k < d; k++) result[k * classes + c] = classifier[c * d + k]!
  return result
}

async function embeddedPool(
  context: CallContext,
  plan: EmbedPlan,
  versionId: number,
  model: StoredModel,
  job: JobContext,
) {
  const { poolName } = poolVersionById(context, versionId)
  const texts = poolTexts(context.db, versionId)
  const embeddings = await embedPool(plan, poolName, texts, countless(job))
  const stacked = new Float32Array(texts.length * model.config.jointWidth)
  texts.forEach(({ id }, at) => stacked.set(embeddings.get(id)!.embedding, at * model.config.jointWidth))
  return { name: poolName, embeddings: stacked }
}
