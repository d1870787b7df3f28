/** Numbers, times and filters as the sheet writes them. */
import type { ImageFilter } from '../../contract/data-set.ts'

/** 31 %, 4.2 %; a share that is not 0 is never written as 0 */
export function percent(share: number): string {
  const hundredths = share * 100
  if (hundredths === 0) return '0 %'
  if (hundredths < 0.1) return '< 0.1 %'
  return `${hundredths >= 9.95 ? hundredths.toFixed(0) : hundredths.toFixed(1)} %`
}

/** Three digits that count: 0.0120, 1.23e-7 */
export function digits(quantity: number): string {
  if (quantity === 0) return '0'
  const size = Math.abs(quantity)
  if (size < 1e-3 || size >= 1e6) return quantity.toExponential(2)
  return size < 100 ? quantity.toPrecision(3) : quantity.toFixed(0)
}

/** "2026-01-31 12:04:05 UTC": the same for everybody who gets the sheet */
export function utcTime(timeMs: number): string {
  const date = new Date(timeMs)
  if (Number.isNaN(date.getTime())) return 'unknown'
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export function filterSentence({ split, label, attributes, path }: ImageFilter): string {
  const parts = Object.entries(attributes ?? {}).map(([name, content]) => `${name} = ${content}`)
  if (label !== undefined) parts.unshift(`label = ${label}`)
  if (split !== undefined) parts.unshift(`split = ${split}`)
  if (path !== undefined) parts.push(`path has "${path}"`)
  return parts.length === 0 ? 'all images' : parts.join(', ')
}
