/**
 * One score as a sum of terms, and the sums of parts of it that the image page shows. Everything is worked out from the
 * one answer of 'image/explain', in float64, so that bars, grid, map and sentence cannot disagree. The class token is
 * token 0, patches follow row by row. Axes: l layer, h head, n token.
 */
import type { Explanation } from '../../contract/image.ts'

export type Terms = {
  layers: number
  heads: number
  /** class token and patches */
  tokens: number
  gridRows: number
  gridColumns: number
  /** attention terms, [L, H, N] */
  byToken: ArrayLike<number>
  /** [L + 1]: the class token after ln_pre, then the MLP of each layer */
  mlps: ArrayLike<number>
  /** what the terms must add up to: a cosine, or the difference of two */
  score: number
}

/** The part of a score that is looked at. Nothing chosen means all of it. */
export type Part = {
  /** places l H + h */
  heads: ReadonlySet<number>
  /** places in `mlps` */
  mlps: ReadonlySet<number>
  /** one token's attention terms only */
  token: number | null
}

export const wholeScore: Part = { heads: new Set(), mlps: new Set(), token: null }

/** Above this, what lies between sum and score is more than float32 rounding. */
export const roundingTolerance = 1e-5

/** The terms of text `at`. */
export function termsOf(explanation: Explanation, at: number): Terms {
  const { layers, heads, tokens, gridRows, gridColumns, byToken, mlps, scores } = explanation
  const size = layers * heads * tokens
  return {
    layers,
    heads,
    tokens,
    gridRows,
    gridColumns,
    byToken: byToken.subarray(at * size, (at + 1) * size),
    mlps: mlps.subarray(at * (layers + 1), (at + 1) * (layers + 1)),
    score: scores[at]!,
  }
}

/** Text `at` minus text `from`, term by term: scores are linear in the text. */
export function differenceOf(explanation: Explanation, at: number, from: number): Terms {
  const [plus, minus] = [termsOf(explanation, at), termsOf(explanation, from)]
  return {
    ...plus,
    byToken: difference(plus.byToken, minus.byToken),
    mlps: difference(plus.mlps, minus.mlps),
    score: plus.score - minus.score,
  }
}

/** A plain loop: `from` with a function goes through an iterator, which is ten times slower for 100,000 terms. */
function difference(plus: ArrayLike<number>, minus: ArrayLike<number>): Float64Array {
  const rest = new Float64Array(plus.length)
  for (let at = 0; at < rest.length; at++) rest[at] = plus[at]! - minus[at]!
  return rest
}

/** @returns [L, H]: each head over all tokens, or its part at one */
export function headSums({ layers, heads, tokens, byToken }: Terms, token: number | null = null): Float64Array {
  const sums = new Float64Array(layers * heads)
  for (let at = 0; at < sums.length; at++) {
    if (token !== null) sums[at] = byToken[at * tokens + token]!
    else {
      let sum = 0
      for (let n = at * tokens; n < (at + 1) * tokens; n++) sum += byToken[n]!
      sums[at] = sum
    }
  }
  return sums
}

/** @param perHead [L, H]
 *  @returns [L]: the attention of each layer */
export function layerSums(perHead: Float64Array, heads: number): Float64Array {
  const sums = new Float64Array(perHead.length / heads)
  perHead.forEach((term, at) => (sums[Math.floor(at / heads)]! += term))
  return sums
}

/** @returns [N]: the attention terms of each token over the chosen heads, over all of them where none is chosen */
export function tokenSums({ layers, heads, tokens, byToken }: Terms, chosen: ReadonlySet<number>): Float64Array {
  const sums = new Float64Array(tokens)
  for (let at = 0; at < layers * heads; at++) {
    if (chosen.size > 0 && !chosen.has(at)) continue
    for (let n = 0; n < tokens; n++) sums[n]! += byToken[at * tokens + n]!
  }
  return sums
}

export type Totals = {
  attention: number
  /** with the initial term */
  mlps: number
  sum: number
  score: number
  /** sum - score */
  residual: number
  isRounding: boolean
}

export function totalsOf(terms: Terms): Totals {
  const attention = total(headSums(terms))
  const mlps = total(terms.mlps)
  const sum = attention + mlps
  const residual = sum - terms.score
  return { attention, mlps, sum, score: terms.score, residual, isRounding: Math.abs(residual) <= roundingTolerance }
}

export function isWhole({ heads, mlps, token }: Part): boolean {
  return heads.size === 0 && mlps.size === 0 && token === null
}

/**
 * The sum of a part. MLP terms belong to no token: with a token chosen they are left out; with heads or MLPs chosen
 * only those count.
 */
export function partSum(terms: Terms, { heads, mlps, token }: Part): number {
  const perHead = headSums(terms, token)
  const isNarrowed = heads.size + mlps.size > 0
  let sum = 0
  perHead.forEach((term, at) => {
    if (!isNarrowed || heads.has(at)) sum += term
  })
  if (token !== null) return sum
  for (let at = 0; at < terms.mlps.length; at++) if (!isNarrowed || mlps.has(at)) sum += terms.mlps[at]!
  return sum
}

/** The largest distance from zero, for maps that are centred on it. */
export function reach(values: ArrayLike<number>): number {
  let largest = 0
  for (let at = 0; at < values.length; at++) largest = Math.max(largest, Math.abs(values[at]!))
  return largest
}

export function total(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]!
  return sum
}
