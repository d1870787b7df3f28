/** Sentences about a score and its parts. */
import { formatError, headName, listed } from '../draw/format.ts'
import type { Part, Terms, Totals } from './terms.ts'

/** A term with its sign and four decimals, so that what is added stands in the same places: +0.0912; below that 3e-5. */
export function formatTerm(term: number): string {
  if (term === 0) return '0'
  const size = Math.abs(term)
  const shown = size >= 5e-5 ? size.toFixed(4) : size.toExponential(0)
  return `${term < 0 ? '−' : '+'}${shown}`
}

/** "Attention +0.0912, MLPs +0.1021, sum +0.1933 = score +0.1933, off by 3e-8 (rounding)." */
export function sumSentence({ attention, mlps, sum, score, residual, isRounding }: Totals): string {
  const parts = `Attention ${formatTerm(attention)}, MLPs ${formatTerm(mlps)}, sum ${formatTerm(sum)}`
  const off = formatError(Math.abs(residual))
  return isRounding
    ? `${parts} = score ${formatTerm(score)}, off by ${off} (rounding).`
    : `${parts}, but score ${formatTerm(score)}: off by ${off}, more than rounding. Do not use these numbers.`
}

/** "L5.H2 and L6.H0 at row 3, column 5" */
export function partWords({ heads, mlps, token }: Part, terms: Terms): string {
  const names = [...headWords(heads, terms), ...[...mlps].sort((a, b) => a - b).map(mlpName)]
  const where = token === null ? '' : ` at ${tokenName(token, terms)}`
  if (names.length === 0) return token === null ? 'Everything' : `All heads${where}`
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names
  return `${listed(shown)}${where}`
}

/** ln_post's mean and scale, and |rep|, are the image's own, so that the term is not quite the same for all of them. */
export const startWords = 'before ln_post the same for every image'

export function mlpName(at: number): string {
  return at === 0 ? 'start' : `MLP of L${at - 1}`
}

/** "row 3, column 5", counted from 0 like layers and heads */
export function tokenName(token: number, { gridColumns }: Pick<Terms, 'gridColumns'>): string {
  if (token === 0) return 'the class token'
  return `row ${Math.floor((token - 1) / gridColumns)}, column ${(token - 1) % gridColumns}`
}

/** Whole layers are named as such. */
function headWords(chosen: ReadonlySet<number>, { layers, heads }: Terms): string[] {
  const names: string[] = []
  for (let layer = 0; layer < layers; layer++) {
    const own = Array.from({ length: heads }, (_, head) => head).filter((head) => chosen.has(layer * heads + head))
    if (own.length === heads) names.push(`attention of L${layer}`)
    else names.push(...own.map((head) => headName(layer, head)))
  }
  return names
}
