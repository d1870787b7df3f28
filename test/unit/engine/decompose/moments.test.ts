import { describe, expect, it } from 'vitest'
import { blockMoment, emptyMoment, mergedMoment } from '../../../../src/engine/decompose/index.ts'
import { randomUniform } from '../../../bench/make-checkpoint.ts'

const shape = { heads: 2, headWidth: 3 }

function madeUp(rows: number, offset: number) {
  const next = randomUniform(rows)
  const attended = Float32Array.from({ length: rows * 6 }, () => offset + next())
  const scalars = Float32Array.from({ length: rows * 3 }, (_, at) => [next(), 1 + next(), 4 + next()][at % 3]!)
  return { attended, scalars }
}

describe('moments', () => {
  it('of two blocks merged are those of all rows at once, also far from zero', () => {
    for (const offset of [0, 1000]) {
      const [a, b] = [madeUp(20, offset), madeUp(7, offset)]
      const both = {
        attended: Float32Array.of(...a.attended, ...b.attended),
        scalars: Float32Array.of(...a.scalars, ...b.scalars),
      }
      const whole = blockMoment(0, both.attended, both.scalars, shape)
      const merged = mergedMoment(
        blockMoment(0, a.attended, a.scalars, shape),
        blockMoment(0, b.attended, b.scalars, shape),
        shape,
      )
      expect(merged.rowCount).toBe(27)
      const scale = Math.max(...whole.products)
      whole.mean.forEach((value, at) => expect(merged.mean[at]).toBeCloseTo(value, 9))
      whole.products.forEach((value, at) => expect(Math.abs(merged.products[at]! - value) / scale).toBeLessThan(1e-12))
    }
  })

  it('of chosen rows are those of a block of just these rows', () => {
    const { attended, scalars } = madeUp(10, 1)
    const chosen = blockMoment(0, attended, scalars, shape, Int32Array.of(2, 5))
    const pick = (array: Float32Array, width: number) =>
      Float32Array.of(...[2, 5].flatMap((row) => [...array.subarray(row * width, (row + 1) * width)]))
    expect(chosen).toEqual(blockMoment(0, pick(attended, 6), pick(scalars, 3), shape))
  })

  it('of nothing change nothing', () => {
    const { attended, scalars } = madeUp(5, 0)
    const moment = blockMoment(0, attended, scalars, shape)
    expect(mergedMoment(emptyMoment(0, shape), moment, shape)).toBe(moment)
    expect(mergedMoment(moment, emptyMoment(0, shape), shape)).toBe(moment)
  })
})
