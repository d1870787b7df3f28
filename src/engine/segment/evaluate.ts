/**
 * Carries evaluations from their first missing image to their end: one pass over the images for all of them. Each
 * batch's rows are committed in one transaction, and an evaluation that was stopped goes on with the images that it
 * lacks.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { SegmentSettings } from '../../contract/segment.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  doneImages,
  type NewEvaluationImage,
  saveEvaluationImages,
  scoredImages,
  type StoredImage,
  type StoredScores,
  type WriteDb,
} from '../store/index.ts'
import { inputBatches, type InputBatch, type InputImage, type InputSource } from './inputs.ts'
import { type MapMaker, type PatchMap, scaledMap } from './map-maker.ts'
import { scoreMap } from './score/pixels.ts'
import { scoresByOutcome } from './score/outcomes.ts'
import {
  directionKey,
  directionOf,
  type ImageClasses,
  predictedClasses,
  requestOf,
  type Targets,
  unknownClass,
} from './targets.ts'

export type EvaluationPlan = {
  db: WriteDb
  /** over the same images */
  evaluations: { id: number; settings: SegmentSettings }[]
  images: StoredImage[]
  source: InputSource
  maker: MapMaker
  targets: Targets
  /** place of the true class in the task's classes; null when it is not known */
  trueClassOf: (image: StoredImage) => number | null
  /** images a forward pass */
  batch: number
}

type Evaluations = EvaluationPlan['evaluations']

type Work = EvaluationPlan & {
  /** evaluation -> ordinals that it has */
  done: Map<number, Map<number, { isSkipped: boolean }>>
}

export async function evaluate(plan: EvaluationPlan, job: JobContext): Promise<void> {
  const { db, evaluations, images, source, batch } = plan
  const done = new Map(evaluations.map(({ id }) => [id, doneImages(db, id)]))
  const work = { ...plan, done }
  const missing = images.filter(({ ordinal }) => evaluations.some(({ id }) => !done.get(id)!.has(ordinal)))
  const leftOut = images.filter(({ ordinal }) => evaluations.every(({ id }) => done.get(id)!.get(ordinal)?.isSkipped))
  const finished = images.length - missing.length
  job.progress({ done: finished - leftOut.length, skipped: leftOut.length, total: images.length })
  let [left, nextScores] = [missing.length, batch]
  for await (const inputs of inputBatches(missing, batch, source)) {
    if (job.signal.aborted) {
      if (isCancelled(job.signal)) saveEvaluationImages(db, [], scoresWith(work, []))
      throw job.signal.reason
    }
    const rows = await rowsOf(work, inputs)
    left -= inputs.images.length + inputs.skips.length
    // Scores over everything so far cost more the more there is, so they are worked out at doubling distances.
    const isDue = left === 0 || missing.length - left >= nextScores
    if (isDue) nextScores = 2 * (missing.length - left)
    saveEvaluationImages(db, rows, isDue ? scoresWith(work, rows) : undefined)
    tell(job, inputs, rows)
  }
}

/** Not when the job was ended because the file itself may not be written any more. */
function isCancelled({ reason }: AbortSignal): boolean {
  return reason instanceof HeadwiseError && reason.code === 'cancelled'
}

/** An image counts as left out when no evaluation scored it. */
function tell(job: JobContext, { images, skips }: InputBatch, rows: NewEvaluationImage[]): void {
  const scored = new Set(rows.filter((row) => !('skipReason' in row)).map(({ ordinal }) => ordinal))
  const unscored = images.filter(({ ordinal }) => !scored.has(ordinal)).length
  job.advance(images.length - unscored, skips.length + unscored)
}

function scoresWith({ db, evaluations }: Work, rows: NewEvaluationImage[]): Map<number, StoredScores> {
  return new Map(
    evaluations.map(({ id }) => {
      const fresh = rows.flatMap((row) => (row.evaluationId === id && !('skipReason' in row) ? [row] : []))
      // By ordinal, so that the draws of the bootstrap do not depend on where a job was stopped.
      const all = [...scoredImages(db, id), ...fresh].sort((a, b) => a.ordinal - b.ordinal)
      return [id, scoresByOutcome(all)]
    }),
  )
}

async function rowsOf(work: Work, inputs: InputBatch): Promise<NewEvaluationImage[]> {
  const { evaluations, done } = work
  const rows: NewEvaluationImage[] = []
  const lacks = (id: number, { ordinal }: StoredImage) => !done.get(id)!.has(ordinal)
  for (const { image, reason } of inputs.skips) {
    for (const { id } of evaluations) {
      if (lacks(id, image)) rows.push({ evaluationId: id, ordinal: image.ordinal, skipReason: reason })
    }
  }
  if (inputs.images.length === 0) return rows
  const classes = await classesOf(work, inputs)
  for (const group of groupsOf(evaluations)) {
    const maps = await mapsOf(work, inputs, classes, group)
    for (const evaluation of group) {
      inputs.images.forEach((image, at) => {
        if (!lacks(evaluation.id, image)) return
        rows.push(rowOf(work, evaluation, image, classes[at]!, maps(evaluation.settings, at)))
      })
    }
  }
  return rows
}

async function classesOf(
  { maker, targets, trueClassOf }: Work,
  { images, pixels }: InputBatch,
): Promise<ImageClasses[]> {
  const predicted = predictedClasses(await maker.representations(pixels, images.length), targets)
  return images.map((image, at) => ({ predicted: predicted[at]!, truth: trueClassOf(image) }))
}

/** Evaluations whose maps have the same directions, to be made in one call; where it does not matter, with any other. */
function groupsOf(evaluations: Evaluations): Evaluations[] {
  const byKey = Map.groupBy(evaluations, ({ settings }) => directionKey(settings))
  const free = byKey.get('none')
  if (!free || byKey.size === 1) return [...byKey.values()]
  byKey.delete('none')
  const [first, ...others] = [...byKey.values()]
  return [[...first!, ...free], ...others]
}

/** @returns the map of settings for the image at a place */
async function mapsOf(
  { maker, targets }: Work,
  { images, pixels }: InputBatch,
  classes: ImageClasses[],
  group: Evaluations,
): Promise<(settings: SegmentSettings, at: number) => PatchMap> {
  const requests = new Map(group.map(({ settings }) => [JSON.stringify(requestOf(settings)), requestOf(settings)]))
  const d = targets.classifier.length / targets.classes.length
  const directions = new Float32Array(images.length * d)
  const { settings: leading } = group[0]!
  // Images without a direction keep a row of zeros; their maps are not used.
  classes.forEach((ofImage, at) => directions.set(directionOf(leading, ofImage, targets) ?? [], at * d))
  const made = await maker.maps(pixels, images.length, directions, [...requests.values()])
  const places = new Map([...requests.keys()].map((key, place) => [key, place]))
  return (settings, at) => made[at]![places.get(JSON.stringify(requestOf(settings)))!]!
}

function rowOf(
  { maker, source, targets }: Work,
  { id, settings }: Evaluations[number],
  { ordinal, path, truths }: InputImage,
  classes: ImageClasses,
  { patches }: PatchMap,
): NewEvaluationImage {
  const place = { evaluationId: id, ordinal }
  if (!directionOf(settings, classes, targets)) return { ...place, skipReason: unknownClass(path) }
  const scaled = scaledMap(patches, maker.gridRows, maker.gridColumns, source.sizePx)
  return {
    ...place,
    ...scoreMap(scaled, truths[settings.protocol], settings.threshold),
    predictedClass: targets.classes[classes.predicted]!,
    trueClass: classes.truth === null ? null : targets.classes[classes.truth]!,
  }
}
