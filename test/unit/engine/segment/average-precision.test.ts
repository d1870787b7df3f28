import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openMatMasks } from '../../../../src/engine/dataset/index.ts'
import { averagePrecision, averagePrecisionOf } from '../../../../src/engine/segment/score/average-precision.ts'
import { goldenFolder, goldenJson, readGolden } from '../../../support/golden.ts'
import { sampleFolder } from '../../../support/sample.ts'

/** Straight from the definition: precision at every distinct score, weighted by the recall that it adds. */
function byDefinition(map: Float32Array, truth: Uint8Array): number {
  const pooled = Array.from(map).flatMap((value, at) => [
    { score: value, isRight: truth[at] === 1 },
    { score: Math.fround(1 - value), isRight: truth[at] === 0 },
  ])
  const thresholds = [...new Set(pooled.map(({ score }) => score))].sort((a, b) => b - a)
  let [sum, before] = [0, 0]
  for (const threshold of thresholds) {
    const taken = pooled.filter(({ score }) => score >= threshold)
    const right = taken.filter(({ isRight }) => isRight).length
    sum += ((right - before) / map.length) * (right / taken.length)
    before = right
  }
  return sum
}

describe('average precision', () => {
  it.skipIf(!goldenFolder)('is scikit-learn’s on the reference maps', async () => {
    const { data: maps } = readGolden('heat_decomposition.npy')
    const golden = goldenJson<{ decomposition: { first_10_ap: number[] } }>('segmentation.json').decomposition
      .first_10_ap
    const masks = await openMatMasks(join(sampleFolder, 'segmentation.mat'))
    for (const [at, expected] of golden.entries()) {
      const found = averagePrecision(maps.subarray(at * 9216, (at + 1) * 9216), false, masks.read(at).pixels)
      expect(Math.abs(found - expected), `image ${at}`).toBeLessThan(1e-6)
    }
    masks.close()
  })

  it('takes ties together, whatever their order', () => {
    // scikit-learn: average_precision_score([0, 1, 1, 0, 1], [0.5, 0.5, 0.5, 0.5, 0.25]) = 0.5333333
    const scores = [Float32Array.of(0.25, 0.5, 0.5), Float32Array.of(0.5, 0.5)] as const
    expect(averagePrecisionOf(...scores)).toBeCloseTo(2 / 3 / 2 + (1 / 3) * (3 / 5), 12)
    for (let seed = 1; seed < 40; seed++) {
      const map = Float32Array.from({ length: 30 }, (_, at) => ((at * seed * 7) % 11) / 10)
      const truth = Uint8Array.from(map, (_, at) => ((at * at * seed) % 5 < 2 ? 1 : 0))
      expect(averagePrecision(map, false, truth), `seed ${seed}`).toBeCloseTo(byDefinition(map, truth), 12)
    }
  })

  it('is defined for masks of one class, and 0.5 for a constant map', () => {
    const map = Float32Array.of(0, 0.25, 1)
    expect(averagePrecision(map, false, new Uint8Array(3))).toBeCloseTo(byDefinition(map, new Uint8Array(3)), 12)
    expect(averagePrecision(map, false, Uint8Array.of(0, 0, 1))).toBe(1)
    expect(averagePrecision(new Float32Array(3), true, Uint8Array.of(0, 1, 1))).toBe(0.5)
  })
})
