/** Decomposing against a plain encode of the same checkpoint: same runtime, batch and threads. */
import { openDecomposer } from '../../src/engine/decompose/index.ts'
import { encodeGraph } from '../../src/engine/graph/index.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { createSession, Tensor } from '../../src/engine/runtime/session.ts'
import { randomUniform } from './make-checkpoint.ts'
import { median, type Result, roundsMs } from './measure.ts'

export async function benchDecompose(
  name: string,
  folder: string,
  cacheFolder: string,
  { batch, rounds }: { batch: number; rounds: number },
): Promise<Result> {
  const checkpoint = openCheckpoint(folder)
  const { imageSizePx } = checkpoint.config.vision
  const next = randomUniform(7)
  const pixels = Float32Array.from({ length: batch * 3 * imageSizePx ** 2 }, () => 2 * next() - 1)
  const weights = { path: checkpoint.weightsPath, cacheFolder }
  const encoder = await createSession(encodeGraph(checkpoint), { weights })
  const decomposer = await openDecomposer(checkpoint, { classToClass: true, cacheFolder })
  const feeds = { pixels: new Tensor('float32', pixels, [batch, 3, imageSizePx, imageSizePx]) }
  const [encodes, decomposes] = (await roundsMs(rounds, [
    () => encoder.run(feeds),
    () => decomposer.decompose(pixels, batch),
  ])) as [number[], number[]]
  await encoder.release()
  await decomposer.close()
  // Neighbours in time are compared, so that a change of the machine's pace meets both.
  const ratio = median(decomposes.map((ms, round) => ms / encodes[round]!))
  const [encodeMs, decomposeMs] = [median(encodes), median(decomposes)]
  return {
    what: `decompose / plain encode, ${name}, batch ${batch}`,
    measured: `${ratio.toFixed(3)} (${(decomposeMs / batch).toFixed(1)} ms / ${(encodeMs / batch).toFixed(1)} ms an image)`,
    limit: 'at most 1.0',
    isMet: ratio <= 1,
    numbers: { ratio, decomposeMs: decomposeMs / batch, encodeMs: encodeMs / batch },
  }
}
