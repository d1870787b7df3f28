/** Whether the scores of two evaluations can stand side by side. */
import type { Evaluation } from '../../contract/segment.ts'
import { filterWords } from '../draw/provenance.ts'
import { truthWords } from './words.ts'

/**
 * What differs besides the settings that the table shows, most important first. Empty: both scored the same images
 * with the same checkpoint against the same masks.
 */
export function differencesOf(evaluation: Evaluation, from: Evaluation): string[] {
  const isOther = (of: (own: Evaluation) => unknown) => JSON.stringify(of(evaluation)) !== JSON.stringify(of(from))
  const differences: string[] = []
  if (isOther(({ dataSetHash }) => dataSetHash)) differences.push(`data set ${evaluation.dataSetName}`)
  else if (isOther(({ groundTruthHash }) => groundTruthHash)) differences.push('other masks')
  if (isOther(({ modelHash }) => modelHash)) differences.push(`checkpoint ${evaluation.modelName}`)
  if (isOther(({ task }) => task.classes)) differences.push(`${evaluation.task.classes.length} other classes`)
  else if (isOther(({ task }) => task.templates)) differences.push('other templates')
  if (isOther(({ task }) => task.attribute)) differences.push(`true class of ${truthWords(evaluation.task)}`)
  else if (isOther(({ task }) => task.ids)) differences.push('other class ids')
  if (isOther(({ filter }) => filter)) differences.push(filterWords(evaluation.filter))
  if (!isOther(({ dataSetHash }) => dataSetHash) && isOther(({ images }) => images)) {
    differences.push(`${evaluation.images} images instead of ${from.images}`)
  }
  return differences
}

/** The evaluations that the key for methods goes through: those of the same job, else those of the same model and images. */
export function siblingsOf(evaluation: Evaluation, all: readonly Evaluation[], against?: Evaluation): Evaluation[] {
  const ofJob = all.filter(({ jobId }) => jobId === evaluation.jobId)
  const isAlike = (other: Evaluation) =>
    other.modelId === evaluation.modelId && other.dataSetId === evaluation.dataSetId
  const own = (ofJob.length > 1 ? ofJob : all.filter(isAlike)).toSorted((a, b) => a.id - b.id)
  return against && !own.some(({ id }) => id === against.id) && isAlike(against) ? [...own, against] : own
}
