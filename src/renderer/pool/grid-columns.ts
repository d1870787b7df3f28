/** Columns of the pool's table. Where it is narrow, those that can be seen elsewhere are left out. */
import { longestText } from '../../contract/pool.ts'
import type { DraftRow, PoolProblem, ProblemKind } from '../../contract/pool.ts'
import type { SortColumn } from './row-order.ts'
import { tagsOf, writtenTags } from './text-check.ts'

export type GridColumn = {
  name: SortColumn
  title: string
  /** of a grid track */
  width: string
  hint: string
  isNumber?: boolean
  /** left out below this width of the table, px */
  fromPx?: number
}

export const gridColumns: GridColumn[] = [
  { name: 'problems', title: '', width: '24px', hint: 'Problems: M mends the focused row. Sort by their number' },
  { name: 'number', title: '#', width: '42px', hint: 'Place in the pool', isNumber: true, fromPx: 460 },
  { name: 'text', title: 'Text', width: 'minmax(120px, 1fr)', hint: 'Sort by text' },
  { name: 'tags', title: 'Role tags', width: 'minmax(70px, 130px)', hint: 'Sort by tags' },
  { name: 'source', title: 'Source', width: 'minmax(60px, 120px)', hint: 'Where the text comes from', fromPx: 640 },
  {
    name: 'used',
    title: 'Used in',
    width: '62px',
    hint: 'Number of heads that chose the text in the result named below',
    isNumber: true,
  },
  {
    name: 'weight',
    title: 'Weight',
    width: '58px',
    hint: 'What the text explains, as a share of the variance of all described heads in the result named below',
    isNumber: true,
    fromPx: 400,
  },
  { name: 'after', title: 'After', width: '72px', hint: 'Heads that its author had opened before writing the text' },
]

export function columnsFor(widthPx: number): GridColumn[] {
  return gridColumns.filter(({ fromPx = 0 }) => widthPx >= fromPx)
}

export const editableColumns = ['text', 'tags', 'source'] as const
export type EditableColumn = (typeof editableColumns)[number]

export function isEditable(column: string): column is EditableColumn {
  return editableColumns.some((name) => name === column)
}

/** What the editor of a cell begins with. */
export function writtenCell({ text, roles, source }: DraftRow, column: EditableColumn): string {
  return column === 'text' ? text : column === 'tags' ? writtenTags(roles) : source
}

export type CellChange = { text?: string; roles?: string[]; source?: string }

/** @returns what changes; a sentence where the pool would refuse it; undefined where nothing changes */
export function changeOfCell(row: DraftRow, column: EditableColumn, written: string): CellChange | string | undefined {
  const trimmed = written.trim()
  if (column === 'text') {
    if (trimmed === '') return 'A text must not be empty. Escape takes it back; Delete on the row removes it.'
    if (trimmed.length > longestText)
      return `A text has at most ${longestText} characters; this one has ${trimmed.length}.`
    return trimmed === row.text ? undefined : { text: trimmed }
  }
  if (column === 'tags') {
    const roles = tagsOf(written)
    const longest = roles.find((tag) => tag.length > 60)
    if (longest !== undefined)
      return `A tag has at most 60 characters; “${longest.slice(0, 20)}…” has ${longest.length}.`
    return writtenTags(roles) === writtenTags(row.roles) ? undefined : { roles }
  }
  if (trimmed.length > 2000) return `A source has at most 2000 characters; this one has ${trimmed.length}.`
  return trimmed === row.source ? undefined : { source: trimmed }
}

/** One letter a kind, most pressing first. */
const letters: Record<ProblemKind, string> = {
  duplicate: 'D',
  'too-long': 'L',
  'odd-characters': 'C',
  'white-space': 'W',
  'near-duplicate': 'N',
}
const pressing = Object.keys(letters) as ProblemKind[]

export function problemLetter(problems: readonly PoolProblem[]): string {
  const kind = pressing.find((wanted) => problems.some((problem) => problem.kind === wanted))
  return kind ? letters[kind] : ''
}

export function problemWords(problems: readonly PoolProblem[]): string {
  const lines = problems.map(({ message, canMend, mended }) => {
    if (!canMend) return message
    return `${message} ${mended === null ? 'Alt M removes the row.' : `Alt M makes it “${mended}”.`}`
  })
  return lines.join('\n')
}
