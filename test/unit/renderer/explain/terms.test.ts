/** Parts of a score add up to the whole, whichever way it is cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Explanation } from '../../../../src/contract/image.ts'
import {
  differenceOf,
  headSums,
  isWhole,
  layerSums,
  type Part,
  partSum,
  reach,
  termsOf,
  tokenSums,
  total,
  totalsOf,
  wholeScore,
} from '../../../../src/renderer/explain/terms.ts'

/** Two layers, two heads, a class token and two patches; text k has its terms times k + 1. */
function explanationOf(texts: number): Explanation {
  const byToken = [1, 2, 3, 10, 20, 30, 100, 200, 300, -1, -2, -3]
  const mlps = [0.5, 4, -0.25]
  const own = Array.from({ length: texts }, (_, k) => k + 1)
  const score = byToken.concat(mlps).reduce((sum, term) => sum + term, 0)
  return {
    texts: own.map(String),
    layers: 2,
    heads: 2,
    tokens: 3,
    gridRows: 1,
    gridColumns: 2,
    byToken: Float32Array.from(own.flatMap((times) => byToken.map((term) => term * times))),
    mlps: Float32Array.from(own.flatMap((times) => mlps.map((term) => term * times))),
    scores: Float32Array.from(own.map((times) => score * times)),
    residuals: new Float32Array(texts),
    provider: 'cpu',
  }
}

const part = (change: Partial<Part>): Part => ({ ...wholeScore, ...change })

describe('the terms of a text', () => {
  const terms = termsOf(explanationOf(2), 0)

  it('are its own block of the answer', () => {
    expect(Array.from(terms.byToken)).toEqual([1, 2, 3, 10, 20, 30, 100, 200, 300, -1, -2, -3])
    expect(Array.from(termsOf(explanationOf(2), 1).mlps)).toEqual([1, 8, -0.5])
  })

  it('are summed by head, by layer and by token', () => {
    expect(Array.from(headSums(terms))).toEqual([6, 60, 600, -6])
    expect(Array.from(layerSums(headSums(terms), 2))).toEqual([66, 594])
    expect(Array.from(tokenSums(terms, new Set()))).toEqual([110, 220, 330])
  })

  it('are narrowed to heads and to a token', () => {
    expect(Array.from(headSums(terms, 2))).toEqual([3, 30, 300, -3])
    expect(Array.from(tokenSums(terms, new Set([1, 3])))).toEqual([9, 18, 27])
  })

  it('add up to the score', () => {
    expect(totalsOf(terms)).toEqual({
      attention: 660,
      mlps: 4.25,
      sum: 664.25,
      score: 664.25,
      residual: 0,
      isRounding: true,
    })
  })

  it('that do not add up are told apart from rounding', () => {
    expect(totalsOf({ ...terms, score: 664.25 + 9e-6 }).isRounding).toBe(true)
    const wrong = totalsOf({ ...terms, score: 664 })
    expect(wrong).toMatchObject({ residual: 0.25, isRounding: false })
  })
})

describe('a part of a score', () => {
  const terms = termsOf(explanationOf(1), 0)

  it('is everything while nothing is chosen', () => {
    expect(isWhole(wholeScore)).toBe(true)
    expect(partSum(terms, wholeScore)).toBe(664.25)
  })

  it('is the chosen heads and MLPs alone', () => {
    expect(partSum(terms, part({ heads: new Set([0, 3]) }))).toBe(0)
    expect(partSum(terms, part({ mlps: new Set([0, 1]) }))).toBe(4.5)
    expect(partSum(terms, part({ heads: new Set([1]), mlps: new Set([2]) }))).toBe(59.75)
  })

  it('at a token has no MLP terms', () => {
    expect(partSum(terms, part({ token: 1 }))).toBe(220)
    expect(partSum(terms, part({ token: 1, heads: new Set([2]), mlps: new Set([1]) }))).toBe(200)
    expect(partSum(terms, part({ token: 1, mlps: new Set([1]) }))).toBe(0)
  })
})

describe('the difference of two texts', () => {
  it('is taken term by term, and adds up to the difference of the scores', () => {
    const terms = differenceOf(explanationOf(3), 2, 0)
    expect(Array.from(headSums(terms))).toEqual([12, 120, 1200, -12])
    expect(totalsOf(terms)).toMatchObject({ score: 1328.5, residual: 0 })
  })
})

describe('any answer', () => {
  const answers = fc
    .record({
      layers: fc.integer({ min: 1, max: 4 }),
      heads: fc.integer({ min: 1, max: 4 }),
      side: fc.integer({ min: 1, max: 3 }),
    })
    .chain(({ layers, heads, side }) => {
      const tokens = side * side + 1
      const term = fc.float({ min: -1, max: 1, noNaN: true })
      return fc.record({
        layers: fc.constant(layers),
        heads: fc.constant(heads),
        tokens: fc.constant(tokens),
        gridRows: fc.constant(side),
        gridColumns: fc.constant(side),
        byToken: fc.array(term, { minLength: layers * heads * tokens, maxLength: layers * heads * tokens }),
        mlps: fc.array(term, { minLength: layers + 1, maxLength: layers + 1 }),
        score: term,
      })
    })

  it('has the same sum by head, by token and by layer', () => {
    fc.assert(
      fc.property(answers, (terms) => {
        const perHead = headSums(terms)
        expect(total(tokenSums(terms, new Set()))).toBeCloseTo(total(perHead), 10)
        expect(total(layerSums(perHead, terms.heads))).toBeCloseTo(total(perHead), 10)
        const perToken = Array.from({ length: terms.tokens }, (_, token) => partSum(terms, part({ token })))
        expect(total(perToken) + total(terms.mlps)).toBeCloseTo(partSum(terms, wholeScore), 10)
        expect(reach(perHead)).toBe(Math.max(...Array.from(perHead, Math.abs)))
      }),
    )
  })
})
