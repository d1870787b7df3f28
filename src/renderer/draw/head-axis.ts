/** The direction along which a head's images are put in order, as the address, the screen and the engine name it. */
import type { Direction } from '../../contract/head.ts'

export type Axis =
  | { kind: 'text'; text: string }
  /** from 0 */
  | { kind: 'principal'; index: number }
  | { kind: 'residual' }

/** Principal directions that the page offers; as many are kept with a TEXTSPAN result. */
export const shownPrincipals = 3

/** "principal-1", counted from 1 as people count, or "residual"; a text has its own part of the address. */
export function axisFrom(named: string | undefined, text: string | undefined): Axis | undefined {
  if (named === 'residual') return { kind: 'residual' }
  const number = /^principal-([1-3])$/.exec(named ?? '')
  if (number) return { kind: 'principal', index: Number(number[1]) - 1 }
  return text === undefined ? undefined : { kind: 'text', text }
}

export function axisInAddress(axis: Axis | undefined): { axis?: string; text?: string } {
  if (axis === undefined) return {}
  if (axis.kind === 'text') return { text: axis.text }
  return { axis: axis.kind === 'residual' ? 'residual' : `principal-${axis.index + 1}` }
}

export function axisKey(axis: Axis): string {
  return axis.kind === 'text' ? `text ${axis.text}` : axis.kind === 'residual' ? 'residual' : `principal ${axis.index}`
}

export function axisTitle(axis: Axis): string {
  if (axis.kind === 'text') return `“${axis.text}”`
  return axis.kind === 'residual' ? 'what no text explains' : `principal direction ${axis.index + 1}`
}

/** @returns undefined for the rest of a result that is not there */
export function directionOf(axis: Axis, textSpanId: number | undefined): Direction | undefined {
  if (axis.kind !== 'residual') return axis
  return textSpanId === undefined ? undefined : { kind: 'residual', textSpanId }
}
