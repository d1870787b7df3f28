/** The images at both ends of a direction, and how many lie between. */
import type { ScoredOrdinal } from '../store/index.ts'

export type Ends = { highest: ScoredOrdinal[]; lowest: ScoredOrdinal[] }

/** Keeps the `count` largest of the scores that it is shown. Show them by ascending ordinal: of equal scores the first stays. */
export class Largest {
  readonly #count: number
  readonly #scores: number[] = []
  readonly #ordinals: number[] = []

  constructor(count: number) {
    this.#count = count
  }

  /** Scores that are not above it change nothing. */
  limit = -Infinity

  offer(ordinal: number, score: number): void {
    if (!(score > this.limit)) return
    const scores = this.#scores
    let at = scores.length
    while (at > 0 && score > scores[at - 1]!) at--
    scores.splice(at, 0, score)
    this.#ordinals.splice(at, 0, ordinal)
    if (scores.length > this.#count) {
      scores.pop()
      this.#ordinals.pop()
    }
    if (scores.length === this.#count) this.limit = scores[this.#count - 1]!
  }

  /** Largest first; `sign` -1 gives back scores that were offered negated. */
  list(sign = 1): ScoredOrdinal[] {
    return this.#scores.map((score, at) => ({ ordinal: this.#ordinals[at]!, score: sign * score }))
  }
}

/** @param ordinals ascending, as long as `scores` */
export function endsOf(ordinals: Int32Array, scores: Float64Array, count: number): Ends {
  const highest = new Largest(count)
  const lowest = new Largest(count)
  for (let at = 0; at < scores.length; at++) {
    highest.offer(ordinals[at]!, scores[at]!)
    lowest.offer(ordinals[at]!, -scores[at]!)
  }
  return { highest: highest.list(), lowest: lowest.list(-1) }
}

export const histogramBins = 40

export type Histogram = { from: number; to: number; counts: Int32Array<ArrayBuffer> }

/** Equal bins from the smallest score to the largest; all in the first where they are the same. */
export function histogramOf(scores: ArrayLike<number>): Histogram {
  let [from, to] = [Infinity, -Infinity]
  for (let at = 0; at < scores.length; at++) {
    if (scores[at]! < from) from = scores[at]!
    if (scores[at]! > to) to = scores[at]!
  }
  const counts = new Int32Array(histogramBins)
  for (let at = 0; at < scores.length; at++) counts[binOf(scores[at]!, from, to)]!++
  return { from, to, counts }
}

export function binOf(score: number, from: number, to: number): number {
  if (!(to > from)) return 0
  return Math.min(histogramBins - 1, Math.floor(((score - from) / (to - from)) * histogramBins))
}
