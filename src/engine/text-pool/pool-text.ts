/** Texts of pools: how they are kept, when two are the same, and what identifies a version. */
import { createHash } from 'node:crypto'
import { type PoolContent, rolesOfText, textOfRoles } from '../store/index.ts'

/**
 * A text as it can be kept: trimmed, and with U+FFFD for what UTF-8 or SQLite's functions cannot hold, unpaired
 * surrogates and U+0000, so that what is read back is what was written.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD').trim()
}

/** What CLIP's tokenizers see: lower case, composed, white space closed up. */
export function normalised(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** SHA-256 over the texts and their roles, in order, as hexadecimal digits. Sources do not enter. */
export function poolHash(texts: Pick<PoolContent, 'text' | 'roles'>[]): string {
  const hash = createHash('sha256')
  for (const { text, roles } of texts) hash.update(JSON.stringify([text, textOfRoles(roles)]))
  return hash.digest('hex')
}

export function isSameContent(a: PoolContent, b: PoolContent): boolean {
  return (
    a.text === b.text && a.source === b.source && isSameList(a.roles, b.roles) && isSameList(a.afterHeads, b.afterHeads)
  )
}

function isSameList(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((entry, at) => entry === b[at])
}

/**
 * Rows with the same text after normalising become one: the first spelling, all roles and heads, the first source.
 * @returns rows in their order; `merged` are those that went into an earlier one
 */
export function mergeTwins<Row extends PoolContent>(rows: Row[]): { rows: Row[]; merged: Row[] } {
  const placeOf = new Map<string, number>()
  const kept: Row[] = []
  const merged: Row[] = []
  for (const row of rows) {
    const key = normalised(row.text)
    const place = placeOf.get(key)
    if (place === undefined) {
      placeOf.set(key, kept.length)
      kept.push(row)
    } else {
      kept[place] = { ...kept[place]!, ...together(kept[place]!, row) }
      merged.push(row)
    }
  }
  return { rows: kept, merged }
}

function together(first: PoolContent, second: PoolContent): Omit<PoolContent, 'text'> {
  return {
    roles: rolesOfText([...first.roles, ...second.roles].join(';')),
    source: first.source || second.source,
    afterHeads: [...new Set([...first.afterHeads, ...second.afterHeads])],
  }
}

/** As a sentence has room for it. */
export function shortened(text: string, longest = 60): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`
}
