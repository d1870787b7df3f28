/** How long to wait before a process that died is started again: not at all at first, longer when it keeps dying. */
const delaysMs = [0, 500, 2000, 5000, 15_000]
/** A process that lived so long was well. */
const wellAfterMs = 60_000

export class RestartDelay {
  #deaths = 0
  #startedMs: number

  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  /** Call when it died. */
  afterDeathMs(diedMs: number): number {
    if (Math.abs(diedMs - this.#startedMs) > wellAfterMs) this.#deaths = 0
    const delayMs = delaysMs[Math.min(this.#deaths, delaysMs.length - 1)]!
    this.#deaths++
    this.#startedMs = diedMs + delayMs
    return delayMs
  }
}
