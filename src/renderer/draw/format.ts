/** Numbers as the screen shows them. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent >= 9.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`
}

export function formatError(error: number): string {
  return error === 0 ? '0' : error.toExponential(0)
}

export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

export function formatBytes(bytes: number): string {
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(0)} KB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(2)} GB`
}

export function headName(layer: number, head: number): string {
  return `L${layer}.H${head}`
}

/** 5,794 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

export function formatRate(perSecond: number): string {
  return perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1)
}

/** A score, a cosine or a part of one, with its sign: +0.0312 */
export function formatScore(score: number): string {
  const digits = Math.abs(score) >= 0.1 ? 3 : 4
  return `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(digits)}`
}

/** "today 14:03", "3 Nov", "3 Nov 2025" */
export function formatMoment(atMs: number, nowMs = Date.now()): string {
  const at = new Date(atMs)
  const now = new Date(nowMs)
  const time = at.toTimeString().slice(0, 5)
  if (at.toDateString() === now.toDateString()) return `today ${time}`
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return at.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${at.getFullYear()}`
}

/** A variance or another measure without a unit, to three figures: 0.0312, 2.1e-5 */
export function formatMeasure(measure: number): string {
  if (measure === 0) return '0'
  const size = Math.abs(measure)
  const text = size >= 1e-3 && size < 1e4 ? Number(size.toPrecision(3)).toString() : size.toExponential(1)
  return measure < 0 ? `−${text}` : text
}

/** A difference of shares, in percentage points: "+3.1", "−0.4", "0" */
export function signedPoints(difference: number): string {
  const points = Math.abs(difference * 100)
  const written = points.toFixed(points >= 9.95 ? 0 : 1)
  return Number(written) === 0 ? '0' : `${difference < 0 ? '−' : '+'}${written}`
}

export function formatPoints(difference: number): string {
  return `${signedPoints(difference)} points`
}

/** "a, b and c" */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`
}
