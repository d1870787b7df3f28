/**
 * Algorithm 1 of arXiv:2310.05916 in the heads' own spaces: pick the text along which the head's terms vary most, take
 * its direction out of the terms and of every text, repeat.
 *
 * No text is rewritten. With u orthogonal to the directions before it and C the covariance without them, a text r has
 * a = r.u and b = r.(C u), and its variance falls by 2 a b - a^2 u.C u. All heads of a layer go step by step together,
 * so that the dot products of a step are one float32 matrix product. What it loses is made good where it matters: the
 * texts that could be the largest get their variance again in float64, r.(C r), before one is picked.
 */
import { type Batch, product } from '../math/products.ts'

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

export type LayerTexts = {
  /** texts in the heads' bases: [H, k, t] */
  texts: Batch<Float32Array>
  /** directions of each head's basis that are there; further coordinates are 0 */
  ranks: number[]
  /** [H, k, k] */
  covariances: Float64Array
  /** trace of each head's whole covariance */
  variances: number[]
}

/** A text whose rest is shorter than this share of it lies in the span of those before. */
const dependentShare = 1e-6

/** Float32 products drift from the true variances by less than this share of the largest at the start. */
const driftShare = 3e-5
const mostCandidates = 64

/**
 * @param count m, picks at most; fewer when the texts span no more or nothing is left to explain
 * @returns one a head
 */
export async function pickTexts(layer: LayerTexts, count: number): Promise<Greedy[]> {
  const [heads, k, t] = layer.texts.shape
  const pickers = await headPickers(layer, count)
  for (let step = 0; step < count; step++) {
    const directions = pickers.map((picker) => picker.next())
    if (directions.every((direction) => direction === undefined)) break
    const pairs = new Float32Array(heads * 2 * k)
    directions.forEach((direction, head) => {
      if (!direction) return
      pairs.set(direction.u, head * 2 * k)
      pairs.set(direction.Cu, (head * 2 + 1) * k)
    })
    const { data } = await product({ data: pairs, shape: [heads, 2, k] }, layer.texts)
    directions.forEach((direction, head) => {
      if (!direction) return
      const from = head * 2 * t
      pickers[head]!.lower(data.subarray(from, from + t), data.subarray(from + t, from + 2 * t), direction.along)
    })
  }
  return pickers.map((picker) => picker.result())
}

async function headPickers({ texts, ranks, covariances, variances }: LayerTexts, count: number): Promise<HeadPicker[]> {
  const [heads, k, t] = texts.shape
  const turned = await product({ data: new Float32Array(covariances), shape: [heads, k, k] }, texts)
  return ranks.map((rank, head) => {
    const from = head * k * t
    const own = texts.data.subarray(from, from + k * t)
    const start = columnProducts(own, turned.data.subarray(from, from + k * t), k, t)
    const covariance = covariances.slice(head * k * k, (head + 1) * k * k)
    return new HeadPicker(own, { k, t, most: Math.min(count, rank) }, covariance, start, variances[head]!)
  })
}

/** For each column, the sum of the products of both matrices' entries. */
function columnProducts(left: Float32Array, right: Float32Array, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      sums[column]! += left[row * columns + column]! * right[row * columns + column]!
    }
  }
  return sums
}

/** One head's state: what is left of its covariance, and of every text's variance. */
class HeadPicker {
  readonly #texts: Float32Array
  readonly #size: { k: number; t: number; most: number }
  readonly #C: Float64Array
  readonly #textVariances: Float64Array
  readonly #variance: number
  readonly #drift: number
  readonly #isClosed: Uint8Array
  readonly #directions: Float64Array
  readonly #picks: TextPick[] = []
  #removed = 0

  /** @param texts [k, t]; the other arrays become the picker's own */
  constructor(
    texts: Float32Array,
    size: { k: number; t: number; most: number },
    covariance: Float64Array,
    textVariances: Float64Array,
    variance: number,
  ) {
    this.#texts = texts
    this.#size = size
    this.#C = covariance
    this.#textVariances = textVariances
    this.#variance = variance
    this.#drift = driftShare * textVariances.reduce((largest, value) => Math.max(largest, value), 0)
    this.#isClosed = new Uint8Array(size.t)
    this.#directions = new Float64Array(size.most * size.k)
  }

