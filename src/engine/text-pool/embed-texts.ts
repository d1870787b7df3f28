/** Embeddings of texts under a model, from the workspace where they are there, made and kept where not. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { JobContext } from '../jobs/index.ts'
import type { Checkpoint } from '../model/index.ts'
import {
  embeddingsOf,
  inTransaction,
  saveEmbeddings,
  type StoredEmbedding,
  textIds,
  type WriteDb,
} from '../store/index.ts'
import { shortened } from './pool-text.ts'
import { openTextTower } from './text-tower.ts'

export type TextRef = { id: number; text: string }

/** A text and the line that it stands in, of a file or of a draft. */
export type PoolLine = TextRef & { line: number }

export type EmbedPlan = { db: WriteDb; modelId: number; checkpoint: () => Checkpoint; cacheFolder: string }

/** @returns text id -> embedding, for every text asked for; what is new is committed batch by batch */
export async function embedTexts(
  { db, modelId, checkpoint, cacheFolder }: EmbedPlan,
  texts: TextRef[],
  { signal, onEmbedded = () => {} }: { signal?: AbortSignal; onEmbedded?: (count: number) => void } = {},
): Promise<Map<number, StoredEmbedding>> {
  const found = embeddingsOf(
    db,
    modelId,
    texts.map(({ id }) => id),
  )
  const missing = texts.filter(({ id }) => !found.has(id))
  if (missing.length === 0) return found
  const encoder = await openTextTower(checkpoint(), cacheFolder)
  try {
    await encoder.embed(
      missing.map(({ text }) => text),
      (done) => {
        signal?.throwIfAborted()
        const batch = done.map(({ at, result }) => ({ textId: missing[at]!.id, ...result }))
        saveEmbeddings(db, modelId, batch)
        for (const embedding of batch) found.set(embedding.textId, embedding)
        onEmbedded(batch.length)
      },
    )
  } finally {
    await encoder.close()
  }
  return found
}

/** Embeds a pool's texts as a job; a text cut at the context length is named by its line. */
export async function embedPool(
  plan: EmbedPlan,
  poolName: string,
  texts: PoolLine[],
  job: JobContext,
): Promise<Map<number, StoredEmbedding>> {
  const known = embeddingsOf(
    plan.db,
    plan.modelId,
    texts.map(({ id }) => id),
  ).size
  job.progress({ done: known, total: texts.length })
  const embeddings = await embedTexts(plan, texts, { signal: job.signal, onEmbedded: (count) => job.advance(count) })
  tellCutTexts(poolName, texts, embeddings, plan.checkpoint().config.text.contextLength, job)
  return embeddings
}

const mostCutTextsNamed = 20

function tellCutTexts(
  poolName: string,
  texts: PoolLine[],
  embeddings: Map<number, StoredEmbedding>,
  contextLength: number,
  job: JobContext,
): void {
  const cut = texts.filter(({ id }) => embeddings.get(id)!.cutTokens > 0)
  for (const { id, text, line } of cut.slice(0, mostCutTextsNamed)) {
    const tokens = contextLength + embeddings.get(id)!.cutTokens
    job.remark(
      `"${poolName}" line ${line}: "${shortened(text)}" has ${tokens} tokens and was cut at the context length ${contextLength}.`,
    )
  }
  const more = cut.length - mostCutTextsNamed
  if (more > 0) job.remark(`"${poolName}": ${more} more texts were cut at the context length ${contextLength}.`)
}

/** Unit texts of a classifier, [classes, d]: each template embedded and normalised, averaged, normalised (spec 5). */
export async function embedClasses(
  plan: EmbedPlan,
  classes: string[],
  templates: string[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const texts = classes.flatMap((name) => templates.map((template) => template.replaceAll('{}', name)))
  const ids = inTransaction(plan.db, () => textIds(plan.db, texts))
  const unique = new Map(ids.map((id, at) => [id, { id, text: texts[at]! }]))
  const embeddings = await embedTexts(plan, [...unique.values()], { signal })
  const d = embeddings.values().next().value!.embedding.length
  const classifier = new Float32Array(classes.length * d)
  for (let at = 0; at < classes.length; at++) {
    const sum = new Float64Array(d)
    for (let t = 0; t < templates.length; t++) {
      const { embedding } = embeddings.get(ids[at * templates.length + t]!)!
      for (let k = 0; k < d; k++) sum[k]! += embedding[k]!
    }
    const length = Math.hypot(...sum)
    if (!(length > 0))
      throw new HeadwiseError('bad-input', `The templates of class "${classes[at]}" cancel each other out.`)
    for (let k = 0; k < d; k++) classifier[at * d + k] = sum[k]! / length
  }
  return classifier
}
