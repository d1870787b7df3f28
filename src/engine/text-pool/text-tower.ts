/** A checkpoint's text tower: texts to unit embeddings, in batches of like length, at the batch's own length. */
import type { Checkpoint, TextTokenizer } from '../model/index.ts'
import { openTokenizer } from '../model/index.ts'
import { textGraph } from '../graph/index.ts'
import { createSession, type InferenceSession, Tensor } from '../runtime/session.ts'

export type EmbeddedText = {
  /** [d], unit length */
  embedding: Float32Array
  /** tokens beyond the context length, left out */
  cutTokens: number
}

export type TextTower = {
  /**
   * @param onBatch called with the places of finished texts, in no order
   * @returns one a text, in the order of `texts`
   */
  embed(texts: string[], onBatch?: (done: { at: number; result: EmbeddedText }[]) => void): Promise<EmbeddedText[]>
  close(): Promise<void>
}

/** Tokens a forward pass, padding counted: large enough to keep the cores busy, small enough to answer in between. */
const batchTokens = 2048

export async function openTextTower(checkpoint: Checkpoint, cacheFolder: string): Promise<TextTower> {
  const { contextLength, vocabularySize } = checkpoint.config.text
  const tokenizer = openTokenizer(checkpoint.folder, contextLength, vocabularySize)
  const session = await createSession(textGraph(checkpoint), { weights: { path: checkpoint.weightsPath, cacheFolder } })
  return {
    async embed(texts, onBatch = () => {}) {
      const results = new Array<EmbeddedText>(texts.length)
      for (const batch of batchesByLength(texts, tokenizer)) {
        const done = await embedBatch(session, batch, checkpoint.config.jointWidth)
        for (const { at, result } of done) results[at] = result
        onBatch(done)
      }
      return results
    },
    close: () => session.release(),
  }
}

type Tokens = { at: number; ids: number[]; cutTokens: number }

function* batchesByLength(texts: string[], tokenizer: TextTokenizer): Generator<Tokens[]> {
  const tokens = texts.map((text, at) => ({ at, ...tokenizer.encode(text) }))
  tokens.sort((a, b) => a.ids.length - b.ids.length || a.at - b.at)
  let batch: Tokens[] = []
  for (const entry of tokens) {
    if ((batch.length + 1) * entry.ids.length > batchTokens && batch.length > 0) {
      yield batch
      batch = []
    }
    batch.push(entry)
  }
  if (batch.length > 0) yield batch
}

async function embedBatch(
  session: InferenceSession,
  batch: Tokens[],
  d: number,
): Promise<{ at: number; result: EmbeddedText }[]> {
  const length = Math.max(...batch.map(({ ids }) => ids.length))
  const ids = new BigInt64Array(batch.length * length)
  const ends = new BigInt64Array(batch.length)
  batch.forEach((entry, row) => {
    entry.ids.forEach((id, place) => (ids[row * length + place] = BigInt(id)))
    ends[row] = BigInt(row * length + endPlace(entry.ids))
  })
  const { embeddings } = await session.run({
    ids: new Tensor('int64', ids, [batch.length, length]),
    ends: new Tensor('int64', ends, [batch.length]),
  })
  const data = embeddings!.data as Float32Array
  return batch.map(({ at, cutTokens }, row) => ({
    at,
    result: { embedding: data.slice(row * d, (row + 1) * d), cutTokens },
  }))
}

/** CLIP pools at the first place of the largest id, which is the end token's. */
function endPlace(ids: number[]): number {
  return ids.indexOf(Math.max(...ids))
}