  /** Picks the next text. @returns its direction u, C u and u.C u, or undefined when there is none */
  next(): { u: Float64Array; Cu: Float64Array; along: number } | undefined {
    const { k, most } = this.#size
    while (this.#picks.length < most) {
      const { best, second } = this.#twoLargest()
      // Below 1e-12 of the head's variance only rounding is left to pick from.
      if (best < 0 || this.#textVariances[best]! <= 1e-12 * this.#variance) return undefined
      this.#isClosed[best] = 1
      const u = newDirection(this.#textOf(best), this.#directions, this.#picks.length, k)
      if (!u) continue
      this.#directions.set(u, this.#picks.length * k)
      const Cu = applied(this.#C, u, k)
      const along = dot(u, Cu)
      this.#removed += along
      const margin = second < 0 ? 1 : 1 - Math.max(0, this.#textVariances[second]!) / this.#textVariances[best]!
      this.#picks.push({ text: best, explained: share(this.#removed / this.#variance), margin: share(margin) })
      deflateInPlace(this.#C, u, Cu, along, k)
      return { u, Cu, along }
    }
    return undefined
  }

  /** Takes the direction out of every text's variance. @param a r.u  @param b r.(C u)  @param along u.C u */
  lower(a: Float32Array, b: Float32Array, along: number): void {
    const variances = this.#textVariances
    for (let text = 0; text < variances.length; text++) {
      variances[text] = variances[text]! + a[text]! * (a[text]! * along - 2 * b[text]!)
    }
  }

  result(): Greedy {
    return { picks: this.#picks, directions: this.#directions.subarray(0, this.#picks.length * this.#size.k) }
  }

  /** The two open texts of largest variance in float64; a tie goes to the lowest index. */
  #twoLargest(): { best: number; second: number } {
    for (const text of this.#candidates()) {
      const r = this.#textOf(text)
      this.#textVariances[text] = dot(r, applied(this.#C, r, this.#size.k))
    }
    return twoLargest(this.#textVariances, this.#isClosed)
  }

  /** Texts that may be the largest or the runner-up, as far as the drift lets one say. */
  #candidates(): number[] {
    const variances = this.#textVariances
    const { best, second } = twoLargest(variances, this.#isClosed)
    if (best < 0) return []
    const limit = Math.min(variances[best]!, second < 0 ? Infinity : variances[second]!) - this.#drift
    const candidates: number[] = []
    for (let text = 0; text < variances.length; text++) {
      if (!this.#isClosed[text] && variances[text]! >= limit) candidates.push(text)
    }
    if (candidates.length <= mostCandidates) return candidates
    return candidates.sort((a, b) => variances[b]! - variances[a]!).slice(0, mostCandidates)
  }

  #textOf(text: number): Float64Array {
    const { k, t } = this.#size
    const r = new Float64Array(k)
    for (let i = 0; i < k; i++) r[i] = this.#texts[i * t + text]!
    return r
  }
}

/** texts [m, k] -> [m, k]: the directions that a known sequence of texts takes out, as `pickTexts` does. */
export function directionsOf(texts: Float32Array, size: number): Float64Array {
  const count = texts.length / size
  const directions = new Float64Array(count * size)
  for (let at = 0; at < count; at++) {
    const u = newDirection(new Float64Array(texts.subarray(at * size, (at + 1) * size)), directions, at, size)
    if (u) directions.set(u, at * size)
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

/** The unit vector of what a text has beside the first `count` directions; undefined when that is nothing. */
function newDirection(
  text: Float64Array,
  directions: Float64Array,
  count: number,
  k: number,
): Float64Array | undefined {
  const rest = text.slice()
  // Twice is enough (Kahan, Parlett): the second pass takes out what rounding left in the first.
  for (let pass = 0; pass < 2; pass++) {
    for (let before = 0; before < count; before++) {
      const other = directions.subarray(before * k, (before + 1) * k)
      const part = dot(rest, other)
      for (let i = 0; i < k; i++) rest[i]! -= part * other[i]!
    }
  }
  const length = Math.sqrt(dot(rest, rest))
  if (!(length > dependentShare * Math.sqrt(dot(text, text)))) return undefined
  return rest.map((value) => value / length)
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

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value))
}
