/** Calls about TEXTSPAN. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { PoolText } from '../../contract/pool.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { computeBases, headMatrices } from '../decompose/index.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  describedHeads,
  findTextSpan,
  insertTextSpan,
  listTextSpans,
  poolTexts,
  type StoredModel,
  type StoredRun,
} from '../store/index.ts'
import { momentsOf, type TermShape } from '../terms/index.ts'
import { embedPool } from '../text-pool/index.ts'
import { describeLayer, type HeadDescription } from '../text-span/index.ts'
import { type CallContext, checkpointOf, completeRun, modelById, startJob, termShape } from './context.ts'
import { poolVersionById } from './pool-calls.ts'

type Calls = Pick<Engine, 'text-span/start' | 'text-span/list' | 'text-span/read'>
type StartInput = Parameters<Engine['text-span/start']>[0]

export function textSpanCalls(context: CallContext): Calls {
  return {
    'text-span/start': async (input) => start(context, input),
    'text-span/list': async () => listTextSpans(context.db),
    'text-span/read': async ({ textSpanId }) => {
      const textSpan = findTextSpan(context.db, textSpanId)
      if (!textSpan)
        throw new HeadwiseError('not-found', `There is no TEXTSPAN result ${textSpanId} in this workspace.`)
      return { textSpan, heads: describedHeads(context.db, textSpanId) }
    },
  }
}

function start(context: CallContext, input: StartInput): { jobId: number } {
  const run = completeRun(context, input.runId)
  const model = modelById(context, run.modelId)
  const { layers: layerCount } = model.config.vision
  if (input.layers > layerCount) {
    throw new HeadwiseError('bad-input', `"layers" must be at most the model's ${layerCount}; it is ${input.layers}.`)
  }
  const { poolName } = poolVersionById(context, input.poolVersionId)
  context.write()
  return startJob(context, 'text-span', `describe heads with ${poolName}`, 'heads', (job) =>
    textSpan(context, input, run, model, job),
  )
}

async function textSpan(
  context: CallContext,
  input: StartInput,
  run: StoredRun,
  model: StoredModel,
  job: JobContext,
): Promise<void> {
  const db = context.write()
  const checkpoint = checkpointOf(model)
  const shape = termShape(model)
  const texts = poolTexts(db, input.poolVersionId)
  const plan = { db, modelId: model.id, checkpoint: () => checkpoint, cacheFolder: context.cacheFolder }
  // The texts come first and are counted as texts, then the heads as heads.
  const embeddings = await embedPool(
    plan,
    poolVersionById(context, input.poolVersionId).poolName,
    texts,
    countless(job),
  )
  const stacked = new Float32Array(texts.length * shape.jointWidth)
  texts.forEach(({ id }, at) => stacked.set(embeddings.get(id)!.embedding, at * shape.jointWidth))
  const layers = lastLayers(shape, input.layers)
  job.progress({ done: 0, total: layers.length * shape.heads })
  const bases = await computeBases(checkpoint, layers, context.cacheFolder)
  const moments = momentsOf(db, run, layers, input.filter, shape, job.signal)
  const heads: DescribedHead[] = []
  for (const layer of layers) {
    job.signal.throwIfAborted()
    const matrices = headMatrices(bases, layer, shape)
    const pool = { embeddings: stacked, count: texts.length, width: shape.jointWidth }
    const described = await describeLayer(moments.get(layer)!, matrices, shape, pool, {
      texts: input.texts,
      rank: input.rank,
    })
    heads.push(...described.heads.map((head) => toDescribedHead(layer, head, texts)))
    job.advance(shape.heads)
  }
  const { runId, poolVersionId, filter, rank } = input
  const settings = { runId, poolVersionId, filter, rank, layers: input.layers, texts: input.texts }
  const images = moments.get(layers[0]!)!.rowCount
  const made = { ...settings, images, programVersion: context.programVersion, createdMs: context.now() }
  job.result(insertTextSpan(db, made, heads))
  context.changed('text-span')
}

/** Embedding inside another job: its remarks stay, its counts do not mix with the heads'. */
function countless(job: JobContext): JobContext {
  return { ...job, progress: () => {}, advance: () => {} }
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
