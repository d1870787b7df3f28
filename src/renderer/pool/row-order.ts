/** Which rows of a pool are shown, and in which order: found, filtered and sorted. The pool itself stays as it is. */
import type { DraftRow, TextUse } from '../../contract/pool.ts'
import { normalised } from './text-check.ts'

export const rowFilters = ['all', 'problems', 'unused', 'after-head', 'untagged'] as const
export type RowFilter = (typeof rowFilters)[number]
export const filterTitles: Record<RowFilter, string> = {
  all: 'All texts',
  problems: 'With problems',
  unused: 'Chosen by no head',
  'after-head': 'Written after a head',
  untagged: 'Without tags',
}

export const sortColumns = ['problems', 'number', 'text', 'tags', 'source', 'used', 'weight', 'after'] as const
export type SortColumn = (typeof sortColumns)[number]
export type RowSort = { column: SortColumn; isDescending: boolean }

export type RowCriteria = {
  /** looked for in texts, tags and sources, whatever the case */
  find: string
  filter: RowFilter
  /** only rows with this tag */
  tag: string | undefined
  /** undefined: in the pool's own order */
  sort: RowSort | undefined
}

export type RowFacts = {
  /** by text; undefined where no TEXTSPAN result of the pool is there */
  useOf: Map<string, TextUse> | undefined
  /** number of problems, by row */
  problemsOf: Map<number, { length: number }>
}

/**
 * @param kept rows that stay in sight though the filter does not take them any more, such as those just edited
 * @returns ids of the rows, in the order of the screen
 */
export function orderedIds(
  rows: readonly DraftRow[],
  criteria: RowCriteria,
  facts: RowFacts,
  kept: ReadonlySet<number> = new Set(),
): number[] {
  const takes = takerOf(criteria, facts)
  const numbers = new Map<number, number>()
  const found: DraftRow[] = []
  rows.forEach((row, at) => {
    if (!kept.has(row.id) && !takes(row)) return
    numbers.set(row.id, at)
    found.push(row)
  })
  if (criteria.sort) sortInPlace(found, criteria.sort, facts, numbers)
  return found.map(({ id }) => id)
}

function takerOf({ find, filter, tag }: RowCriteria, facts: RowFacts): (row: DraftRow) => boolean {
  const needle = normalised(find)
  const wantedTag = tag?.toLowerCase()
  return (row) => {
    if (!passes(row, filter, facts)) return false
    if (wantedTag !== undefined && !row.roles.some((own) => own.toLowerCase() === wantedTag)) return false
    if (needle === '') return true
    return (
      row.text.toLowerCase().includes(needle) ||
      row.source.toLowerCase().includes(needle) ||
      row.roles.some((own) => own.toLowerCase().includes(needle))
    )
  }
}

function passes(row: DraftRow, filter: RowFilter, { useOf, problemsOf }: RowFacts): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'problems':
      return problemsOf.has(row.id)
    case 'unused':
      return useOf !== undefined && !useOf.has(row.text)
    case 'after-head':
      return row.afterHeads.length > 0
    case 'untagged':
      return row.roles.length === 0
  }
}

type SortKey = string | number

/** Numbers begin with the largest, words with the first; rows without the thing come last either way. */
function sortInPlace(rows: DraftRow[], sort: RowSort, facts: RowFacts, numbers: Map<number, number>): void {
  const keyOf = keyFor(sort.column, facts, numbers)
  const keys = new Map(rows.map((row) => [row.id, keyOf(row)]))
  const sign = sort.isDescending ? -1 : 1
  rows.sort((a, b) => {
    const [first, second] = [keys.get(a.id), keys.get(b.id)]
    if (first === second) return numbers.get(a.id)! - numbers.get(b.id)!
    if (first === undefined) return 1
    if (second === undefined) return -1
    return first < second ? -sign : sign
  })
}

function keyFor(
  column: SortColumn,
  { useOf, problemsOf }: RowFacts,
  numbers: Map<number, number>,
): (row: DraftRow) => SortKey | undefined {
  const orNothing = (written: string) => (written === '' ? undefined : written.toLowerCase())
  const columns: Record<SortColumn, (row: DraftRow) => SortKey | undefined> = {
    problems: ({ id }) => problemsOf.get(id)?.length,
    number: ({ id }) => numbers.get(id),
    text: ({ text }) => orNothing(text),
    tags: ({ roles }) => orNothing(roles.join('; ')),
    source: ({ source }) => orNothing(source),
    used: ({ text }) => useOf?.get(text)?.heads.length,
    weight: ({ text }) => useOf?.get(text)?.weight,
    after: ({ afterHeads }) => orNothing(afterHeads.join(' ')),
  }
  return columns[column]
}

/** A click on a header: the natural way first, then the other, then the pool's own order. */
export function nextSort(sort: RowSort | undefined, column: SortColumn): RowSort | undefined {
  const isDescendingFirst = column === 'used' || column === 'weight' || column === 'problems'
  if (sort?.column !== column) return { column, isDescending: isDescendingFirst }
  return sort.isDescending === isDescendingFirst ? { column, isDescending: !isDescendingFirst } : undefined
}

/** Tags of the rows with how many have each, most first; one spelling of each. */
export function tagCounts(rows: readonly DraftRow[]): { tag: string; count: number }[] {
  const counts = new Map<string, { tag: string; count: number }>()
  for (const { roles } of rows)
    for (const tag of roles) {
      const known = counts.get(tag.toLowerCase())
      if (known) known.count++
      else counts.set(tag.toLowerCase(), { tag, count: 1 })
    }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
}
