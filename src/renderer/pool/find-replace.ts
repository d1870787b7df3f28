/** Finds and replaces in texts: what would become of which, before anything is done. */
import { longestText } from '../../contract/pool.ts'

export type Search = {
  find: string
  replace: string
  isCaseSensitive: boolean
  isWholeWord: boolean
  isRegularExpression: boolean
}

export type Replacement = { rowId: number; before: string; after: string }

export type Preview = {
  replacements: Replacement[]
  /** places in all texts */
  matches: number
  /** texts with a place, whether something becomes other or not */
  texts: number
  /** texts that would be empty or too long: they stay as they are */
  refused: number
}

/** An expression that runs away is given up after so long. */
const longestMs = 1000

/** @throws Error that says what is wrong with the expression */
export function patternOf({ find, isCaseSensitive, isWholeWord, isRegularExpression }: Search): RegExp {
  const body = isRegularExpression ? find : find.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const whole = isWholeWord ? `(?<![\\p{L}\\p{N}_])(?:${body})(?![\\p{L}\\p{N}_])` : body
  try {
    return new RegExp(whole, isCaseSensitive ? 'gu' : 'giu')
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    // "Invalid regular expression: /(/giu: Unterminated group": people need the end of it.
    const reason = said.slice(said.lastIndexOf(': ') + 2)
    throw new Error(`“${find}” is not a regular expression: ${reason}.`, { cause })
  }
}

/**
 * Replacements may name groups as $1 in regular expressions; otherwise they are taken as they are written. Texts are
 * trimmed, as the engine would.
 * @throws Error as patternOf does, for an expression that fits the empty text, and for one that runs too long
 */
export function previewOf(rows: readonly { id: number; text: string }[], search: Search): Preview {
  const preview: Preview = { replacements: [], matches: 0, texts: 0, refused: 0 }
  if (search.find === '') return preview
  const pattern = patternOf(search)
  if (pattern.test('')) throw new Error(`“${search.find}” fits the empty text; it must ask for at least one character.`)
  const startedMs = performance.now()
  for (const { id, text } of rows) {
    pattern.lastIndex = 0
    const found = text.match(pattern)?.length ?? 0
    if (performance.now() - startedMs > longestMs)
      throw new Error(`“${search.find}” takes too long to look for; a simpler expression is needed.`)
    if (found === 0) continue
    preview.matches += found
    preview.texts++
    const replaced = search.isRegularExpression
      ? text.replace(pattern, search.replace)
      : text.replace(pattern, () => search.replace)
    const after = replaced.trim()
    if (after === '' || after.length > longestText) preview.refused++
    else if (after !== text) preview.replacements.push({ rowId: id, before: text, after })
  }
  return preview
}
