/**
 * Answers about heads that were worked out before and stand in the workspace: they need neither weights nor ONNX
 * Runtime, so that whoever answers people can give them at once.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Direction, HeadEffect, HeadImages, HeadPlace, ScoredImage } from '../../contract/head.ts'
import type { Engine } from '../../contract/index.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import { keptCount } from '../head/index.ts'
import {
  imagesByOrdinal,
  readCorrelations,
  readHeadEffects,
  readKeptDirection,
  type ScoredOrdinal,
  stepTexts,
  type StoredModel,
  type StoredRun,
} from '../store/index.ts'
import { filterKey } from '../terms/index.ts'
import { type CallContext, completeRun, modelById, termShape } from './context.ts'
import { refuseOtherHeads } from './head-place.ts'
import { textSpanById } from './text-span-calls.ts'

type KeptCall = 'head/effects' | 'head/images' | 'head/correlations'
type ImagesInput = Parameters<Engine['head/images']>[0]
type Correlations = Awaited<ReturnType<Engine['head/correlations']>>

/** Each gives undefined where nothing was kept. */
export type KeptAnswers = {
  [Name in KeptCall]: (input: Parameters<Engine[Name]>[0]) => Awaited<ReturnType<Engine[Name]>> | undefined
}

export function keptAnswers(context: CallContext): KeptAnswers {
  return {
    'head/effects': ({ runId }) => keptEffects(context, runId),
    'head/images': (input) => keptImages(context, input),
    'head/correlations': ({ runId }) => keptCorrelations(context, runId),
  }
}

export function keptEffects(context: CallContext, runId: number): HeadEffect[] | undefined {
  completeRun(context, runId)
  const kept = readHeadEffects(context.db, runId)
  return kept.length > 0 ? kept : undefined
}

export function keptCorrelations(context: CallContext, runId: number): Correlations | undefined {
  const { layers, heads } = termShape(modelById(context, completeRun(context, runId).modelId))
  const kept = readCorrelations(context.db, runId)
  return kept && { ...kept, heads: layers * heads }
}

export type Place = HeadPlace & { run: StoredRun; model: StoredModel }

export function placeOf(context: CallContext, { runId, layer, head }: HeadPlace & { runId: number }): Place {
  const run = completeRun(context, runId)
  const model = modelById(context, run.modelId)
  refuseOtherHeads(model, [{ layer, head }])
  return { run, model, layer, head }
}

/** What was kept with the result, where it was over the same images and has the direction. */
export function keptImages(context: CallContext, input: ImagesInput): HeadImages | undefined {
  const { textSpanId, layer, head, direction, filter, count } = input
  const { run } = placeOf(context, input)
  if (textSpanId === undefined) return undefined
  const textSpan = textSpanOfRun(context, textSpanId, run)
  if (count > keptCount || filterKey(textSpan.filter) !== filterKey(filter)) return undefined
  const name = keptName(context, textSpanId, { layer, head }, direction)
  const kept = name === undefined ? undefined : readKeptDirection(context.db, textSpanId, layer, head, name)
  if (!kept) return undefined
  const { highest, lowest, images, mean, standardDeviation, share, histogram } = kept
  const ends = namedEnds(context, run, { highest: highest.slice(0, count), lowest: lowest.slice(0, count) })
  return { ...ends, images, mean, standardDeviation, share, histogram, isFresh: false }
}

function keptName(
  context: CallContext,
  textSpanId: number,
  { layer, head }: HeadPlace,
  direction: Direction,
): string | undefined {
  if (direction.kind === 'principal') return `principal:${direction.index}`
  if (direction.kind === 'residual') return undefined
  const step = stepTexts(context.db, textSpanId, layer, head)?.findIndex(({ text }) => text === direction.text) ?? -1
  return step < 0 ? undefined : `text:${step}`
}

export function textSpanOfRun(context: CallContext, textSpanId: number, run: StoredRun): TextSpan {
  const textSpan = textSpanById(context, textSpanId)
  if (textSpan.runId === run.id) return textSpan
  throw new HeadwiseError(
    'bad-input',
    `The TEXTSPAN result ${textSpanId} must belong to run ${run.id}; it belongs to run ${textSpan.runId}.`,
  )
}

/** The images themselves, in the order of their scores. */
export function namedEnds(
  context: CallContext,
  run: StoredRun,
  { highest, lowest }: { highest: ScoredOrdinal[]; lowest: ScoredOrdinal[] },
): Pick<HeadImages, 'highest' | 'lowest'> {
  const named = (scored: ScoredOrdinal[]): ScoredImage[] => {
    const found = imagesByOrdinal(
      context.db,
      run.dataSetId,
      scored.map(({ ordinal }) => ordinal),
    )
    return found.map(({ id, ordinal, path, label, split }, at) => ({
      imageId: id,
      ordinal,
      path,
      label,
      split,
      score: scored[at]!.score,
    }))
  }
  return { highest: named(highest), lowest: named(lowest) }
}
