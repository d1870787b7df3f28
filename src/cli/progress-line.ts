/** A job's progress on the terminal: one line that is written over, or a line every ten seconds into a log. */
import type { Job } from '../contract/job.ts'
import { formatDuration, formatRate } from './format.ts'

const logEveryMs = 10_000
const redrawEveryMs = 100

export class ProgressLine {
  readonly #stream: NodeJS.WriteStream
  readonly #isQuiet: boolean
  #shownMs: number
  #remarks = 0

  /** @param isQuiet remarks only: they belong to the result */
  constructor(stream: NodeJS.WriteStream, { isQuiet = false } = {}) {
    this.#stream = stream
    this.#isQuiet = isQuiet
    this.#shownMs = stream.isTTY ? 0 : Date.now()
  }

  show(job: Job): void {
    this.#writeRemarks(job)
    if (this.#isQuiet) return
    const isTerminal = this.#stream.isTTY
    const nowMs = Date.now()
    if (nowMs - this.#shownMs < (isTerminal ? redrawEveryMs : logEveryMs) || job.state !== 'running' || job.done === 0)
      return
    this.#shownMs = nowMs
    const line = progressText(job)
    this.#stream.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`)
  }

  end(job: Job): void {
    this.#writeRemarks(job)
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K')
  }

  #writeRemarks(job: Job): void {
    for (const remark of job.remarks.slice(this.#remarks)) {
      this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[2K' : ''}${remark}\n`)
    }
    this.#remarks = job.remarks.length
  }
}

export function progressText(job: Job): string {
  const of = job.total === null ? '' : ` of ${job.total}`
  const skipped = job.skipped > 0 ? `, ${job.skipped} left out` : ''
  const rate = job.ratePerSecond === null ? '' : `, ${formatRate(job.ratePerSecond)} ${job.unit}/s`
  const left = job.remainingMs === null ? '' : `, ${formatDuration(job.remainingMs)} left`
  return `${job.title}: ${job.done}${of} ${job.unit}${skipped}${rate}${left}`
}
