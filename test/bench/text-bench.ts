/** Embedding texts at their own length against padding all of them to the context length. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { textGraph } from '../../src/engine/graph/index.ts'
import { openCheckpoint, openTokenizer } from '../../src/engine/model/index.ts'
import { createSession, Tensor } from '../../src/engine/runtime/session.ts'
import { openTextTower } from '../../src/engine/text-pool/index.ts'
import { sampleFolder } from '../support/sample.ts'
import { mediansMs, type Result } from './measure.ts'

const count = 96

export async function benchTexts(name: string, folder: string, cacheFolder: string): Promise<Result> {
  const checkpoint = openCheckpoint(folder)
  const { contextLength, vocabularySize } = checkpoint.config.text
  const texts = readFileSync(join(sampleFolder, 'pool.txt'), 'utf8').split('\n').slice(0, count)
  const encoder = await openTextTower(checkpoint, cacheFolder)
  const session = await createSession(textGraph(checkpoint), { weights: { path: checkpoint.weightsPath, cacheFolder } })
  const tokenizer = openTokenizer(folder, contextLength, vocabularySize)
  const ids = new BigInt64Array(count * contextLength)
  const ends = new BigInt64Array(count)
  texts.forEach((text, row) => {
    const tokens = tokenizer.encode(text).ids
    tokens.forEach((id, at) => (ids[row * contextLength + at] = BigInt(id)))
    ends[row] = BigInt(row * contextLength + tokens.length - 1)
  })
  const padded = () =>
    session.run({
      ids: new Tensor('int64', ids, [count, contextLength]),
      ends: new Tensor('int64', ends, [count]),
    })
  const [ownMs, paddedMs] = (await mediansMs(3, [() => encoder.embed(texts), padded])) as [number, number]
  await encoder.close()
  await session.release()
  return {
    what: `embedding ${count} texts at their length / at ${contextLength} tokens, ${name}`,
    measured: `${(paddedMs / ownMs).toFixed(1)} times as fast (${(ownMs / count).toFixed(1)} ms / ${(paddedMs / count).toFixed(1)} ms a text)`,
    limit: '',
    isMet: null,
    numbers: { ratio: ownMs / paddedMs, ownMs, paddedMs },
  }
}
