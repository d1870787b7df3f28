/** Calls about what heads do: how much, to which images, and where in them. */
import type { ImageFilter } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Direction, HeadEffect, HeadImages } from '../../contract/head.ts'
import type { Engine } from '../../contract/index.ts'
import { headEffects } from '../decompose/index.ts'
import { tokenScores } from '../explain/index.ts'
import {
  endsOf,
  headCorrelations,
  type HeadData,
  type HeadDirection,
  histogramOf,
  openHead,
  principalDirection,
  residualLengths,
  residualOf,
  type Scores,
  scoresAlong,
  textDirection,
} from '../head/index.ts'
import { readMoments, saveCorrelations, saveHeadEffects, stepTexts, type StoredModel } from '../store/index.ts'
import { filterKey } from '../terms/index.ts'
import { type CallContext, completeRun, dataSetById, everyLayer, modelById, termShape } from './context.ts'
import {
  keptCorrelations,
  keptEffects,
  keptImages,
  namedEnds,
  type Place,
  placeOf,
  textSpanOfRun,
} from './kept-answers.ts'
import { basesOf, embeddedTexts, imageById, imagePass, memoryOf } from './model-memory.ts'

type Calls = Pick<Engine, 'head/effects' | 'head/images' | 'head/correlations' | 'head/token-map'>
type ImagesInput = Parameters<Engine['head/images']>[0]
type TokenMapInput = Parameters<Engine['head/token-map']>[0]

export function headCalls(context: CallContext): Calls {
  return {
    'head/effects': async ({ runId }) => effects(context, runId),
    'head/images': async (input) => images(context, input),
    'head/correlations': async ({ runId }) => correlations(context, runId),
    'head/token-map': async (input) => tokenMap(context, input),
  }
}

async function effects(context: CallContext, runId: number): Promise<HeadEffect[]> {
  const kept = keptEffects(context, runId)
  if (kept) return kept
  const run = completeRun(context, runId)
  const model = modelById(context, run.modelId)
  const shape = termShape(model)
  const bases = await basesOf(context, model, everyLayer(shape))
  const made = await headEffects(readMoments(context.db, runId), bases, shape)
  if (!context.isReadOnly) saveHeadEffects(context.write(), runId, made)
  return made
}

async function correlations(context: CallContext, runId: number): ReturnType<Engine['head/correlations']> {
  const kept = keptCorrelations(context, runId)
  if (kept) return kept
  const run = completeRun(context, runId)
  const model = modelById(context, run.modelId)
  const shape = termShape(model)
  const bases = await basesOf(context, model, everyLayer(shape))
  const made = await headCorrelations(context.db, run, bases, shape)
  if (!context.isReadOnly) saveCorrelations(context.write(), runId, made)
  return made
}

async function images(context: CallContext, input: ImagesInput): Promise<HeadImages> {
  const kept = keptImages(context, input)
  if (kept) return kept
  const place = placeOf(context, input)
  const { scores, mean, standardDeviation, share } = await freshScores(context, place, input)
  const ends = namedEnds(context, place.run, endsOf(scores.ordinals, scores.scores, input.count))
  const numbers = { images: scores.scores.length, mean, standardDeviation, share }
  return { ...ends, ...numbers, histogram: histogramOf(scores.scores), isFresh: true }
}

type Fresh = { scores: Scores; mean: number; standardDeviation: number; share: number }

async function freshScores(context: CallContext, place: Place, { direction, filter }: ImagesInput): Promise<Fresh> {
  if (direction.kind === 'residual') return residualScores(context, place, direction.textSpanId, filter)
  const data = await headData(context, place, filter)
  const along = await directionOf(context, place, data, direction, filter)
  const { mean, standardDeviation, share } = along
  return { scores: scoresAlong(data, along), mean, standardDeviation, share }
}

