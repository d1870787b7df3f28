/** Calls about TEXTSPAN. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { PoolText } from '../../contract/pool.ts'
import type { DescribedHead, TextSpan } from '../../contract/text-span.ts'
import { computeBases, headMatrices } from '../decompose/index.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  describedHeads,
  findTextSpan,
  insertTextSpan,
  listTextSpans,
  type NewTextSpan,
  poolTexts,
} from '../store/index.ts'
import { momentsOf, type TermShape } from '../terms/index.ts'
import { embedPool } from '../text-pool/index.ts'
import { describeLayer, differingSettings, headChanges, type HeadDescription, textUses } from '../text-span/index.ts'
import {
  type CallContext,
  checkpointOf,
  completeRun,
  countless,
  embedPlan,
  type JobInput,
  type JobWorks,
  modelById,
  runById,
  startJob,
  termShape,
} from './context.ts'
import { earlierResult, goOnKeeping, keepEnds, stackedRows } from './kept-ends.ts'
import { poolVersionById } from './pool-by-id.ts'

type Calls = Pick<
  Engine,
  'text-span/start' | 'text-span/list' | 'text-span/read' | 'text-span/use' | 'text-span/compare'
>
type StartInput = JobInput<'text-span/start'>
type Settings = Omit<StartInput, 'poolVersionId'>
type Described = Omit<NewTextSpan, 'poolVersionId'>

export function textSpanCalls(context: CallContext): Calls {
  return {
    'text-span/start': async (input) => start(context, input),
    'text-span/list': async () => listTextSpans(context.db),
    'text-span/read': async ({ textSpanId }) => ({
      textSpan: textSpanById(context, textSpanId),
      heads: describedHeads(context.db, textSpanId),
    }),
    'text-span/use': async ({ textSpanId }) => {
      textSpanById(context, textSpanId)
      return textUses(describedHeads(context.db, textSpanId))
    },
    'text-span/compare': async ({ beforeId, afterId }) => compare(context, beforeId, afterId),
  }
}

export const textSpanWorks = { 'text-span/start': textSpan } satisfies Partial<JobWorks>

export function textSpanById(context: CallContext, id: number): TextSpan {
  const textSpan = findTextSpan(context.db, id)
  if (!textSpan) throw new HeadwiseError('not-found', `There is no TEXTSPAN result ${id} in this workspace.`)
  return textSpan
}

function compare(
  context: CallContext,
  beforeId: number,
  afterId: number,
): Awaited<ReturnType<Engine['text-span/compare']>> {
  const [before, after] = [textSpanById(context, beforeId), textSpanById(context, afterId)]
  const [model, other] = [before, after].map(({ runId }) => modelById(context, runById(context, runId).modelId))
  if (model!.id !== other!.id) {
    throw new HeadwiseError(
      'bad-input',
      `Both results must be of one model, whose heads are compared; they are of "${model!.name}" and "${other!.name}".`,
    )
  }
  const heads = headChanges(describedHeads(context.db, beforeId), describedHeads(context.db, afterId))
  return { before, after, heads, differs: differingSettings(before, after) }
}

function start(context: CallContext, input: StartInput): { jobId: number } {
  refuseOtherSettings(context, input)
  const { poolName, isProposed } = poolVersionById(context, input.poolVersionId)
  if (isProposed) {
    throw new HeadwiseError('conflict', `The version of "${poolName}" must be kept; it is proposed. Keep or drop it.`)
  }
  context.write()
  return startJob(context, 'text-span/start', input, 'text-span', `describe heads with ${poolName}`, 'heads')
}

/** @throws HeadwiseError when the run is not whole or has fewer layers */
export function refuseOtherSettings(context: CallContext, { runId, layers }: Settings): void {
  const { layers: layerCount } = modelById(context, completeRun(context, runId).modelId).config.vision
  if (layers > layerCount) {
    throw new HeadwiseError('bad-input', `"layers" must be at most the model's ${layerCount}; it is ${layers}.`)
  }
}

async function textSpan(context: CallContext, input: StartInput, job: JobContext): Promise<void> {
  const db = context.write()
  const { poolVersionId, ...settings } = input
  const pool = { name: poolVersionById(context, poolVersionId).poolName, texts: poolTexts(db, poolVersionId) }
  const earlier = earlierResult(context, settings, job)
  if (earlier?.poolVersionId === poolVersionId) await goOnKeeping(context, earlier, job)
  else {
    await describeHeads(context, settings, pool, job, (described, heads) =>
      insertTextSpan(db, { ...described, poolVersionId }, heads),
    )
  }
  context.changed('text-span')
}

/**
 * The work of every TEXTSPAN job: embeds the texts that are new to the model, then describes the heads.
 * @param save keeps the result and returns its id
 */
export async function describeHeads(
  context: CallContext,
  input: Settings,
  pool: { name: string; texts: PoolText[] },
  job: JobContext,
  save: (described: Described, heads: DescribedHead[]) => number,
): Promise<void> {
  const db = context.write()
  const run = completeRun(context, input.runId)
  const model = modelById(context, run.modelId)
  const checkpoint = checkpointOf(model)
  const shape = termShape(model)
  const { texts } = pool
  const plan = { ...embedPlan(context, model), checkpoint: () => checkpoint }
  // The texts come first and are counted as texts, then the heads as heads.
  const embeddings = await embedPool(plan, pool.name, texts, countless(job))
  const stacked = stackedRows(texts.map(({ id }) => embeddings.get(id)!.embedding))
  const layers = lastLayers(shape, input.layers)
  job.progress({ done: 0, total: layers.length * shape.heads })
  const bases = await computeBases(checkpoint, layers, context.cacheFolder)
  const moments = momentsOf(db, run, layers, input.filter, shape, job.signal)
  const heads: DescribedHead[] = []
  for (const layer of layers) {
    job.signal.throwIfAborted()
    const matrices = headMatrices(bases, layer, shape)
    const embedded = { embeddings: stacked, count: texts.length, width: shape.jointWidth }
    const described = await describeLayer(moments.get(layer)!, matrices, shape, embedded, {
      texts: input.texts,
      rank: input.rank,
    })
    heads.push(...described.heads.map((head) => toDescribedHead(layer, head, texts)))
    job.advance(shape.heads)
  }
  const { runId, filter, rank } = input
  const images = moments.get(layers[0]!)!.rowCount
  const settings = { runId, filter, rank, layers: input.layers, texts: input.texts }
  const textSpanId = save(
    { ...settings, images, programVersion: context.programVersion, createdMs: context.now() },
    heads,
  )
  job.result(textSpanId)
  context.changed('text-span')
  job.remark('The texts are chosen and saved.')
  const saved = { id: textSpanId, layers: input.layers, filter }
  await keepEnds(context, { run, shape, bases, moments, embeddings, textSpan: saved }, job)
}

function toDescribedHead(
  layer: number,
  { head, rank, variance, picks }: HeadDescription,
  texts: PoolText[],
): DescribedHead {
  const steps = picks.map(({ text, explained, margin }) => ({
    textId: texts[text]!.id,
    text: texts[text]!.text,
    explained,
    margin,
  }))
  return { layer, head, rank, variance, steps }
}

/** The last `count` layers, ascending. */
export function lastLayers(shape: TermShape, count: number): number[] {
  return Array.from({ length: count }, (_, at) => shape.layers - count + at)
}
