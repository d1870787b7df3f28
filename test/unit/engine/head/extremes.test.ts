import { describe, expect, it } from 'vitest'
import { endsOf, histogramOf } from '../../../../src/engine/head/index.ts'

describe('the images at both ends', () => {
  it('are the largest and the smallest, of equal scores the first', () => {
    const ordinals = Int32Array.of(2, 3, 5, 8, 9, 11)
    const ends = endsOf(ordinals, Float64Array.of(1, -2, 1, 0, -2, 0.5), 3)
    expect(ends.highest).toEqual([
      { ordinal: 2, score: 1 },
      { ordinal: 5, score: 1 },
      { ordinal: 11, score: 0.5 },
    ])
    expect(ends.lowest).toEqual([
      { ordinal: 3, score: -2 },
      { ordinal: 9, score: -2 },
      { ordinal: 8, score: 0 },
    ])
  })

  it('are all images where there are fewer', () => {
    const ends = endsOf(Int32Array.of(0, 1), Float64Array.of(1, 3), 5)
    expect(ends.highest.map(({ ordinal }) => ordinal)).toEqual([1, 0])
    expect(ends.lowest.map(({ ordinal }) => ordinal)).toEqual([0, 1])
  })

  it('keep an earlier image of equal score when a later one comes to a full list', () => {
    const ends = endsOf(Int32Array.of(0, 1, 2, 3), Float64Array.of(5, 5, 5, 6), 2)
    expect(ends.highest.map(({ ordinal }) => ordinal)).toEqual([3, 0])
    expect(ends.lowest.map(({ ordinal }) => ordinal)).toEqual([0, 1])
  })
})

describe('the histogram', () => {
  it('has equal bins from the smallest to the largest score, both taken in', () => {
    const { from, to, counts } = histogramOf(Float64Array.of(0, 1, 39.5, 40, 20))
    expect([from, to, counts.length]).toEqual([0, 40, 40])
    expect(counts[0]).toBe(1)
    expect(counts[1]).toBe(1)
    expect(counts[20]).toBe(1)
    expect(counts[39]).toBe(2)
    expect(counts.reduce((sum, count) => sum + count)).toBe(5)
  })

  it('puts equal scores into one bin', () => {
    const { from, to, counts } = histogramOf(Float64Array.of(2, 2, 2))
    expect([from, to, counts[0]]).toEqual([2, 2, 3])
  })
})
