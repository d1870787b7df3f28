/**
 * The second half of TEXTSPAN jobs: the result is there and may be read, and the images at both ends of its texts
 * follow, layer by layer. A job that stopped in it is resumed here, so that one request makes one result.
 */
import type { TextSpan } from '../../contract/text-span.ts'
import { type Bases, computeBases } from '../decompose/index.ts'
import { keepExtremes } from '../head/index.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  describedHeads,
  findTextSpan,
  type StoredEmbedding,
  type StoredMoment,
  type StoredRun,
  unkeptLayers,
} from '../store/index.ts'
import { filterKey, momentsOf, type TermShape } from '../terms/index.ts'
import { embedTexts } from '../text-pool/index.ts'
import { type CallContext, checkpointOf, completeRun, embedPlan, modelById, termShape } from './context.ts'

type Settings = Pick<TextSpan, 'runId' | 'layers' | 'texts' | 'rank' | 'filter'>

/** The result that a job before this one saved, when this one would make the same of the same pool. */
export function earlierResult(
  context: CallContext,
  { runId, layers, texts, rank, filter }: Settings,
  { earlierResultId }: JobContext,
): TextSpan | undefined {
  const earlier = earlierResultId === null ? undefined : findTextSpan(context.db, earlierResultId)
  const isSame =
    earlier?.runId === runId &&
    earlier.layers === layers &&
    earlier.texts === texts &&
    earlier.rank === rank &&
    filterKey(earlier.filter) === filterKey(filter) &&
    earlier.programVersion === context.programVersion
  return isSame ? earlier : undefined
}

/** Keeps the images of the layers that have none yet. */
export async function goOnKeeping(context: CallContext, textSpan: TextSpan, job: JobContext): Promise<void> {
  job.result(textSpan.id)
  job.remark(`Goes on with the TEXTSPAN result ${textSpan.id}, whose texts are saved.`)
  const db = context.write()
  const run = completeRun(context, textSpan.runId)
  const model = modelById(context, run.modelId)
  const shape = termShape(model)
  const layers = unkeptLayers(db, textSpan.id)
  if (layers.length === 0) {
    const total = textSpan.layers * shape.heads
    return job.progress({ done: total, total })
  }
  const heads = describedHeads(db, textSpan.id).filter(({ layer }) => layers.includes(layer))
  const texts = new Map(heads.flatMap(({ steps }) => steps.map(({ textId, text }) => [textId, { id: textId, text }])))
  const embeddings = await embedTexts(embedPlan(context, model), [...texts.values()], { signal: job.signal })
  const bases = await computeBases(checkpointOf(model), layers, context.cacheFolder)
  const moments = momentsOf(db, run, layers, textSpan.filter, shape, job.signal)
  await keepEnds(context, { run, shape, bases, moments, embeddings, textSpan }, job)
}

export type Ends = {
  run: StoredRun
  shape: TermShape
  bases: Bases
  /** of the layers whose images are to be kept */
  moments: Map<number, StoredMoment>
  /** of the chosen texts, by their id */
  embeddings: ReadonlyMap<number, StoredEmbedding>
  textSpan: Pick<TextSpan, 'id' | 'layers' | 'filter'>
}

export async function keepEnds(
  context: CallContext,
  { run, shape, bases, moments, embeddings, textSpan }: Ends,
  job: JobContext,
): Promise<void> {
  const db = context.write()
  job.remark('Heads are counted again while the images at both ends of every text are found.')
  const { heads } = shape
  const total = textSpan.layers * heads
  let before = total - moments.size * heads
  let done = before
  job.progress({ done, total })
  const described = describedHeads(db, textSpan.id)
    .filter(({ layer }) => moments.has(layer))
    .map(({ layer, head, steps }) => ({
      layer,
      head,
      texts: stackedRows(steps.map(({ textId }) => embeddings.get(textId)!.embedding)),
    }))
  const { id: textSpanId, filter } = textSpan
  await keepExtremes(
    { db, run, shape, bases, textSpanId, filter, moments, heads: described },
    {
      signal: job.signal,
      onShare(share) {
        job.advance(before + Math.floor(share * heads) - done)
        done = before + Math.floor(share * heads)
        if (share === 1) before += heads
      },
    },
  )
}

export function stackedRows(rows: Float32Array[]): Float32Array {
  const stacked = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0))
  rows.forEach((row, at) => stacked.set(row, at * row.length))
  return stacked
}
