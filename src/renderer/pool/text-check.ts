/**
 * What can be seen of a text while it is typed, without asking the engine: a second spelling of another row, white
 * space, odd characters. The engine's own check, a moment after the edit, knows more and has the last word.
 */

/** Lower case, composed, white space closed up: texts that the model cannot tell apart are the same. */
export function normalised(text: string): string {
  // Nearly every text is plain, and a pool has tens of thousands.
  if (/^[!-~](?: ?[!-~])*$/.test(text)) return text.toLowerCase()
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** Control, private-use and invisible characters; joiners and tag characters have their places and are left to the engine. */
const oddCharacter = /(?![\s\u200C\u200D\u{E0020}-\u{E007F}])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\uFFFD]/u

/**
 * @param idsByText ids of the rows by their normalised text
 * @param numberOf the row's number on the screen
 * @returns sentences; none when nothing is wrong
 */
export function localProblems(
  text: string,
  ownId: number | undefined,
  idsByText: Map<string, number[]>,
  numberOf: (rowId: number) => number,
): string[] {
  const problems: string[] = []
  if (text.trim() === '') return problems
  const twin = idsByText.get(normalised(text))?.find((id) => id !== ownId)
  if (twin !== undefined) problems.push(`Row ${numberOf(twin)} has the same text.`)
  const odd = oddCharacter.exec(text)?.[0]
  if (odd !== undefined) {
    const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    problems.push(`Has an odd character, U+${code}.`)
  }
  if (/[^\S ]/.test(text)) problems.push('Has white space of an unusual kind.')
  else if (/ {2}/.test(text)) problems.push('Has more than one space in a row.')
  return problems
}

export function idsByNormalised(rows: readonly { id: number; text: string }[]): Map<string, number[]> {
  const ids = new Map<string, number[]>()
  for (const { id, text } of rows) {
    const key = normalised(text)
    const there = ids.get(key)
    if (there) there.push(id)
    else ids.set(key, [id])
  }
  return ids
}

/** "place; weather" as tags: trimmed, each once whatever its case. */
export function tagsOf(written: string): string[] {
  const tags = new Map<string, string>()
  for (const part of written.split(';')) {
    const tag = part.trim()
    if (tag !== '' && !tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), tag)
  }
  return [...tags.values()]
}

export function writtenTags(tags: string[]): string {
  return tags.join('; ')
}
