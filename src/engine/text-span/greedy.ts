/**
 * Algorithm 1 of arXiv:2310.05916 in a head's own space: pick the text along which the head's terms vary most, take
 * its direction out of the terms and of every text, repeat.
 *
 * No text is rewritten. With u orthogonal to the directions before it and C the covariance without them, a text r has
 * a = r.u and b = r.(C u), and its variance falls by 2 a b - a^2 u.C u.
 */

export type TextPick = {
  /** row of the texts */
  text: number
  /** share of the head's variance explained by this pick and those before it */
  explained: number
  /** (winner's variance - runner-up's) / winner's */
  margin: number
}

export type Greedy = {
  picks: TextPick[]
  /** [picks, k], orthonormal: what was taken out, in the head's basis */
  directions: Float64Array
}

/** A text whose rest is shorter than this share of it lies in the span of those before. */
const dependentShare = 1e-6

export type HeadTexts = {
  /** k, length of a row */
  size: number
  /** directions of the basis that are there; the rows' further numbers are 0 */
  rank: number
  /** [t, k], texts in the head's basis */
  texts: Float32Array
  /** [k, k] */
  covariance: Float64Array
  /** [t], r.(C r) of every text */
  textVariances: Float64Array
  /** trace of the head's whole covariance */
  variance: number
}

/** @param count m, picks at most; fewer when the texts span no more or nothing is left to explain */
export function pickTexts(head: HeadTexts, count: number): Greedy {
  const { size: k, texts, variance } = head
  const most = Math.min(count, head.rank)
  const textCount = head.textVariances.length
  const C = head.covariance.slice()
  const variances = head.textVariances.slice()
  const directions = new Float64Array(most * k)
  const picks: TextPick[] = []
  let removed = 0
  const isClosed = new Uint8Array(textCount)
  while (picks.length < most) {
    const { best, second } = twoLargest(variances, isClosed)
    // Below 1e-12 of the head's variance only rounding is left to pick from.
    if (best < 0 || variances[best]! <= 1e-12 * variance) break
    const u = directions.subarray(picks.length * k, (picks.length + 1) * k)
    if (!newDirection(texts, best, directions, picks.length, k, u)) {
      isClosed[best] = 1
      continue
    }
    const Cu = applied(C, u, k)
    const along = dot(u, Cu, k)
    removed += along
    const margin = second < 0 ? 1 : (variances[best]! - Math.max(0, variances[second]!)) / variances[best]!
    picks.push({
      text: best,
      explained: Math.min(1, Math.max(0, removed / variance)),
      margin: Math.min(1, Math.max(0, margin)),
    })
    lowerVariancesInPlace(variances, texts, u.slice(), Cu, along, k)
    deflateInPlace(C, u, Cu, along, k)
    isClosed[best] = 1
  }
  return { picks, directions: directions.subarray(0, picks.length * k) }
}

/** texts [m, k] -> [m, k]: the directions that a known sequence of texts takes out, as `pickTexts` does. */
export function directionsOf(texts: Float32Array, size: number): Float64Array {
  const count = texts.length / size
  const directions = new Float64Array(count * size)
  for (let at = 0; at < count; at++) {
    newDirection(texts, at, directions, at, size, directions.subarray(at * size, (at + 1) * size))
  }
  return directions
}

/** Strictly larger wins, so that a tie goes to the lowest index. */
function twoLargest(variances: Float64Array, isClosed: Uint8Array): { best: number; second: number } {
  let best = -1
  let second = -1
  for (let text = 0; text < variances.length; text++) {
    if (isClosed[text]) continue
    if (best < 0 || variances[text]! > variances[best]!) {
      second = best
      best = text
    } else if (second < 0 || variances[text]! > variances[second]!) second = text
  }
  return { best, second }
}

/** Writes the unit vector of what text `at` has beside the directions before it; false when that is nothing. */
function newDirection(
  texts: Float32Array,
  at: number,
  directions: Float64Array,
  count: number,
  k: number,
  into: Float64Array,
): boolean {
  for (let i = 0; i < k; i++) into[i] = texts[at * k + i]!
  const length = Math.sqrt(dot(into, into, k))
  // Twice is enough (Kahan, Parlett): the second pass takes out what rounding left in the first.
  for (let pass = 0; pass < 2; pass++) {
    for (let before = 0; before < count; before++) {
      const other = directions.subarray(before * k, (before + 1) * k)
      const share = dot(into, other, k)
      for (let i = 0; i < k; i++) into[i]! -= share * other[i]!
    }
  }
  const rest = Math.sqrt(dot(into, into, k))
  if (!(rest > dependentShare * length)) {
    into.fill(0)
    return false
  }
  for (let i = 0; i < k; i++) into[i]! /= rest
  return true
}

/**
 * The inner loop of TEXTSPAN: two dot products a text. Four texts at a time share the loads of u and Cu and keep eight
 * sums in flight. u is copied by the caller: views into a larger array make every access slower.
 */
function lowerVariancesInPlace(
  variances: Float64Array,
  texts: Float32Array,
  u: Float64Array,
  Cu: Float64Array,
  along: number,
  k: number,
): void {
  const textCount = variances.length
  const whole = textCount - (textCount % 4)
  for (let text = 0, at = 0; text < whole; text += 4, at += 4 * k) {
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    for (let i = 0; i < k; i++) {
      const ui = u[i]!
      const Cui = Cu[i]!
      const t0 = texts[at + i]!
      const t1 = texts[at + k + i]!
      const t2 = texts[at + 2 * k + i]!
      const t3 = texts[at + 3 * k + i]!
      a0 += t0 * ui
      b0 += t0 * Cui
      a1 += t1 * ui
      b1 += t1 * Cui
      a2 += t2 * ui
      b2 += t2 * Cui
      a3 += t3 * ui
      b3 += t3 * Cui
    }
    variances[text] = variances[text]! + a0 * (a0 * along - 2 * b0)
    variances[text + 1] = variances[text + 1]! + a1 * (a1 * along - 2 * b1)
    variances[text + 2] = variances[text + 2]! + a2 * (a2 * along - 2 * b2)
    variances[text + 3] = variances[text + 3]! + a3 * (a3 * along - 2 * b3)
  }
  for (let text = whole; text < textCount; text++) {
    let a = 0
    let b = 0
    for (let i = 0; i < k; i++) {
      a += texts[text * k + i]! * u[i]!
      b += texts[text * k + i]! * Cu[i]!
    }
    variances[text] = variances[text]! + a * (a * along - 2 * b)
  }
}

/** C without u on either side: (I - u u^T) C (I - u u^T). */
function deflateInPlace(C: Float64Array, u: Float64Array, Cu: Float64Array, along: number, k: number): void {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) C[i * k + j]! += along * u[i]! * u[j]! - u[i]! * Cu[j]! - Cu[i]! * u[j]!
  }
}

function applied(C: Float64Array, vector: Float64Array, k: number): Float64Array {
  const result = new Float64Array(k)
  for (let i = 0; i < k; i++) {
    let sum = 0
    for (let j = 0; j < k; j++) sum += C[i * k + j]! * vector[j]!
    result[i] = sum
  }
  return result
}

function dot(a: Float64Array, b: Float64Array, k: number): number {
  let sum = 0
  for (let i = 0; i < k; i++) sum += a[i]! * b[i]!
  return sum
}
