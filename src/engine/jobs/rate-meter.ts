/** Units a second over the last ten seconds. */
const windowMs = 10_000

export class RateMeter {
  readonly #now: () => number
  readonly #startMs: number
  #samples: { atMs: number; units: number }[] = []

  constructor(now: () => number) {
    this.#now = now
    this.#startMs = now()
  }

  add(units: number): void {
    const atMs = this.#now()
    this.#samples = this.#samples.filter((sample) => atMs - sample.atMs < windowMs)
    this.#samples.push({ atMs, units })
  }

  /** null before the first unit */
  ratePerSecond(): number | null {
    const sum = this.#samples.reduce((total, { units }) => total + units, 0)
    const spanMs = Math.min(windowMs, this.#now() - this.#startMs)
    return sum === 0 || spanMs <= 0 ? null : (sum / spanMs) * 1000
  }
}
