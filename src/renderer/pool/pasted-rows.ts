/** Rows between the clipboard and a pool: a text a line, with tags ("place; weather") and source after tabs. */
import { longestText } from '../../contract/pool.ts'
import { tagsOf, writtenTags } from './text-check.ts'

export type NewRow = { text: string; roles: string[]; source: string }

const mostRows = 100_000
const longestTag = 60

/** Lines without a text are left out. @throws Error with the line for what a pool cannot take */
export function pastedRows(pasted: string): NewRow[] {
  const rows: NewRow[] = []
  pasted.split(/\r\n|\r|\n/).forEach((line, at) => {
    const [text = '', tags = '', ...rest] = line.split('\t')
    if (text.trim() === '') return
    const row = { text: text.trim(), roles: tagsOf(tags), source: rest.join(' ').trim() }
    const longest = row.roles.find((tag) => tag.length > longestTag)
    if (row.text.length > longestText)
      throw new Error(`Line ${at + 1} has ${row.text.length} characters; a text has at most ${longestText}.`)
    if (longest !== undefined)
      throw new Error(`Line ${at + 1} has a tag of ${longest.length} characters; a tag has at most ${longestTag}.`)
    if (row.source.length > longestText)
      throw new Error(`Line ${at + 1} has a source of ${row.source.length} characters; it has at most ${longestText}.`)
    rows.push(row)
  })
  if (rows.length > mostRows)
    throw new Error(`At most ${mostRows} lines can be pasted at once; the clipboard has ${rows.length}.`)
  return rows
}

/** What copying gives: the same form that pasting takes. */
export function copiedRows(rows: readonly NewRow[]): string {
  const flat = (cell: string) => cell.replace(/[\t\r\n]+/g, ' ')
  return rows
    .map(({ text, roles, source }) => [text, writtenTags(roles), source].map(flat).join('\t').replace(/\t+$/, ''))
    .join('\n')
}
