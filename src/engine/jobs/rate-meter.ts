/** Units a second over the last ten seconds, counted in buckets so that a million units cost no more than a hundred. */
const windowMs = 10_000
const bucketMs = 200

export class RateMeter {
  readonly #now: () => number
  readonly #startMs: number
  #buckets: { atMs: number; units: number }[] = []

  constructor(now: () => number) {
    this.#now = now
    this.#startMs = now()
  }

  add(units: number): void {
    const atMs = this.#now()
    const last = this.#buckets.at(-1)
    // A clock set back begins a new bucket, as a later moment would.
    if (last && atMs >= last.atMs && atMs - last.atMs < bucketMs) last.units += units
    else {
      this.#buckets = this.#buckets.filter((bucket) => Math.abs(atMs - bucket.atMs) < windowMs)
      this.#buckets.push({ atMs, units })
    }
  }

  /** null before the first unit */
  ratePerSecond(): number | null {
    const sum = this.#buckets.reduce((total, { units }) => total + units, 0)
    const spanMs = Math.min(windowMs, this.#now() - this.#startMs)
    return sum === 0 || spanMs <= 0 ? null : (sum / spanMs) * 1000
  }
}