function headData(context: CallContext, { run, model, layer, head }: Place, filter: ImageFilter): Promise<HeadData> {
  const { heads: memory } = memoryOf(context)
  const of = { db: context.db, run, shape: termShape(model), layer, head, memory }
  return openHead(of, filter, () => basesOf(context, model, [layer]))
}

/** @param filter the images whose principal directions and means are meant */
async function directionOf(
  context: CallContext,
  { run, model, layer, head }: Place,
  data: HeadData,
  direction: Exclude<Direction, { kind: 'residual' }>,
  filter: ImageFilter,
): Promise<HeadDirection> {
  if (direction.kind === 'text') return textDirection(data, await embeddedTexts(context, model, [direction.text]))
  const { directions } = memoryOf(context)
  const { index } = direction
  const key = `${run.id}:${layer}:${head}:${index}:${filterKey(filter)}`
  const known = directions.get(key)
  if (known) return known
  const found = principalDirection(data, index)
  if (found) return directions.set(key, found, found.weights.byteLength)
  throw new HeadwiseError(
    'bad-input',
    `Principal direction ${index} of L${layer}.H${head} does not exist over these images; the head varies along fewer.`,
  )
}

async function residualScores(
  context: CallContext,
  place: Place,
  textSpanId: number,
  filter: ImageFilter,
): Promise<Fresh> {
  const { run, model, layer, head } = place
  const textSpan = textSpanOfRun(context, textSpanId, run)
  const steps = stepTexts(context.db, textSpanId, layer, head)
  if (!steps) {
    throw new HeadwiseError(
      'bad-input',
      `The TEXTSPAN result ${textSpanId} must describe head L${layer}.H${head}; it describes the last ${textSpan.layers} layers.`,
    )
  }
  const data = await headData(context, place, filter)
  const described = await headData(context, place, textSpan.filter)
  const texts = await embeddedTexts(
    context,
    model,
    steps.map(({ text }) => text),
  )
  const residual = await residualOf(data, { moment: described.moment, rank: textSpan.rank }, texts)
  const scores = residualLengths(data, residual)
  return { scores, share: residual.share, ...spreadOf(scores.scores) }
}

function spreadOf(scores: Float64Array): { mean: number; standardDeviation: number } {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0)
  return { mean, standardDeviation: Math.sqrt(squares / scores.length) }
}

async function tokenMap(context: CallContext, input: TokenMapInput): ReturnType<Engine['head/token-map']> {
  const place = placeOf(context, input)
  const { run, model, layer, head } = place
  const { direction } = input
  if (direction.kind === 'residual') {
    throw new HeadwiseError(
      'bad-input',
      'A token map needs a text or a principal direction; what texts leave is a length, which is no sum over tokens.',
    )
  }
  const image = imageById(context, input.imageId)
  if (image.dataSetId !== run.dataSetId) {
    const [own, other] = [dataSetById(context, run.dataSetId), dataSetById(context, image.dataSetId)]
    throw new HeadwiseError(
      'bad-input',
      `The image must be of "${own.name}", which run ${run.id} decomposed; "${image.path}" is of "${other.name}".`,
    )
  }
  const data = await headData(context, place, input.filter)
  const { weights } = await directionOf(context, place, data, direction, input.filter)
  const pass = await imagePass(context, model, image, [layer])
  const { headWidth, tokens } = data.shape
  const size = tokens * headWidth
  const scores = tokenScores(pass.values.get(layer)!.subarray(head * size, (head + 1) * size), pass, weights)
  const side = gridSide(model)
  return {
    gridRows: side,
    gridColumns: side,
    patches: new Float32Array(scores.subarray(1)),
    classToken: scores[0]!,
    score: scores.reduce((sum, score) => sum + score, 0),
  }
}

/** Patches of a row and of a column: the model sees a square. */
export function gridSide({ config }: StoredModel): number {
  return Math.floor(config.vision.imageSizePx / config.vision.patchSizePx)
}
