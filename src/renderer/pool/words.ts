/** Numbers and notes of the pools place, in words. */
import type { TextUse } from '../../contract/pool.ts'
import { formatShare, headName, listed } from '../draw/format.ts'

/** A text's weight is often far below a percent; what is not nothing is not shown as nothing. */
export function formatWeight(weight: number): string {
  return weight > 0 && weight < 0.0005 ? '<0.1 %' : formatShare(weight)
}

/** What a mark of heads means. */
export function afterWords(heads: readonly string[]): string {
  return `Written after its author had opened ${listed(heads)}: what it explains there is no independent finding.`
}

/** The heads that chose a text which was written after they were looked at. */
export function circularHeads(afterHeads: readonly string[], use: TextUse | undefined): string[] {
  const seen = new Set(afterHeads)
  const chosen = new Set(use?.heads.map(({ layer, head }) => headName(layer, head)))
  return [...chosen].filter((name) => seen.has(name))
}

/** "1 text", "12 texts" */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`
}

/** With a tenth of a percent, where small changes are looked for: 97.4 % */
export function formatFineShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
