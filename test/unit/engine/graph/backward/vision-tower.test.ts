/** dy/dA of every layer, head and pair of tokens of a tiny random tower against central differences in float64. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Activation } from '../../../../../src/contract/model.ts'
import { representationBackward, visionTowerBackward } from '../../../../../src/engine/graph/backward/index.ts'
import { GraphBuilder } from '../../../../../src/engine/graph/index.ts'
import { pixelsInput, represent } from '../../../../../src/engine/graph/vision-ends.ts'
import { type LayerValues, visionTower } from '../../../../../src/engine/graph/vision-tower.ts'
import type { Checkpoint } from '../../../../../src/engine/model/index.ts'
import { createSession, Tensor, weightsLocation } from '../../../../../src/engine/runtime/session.ts'
import { differences } from '../../../../support/plain-tower.ts'
import { type Place, temporaryFolder } from '../../../../support/sample.ts'
import { randomValues, tinyCheckpoint } from '../../../../support/tiny-checkpoint.ts'

let place: Place
beforeAll(() => void (place = temporaryFolder()))
afterAll(() => place.remove())

function attentionGradientGraph(checkpoint: Checkpoint): Uint8Array {
  const g = new GraphBuilder('attention-gradients', weightsLocation)
  const directions = g.input('directions', 'float32', ['images', checkpoint.config.jointWidth])
  const layers: LayerValues[] = []
  const final = visionTower(g, checkpoint, pixelsInput(g, checkpoint), { onLayer: (values) => layers.push(values) })
  const gradient = representationBackward(g, checkpoint, final, represent(g, checkpoint, final), directions)
  visionTowerBackward(g, checkpoint, layers, gradient, {
    downTo: 0,
    onLayer: ({ layer, attention }) => g.output(`gradient_${layer}`, g.reshape(attention, [-1]), 'float32', ['n']),
  })
  return g.encode()
}

describe('the vision tower backwards', () => {
  it.each(['gelu', 'quick-gelu'] satisfies Activation[])('agrees with differences, %s', async (activation) => {
    const checkpoint = tinyCheckpoint(join(place.folder, activation), activation)
    const { layers, heads, tokens, imageSizePx } = checkpoint.config.vision
    expect(checkpoint.config.vision).toMatchObject({ layers: 3, heads: 4, tokens: 10, activation })
    const images = 2
    const pixels = randomValues(images * 3 * imageSizePx ** 2, 41)
    const directions = randomValues(images * checkpoint.config.jointWidth, 42)
    const session = await createSession(attentionGradientGraph(checkpoint), {
      weights: { path: checkpoint.weightsPath, cacheFolder: place.cacheFolder },
    })
    const outputs = await session.run({
      pixels: new Tensor('float32', pixels, [images, 3, imageSizePx, imageSizePx]),
      directions: new Tensor('float32', directions, [images, checkpoint.config.jointWidth]),
    })
    await session.release()
    for (let image = 0; image < images; image++) {
      const part = (rows: Float32Array) =>
        rows.subarray((image * rows.length) / images, ((image + 1) * rows.length) / images)
      const expected = differences(checkpoint, part(pixels), part(directions))
      for (let layer = 0; layer < layers; layer++) {
        const isLast = layer === layers - 1
        // In the last layer only the class token's row does anything.
        const wanted = expected[layer]!.flatMap((rows) => (isLast ? rows[0]! : rows.flat()))
        if (isLast) {
          for (const rows of expected[layer]!)
            expect(
              rows
                .slice(1)
                .flat()
                .every((slope) => slope === 0),
            ).toBe(true)
        }
        const found = part(outputs[`gradient_${layer}`]!.data as Float32Array)
        expect(found).toHaveLength(heads * tokens * (isLast ? 1 : tokens))
        const largest = Math.max(...wanted.map(Math.abs))
        expect(largest).toBeGreaterThan(1e-3)
        wanted.forEach((slope, at) => expect(Math.abs(found[at]! - slope)).toBeLessThan(1e-5 * largest))
      }
    }
  })
})
