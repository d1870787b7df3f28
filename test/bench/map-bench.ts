/** The decomposition's map for one direction an image against a plain encode: same runtime, batch and threads. */
import { encodeGraph } from '../../src/engine/graph/index.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { createSession, Tensor } from '../../src/engine/runtime/session.ts'
import { openMapMaker } from '../../src/engine/segment/map-maker.ts'
import { randomUniform } from './make-checkpoint.ts'
import { median, type Result, roundsMs } from './measure.ts'

export async function benchMaps(
  name: string,
  folder: string,
  cacheFolder: string,
  { batch, rounds }: { batch: number; rounds: number },
): Promise<Result> {
  const checkpoint = openCheckpoint(folder)
  const { imageSizePx } = checkpoint.config.vision
  const next = randomUniform(7)
  const random = (length: number) => Float32Array.from({ length }, () => 2 * next() - 1)
  const pixels = random(batch * 3 * imageSizePx ** 2)
  const directions = random(batch * checkpoint.config.jointWidth)
  const weights = { path: checkpoint.weightsPath, cacheFolder }
  const encoder = await createSession(encodeGraph(checkpoint), { weights })
  const maker = await openMapMaker(checkpoint, { methods: ['decomposition'], cacheFolder })
  const feeds = { pixels: new Tensor('float32', pixels, [batch, 3, imageSizePx, imageSizePx]) }
  const [encodes, maps] = (await roundsMs(rounds, [
    () => encoder.run(feeds),
    () => maker.maps(pixels, batch, directions, [{ method: 'decomposition' }]),
  ])) as [number[], number[]]
  await encoder.release()
  await maker.close()
  // Neighbours in time are compared, so that a change of the machine's pace meets both.
  const ratio = median(maps.map((ms, round) => ms / encodes[round]!))
  const [encodeMs, mapMs] = [median(encodes) / batch, median(maps) / batch]
  return {
    what: `token map / plain encode, ${name}, batch ${batch}`,
    measured: `${ratio.toFixed(3)} (${mapMs.toFixed(1)} ms / ${encodeMs.toFixed(1)} ms an image)`,
    limit: 'at most 1.10',
    isMet: ratio <= 1.1,
    numbers: { ratio, mapMs, encodeMs },
  }
}
