/** Makes a draft what a version is, by the fewest rows: rows whose text stays keep their id, and most their place. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { DraftRow } from '../../contract/pool.ts'
import { draftRows, findPoolVersion, rowsOfVersion } from '../store/index.ts'
import type { DraftScope } from './draft.ts'
import type { PlannedEdit } from './draft-edits.ts'
import { positionsBetween } from './draft-positions.ts'
import { isSameContent } from './pool-text.ts'

/** @throws HeadwiseError 'not-found' when the pool has no such version */
export function planReset(
  { db, pool, annotator, nowMs }: DraftScope,
  versionId: number,
  summary?: (versionNumber: number) => string,
): PlannedEdit {
  const version = findPoolVersion(db, versionId)
  if (!version || version.poolId !== pool.id || version.isProposed) {
    throw new HeadwiseError('not-found', `The pool "${pool.name}" has no version with the id ${versionId}.`)
  }
  const current = draftRows(db, pool.id)
  const wanted = rowsOfVersion(db, version)
  const matches = matchByText(wanted, current)
  const positions = positionsBetween(keptPositions(matches))
  const changed: PlannedEdit['changed'] = []
  const added: PlannedEdit['added'] = []
  wanted.forEach((row, at) => {
    const { text, roles, source, afterHeads } = row
    const before = matches[at]
    const position = positions[at]!
    if (!before) {
      added.push({ position, text, roles, source, afterHeads, annotator: row.annotator, changedMs: row.changedMs })
    } else if (!isSameContent(before, row)) {
      const after = { ...before, position, roles, source, afterHeads, annotator, changedMs: Math.round(nowMs) }
      changed.push({ before, after })
    } else if (before.position !== position) changed.push({ before, after: { ...before, position } })
  })
  const matched = new Set(matches)
  return {
    kind: 'reset',
    summary: summary?.(version.number) ?? `go back to version ${version.number}`,
    changed,
    added,
    removed: current.filter((row) => !matched.has(row)),
  }
}

/** For each wanted row the first row of the draft with its text; none is taken twice. */
function matchByText(wanted: DraftRow[], current: DraftRow[]): (DraftRow | undefined)[] {
  const byText = new Map<string, DraftRow>()
  for (const row of current) if (!byText.has(row.text)) byText.set(row.text, row)
  return wanted.map(({ text }) => byText.get(text))
}

/** Of the rows that are there already, as many as possible keep their position: those that stand in order. */
function keptPositions(matches: (DraftRow | undefined)[]): (number | undefined)[] {
  const places = matches.flatMap((row, at) => (row ? [at] : []))
  const rising = longestRise(places.map((at) => matches[at]!.position))
  const kept: (number | undefined)[] = matches.map(() => undefined)
  for (const place of rising) kept[places[place]!] = matches[places[place]!]!.position
  return kept
}

/**
 * Places of a longest strictly rising subsequence, by patience sorting: O(n log n) (Fredman 1975).
 * @returns places, ascending
 */
export function longestRise(numbers: number[]): number[] {
  /** ends[k] is the place of the smallest number that ends a rise of length k + 1 */
  const ends: number[] = []
  const before = new Int32Array(numbers.length)
  numbers.forEach((number, at) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (numbers[ends[middle]!]! < number) low = middle + 1
      else high = middle
    }
    before[at] = low > 0 ? ends[low - 1]! : -1
    ends[low] = at
  })
  const rise: number[] = []
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) rise.push(at)
  return rise.reverse()
}
