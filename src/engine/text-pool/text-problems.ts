/** What can be wrong with a text by itself, and how it is mended. Nothing here needs a model. */
import { longestText, type PoolProblem } from '../../contract/pool.ts'

export type TextProblem = Pick<PoolProblem, 'kind' | 'message' | 'mended' | 'canMend'>

/** Control and format characters, private use, unpaired surrogates, code points without a character. */
const oddCharacters = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\uFFFD]/gu
/** Joiners belong between letters of scripts that join, and between the parts of an emoji. */
const joiners =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]|(?!\p{Script=Latin})[\p{L}\p{M}])[\u200C\u200D](?=\p{Extended_Pictographic}|(?!\p{Script=Latin})[\p{L}\p{M}])/gu
/** Flags of regions end in tag characters. */
const flags = /\u{1F3F4}[\u{E0020}-\u{E007E}]+\u{E007F}/gu
/** White space other than a single space; byte order marks count as odd characters. */
const whiteSpace = /[^\S\uFEFF]/g

/** Words of printable ASCII with single spaces, as nearly all texts are: nothing can be wrong with their characters. */
const plain = /^[!-~]+(?: [!-~]+)*$/

/** @returns at most one problem a kind */
export function textProblems(text: string): TextProblem[] {
  if (text.length <= longestText && plain.test(text)) return []
  const problems: TextProblem[] = []
  const odd = oddCharactersOf(text)
  // A replacement character stands for one that is lost: to take it out would make another word.
  const isLost = odd.some((character) => character === '\uFFFD' || !character.isWellFormed())
  const clean = mendedText(text)
  const mend = clean === '' ? { mended: null, canMend: true } : { mended: clean, canMend: true }
  if (odd.length > 0) {
    const message = `Has ${namesOf(odd)}.`
    problems.push({ kind: 'odd-characters', message, ...(isLost ? { mended: null, canMend: false } : mend) })
  }
  const space = whiteSpaceMessage(text)
  if (space !== undefined) problems.push({ kind: 'white-space', message: space, ...mend })
  if (text.length > longestText) {
    const message = `Has ${text.length} characters; a text has at most ${longestText}.`
    problems.push({ kind: 'too-long', message, mended: null, canMend: false })
  }
  return problems
}

/** White space closed up, odd characters taken out, composed (NFC). Replacement characters stay: a letter is lost there. */
export function mendedText(text: string): string {
  // Composing and taking out change what stands beside a joiner, so it is done until nothing changes any more.
  let mended = mendedOnce(text)
  for (let before = text; mended !== before;) {
    before = mended
    mended = mendedOnce(before)
  }
  return mended
}

function mendedOnce(text: string): string {
  const odd = new Set(oddCharactersOf(text).filter((character) => character !== '\uFFFD' && character.isWellFormed()))
  const kept = odd.size === 0 ? text : withoutOdd(text)
  return kept.normalize('NFC').replace(whiteSpace, ' ').replace(/ {2,}/g, ' ').trim()
}

function withoutOdd(text: string): string {
  const legitimate = legitimatePlaces(text)
  return text.replace(oddCharacters, (character, at: number) =>
    isKept(character, at, legitimate) || character === '\uFFFD' || !character.isWellFormed() ? character : '',
  )
}

function oddCharactersOf(text: string): string[] {
  const legitimate = legitimatePlaces(text)
  const found = [...text.matchAll(oddCharacters)].filter(
    ({ 0: character, index }) => !isKept(character, index, legitimate),
  )
  return found.map(([character]) => character)
}

function isKept(character: string, at: number, legitimate: Set<number>): boolean {
  return legitimate.has(at) || (/\s/.test(character) && character !== '\uFEFF')
}

/** Where invisible characters are as they should be. */
function legitimatePlaces(text: string): Set<number> {
  const places = new Set<number>()
  for (const pattern of [joiners, flags]) {
    for (const { 0: match, index } of text.matchAll(pattern)) {
      for (let at = index; at < index + match.length; at++) places.add(at)
    }
  }
  return places
}

/** "U+200B zero-width space, U+FFFD replacement character twice" */
function namesOf(characters: string[]): string {
  const counts = new Map<string, number>()
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts]
    .map(([character, count]) => `${nameOf(character)}${count === 1 ? '' : count === 2 ? ' twice' : ` ${count} times`}`)
    .join(', ')
}

const names = new Map([
  ['\u00AD', 'soft hyphen'],
  ['\u200B', 'zero-width space'],
  ['\u200C', 'zero-width non-joiner'],
  ['\u200D', 'zero-width joiner'],
  ['\u200E', 'left-to-right mark'],
  ['\u200F', 'right-to-left mark'],
  ['\u2060', 'word joiner'],
  ['\uFEFF', 'byte order mark'],
  ['\uFFFD', 'replacement character'],
])

function nameOf(character: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
  const kind = names.get(character) ?? kindOf(character)
  return `${code} ${kind}`
}

function kindOf(character: string): string {
  if (!character.isWellFormed()) return 'unpaired surrogate'
  if (/\p{Cc}/u.test(character)) return 'control character'
  if (/\p{Co}/u.test(character)) return 'private-use character'
  return /\p{Cn}/u.test(character) ? 'unassigned code point' : 'invisible character'
}

function whiteSpaceMessage(text: string): string | undefined {
  const spaces = text.match(whiteSpace) ?? []
  const unusual = [...new Set(spaces.filter((space) => space !== ' '))]
  if (unusual.length > 0) return `Has white space of an unusual kind: ${unusual.map(codeOf).join(', ')}.`
  if (/^ | $/.test(text)) return 'Has white space at an end.'
  return / {2}/.test(text) ? 'Has more than one space in a row.' : undefined
}

const spaceNames = new Map([
  ['\t', 'tab'],
  ['\n', 'line break'],
  ['\r', 'line break'],
  ['\u00A0', 'no-break space'],
])

function codeOf(space: string): string {
  const code = `U+${space.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
  const name = spaceNames.get(space)
  return name === undefined ? code : `${code} ${name}`
}
