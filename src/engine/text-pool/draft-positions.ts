/**
 * Where new rows of a draft stand. Positions are numbers with room between them, so that other rows keep theirs; only
 * where the room is used up do the rows behind move a little.
 */
import type { DraftRow } from '../../contract/pool.ts'
import { draftRowsAfter, lastPosition, type ReadDb } from '../store/index.ts'

/** A thousand rows typed one below the other fit before the next whole number. */
const step = 2 ** -10
/** Steps below it would soon be lost in float64 at the position of a long pool's end. */
const smallestStep = 2 ** -30
/** Rows that are read at a time to look for room. */
const pageRows = 500

export type Places = { positions: number[]; moved: { before: DraftRow; after: DraftRow }[] }

/** @param behind the row that they come behind; without it they come at the end */
export function placesAfter(db: ReadDb, poolId: number, behind: DraftRow | undefined, count: number): Places {
  if (!behind) return { positions: atEnd(lastPosition(db, poolId) ?? 0, count), moved: [] }
  const following: DraftRow[] = []
  for (;;) {
    const page = draftRowsAfter(db, poolId, following.at(-1) ?? behind, pageRows)
    for (const next of page) {
      const steps = stepsTo(behind.position, next.position, count + following.length)
      if (steps) return { positions: steps.slice(0, count), moved: movedTo(following, steps.slice(count)) }
      following.push(next)
    }
    if (page.length < pageRows) {
      const places = atEnd(behind.position, count + following.length)
      return { positions: places.slice(0, count), moved: movedTo(following, places.slice(count)) }
    }
  }
}

/** Whole numbers behind a position. */
function atEnd(position: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.floor(position) + 1 + at)
}

/** @returns undefined when there is no room for so many */
function stepsTo(from: number, to: number, count: number): number[] | undefined {
  const width = Math.min((to - from) / (count + 1), step)
  if (width < smallestStep) return undefined
  return Array.from({ length: count }, (_, at) => from + (at + 1) * width)
}

function movedTo(rows: DraftRow[], positions: number[]): Places['moved'] {
  return rows.map((before, at) => ({ before, after: { ...before, position: positions[at]! } }))
}

/**
 * Rising positions for rows of which some keep theirs.
 * @param kept the positions that stay, rising, and undefined for those that are wanted
 */
export function positionsBetween(kept: (number | undefined)[]): number[] {
  const positions: number[] = []
  for (let at = 0; at < kept.length;) {
    const stays = kept[at]
    if (stays !== undefined) {
      positions.push(stays)
      at++
      continue
    }
    let end = at
    while (end < kept.length && kept[end] === undefined) end++
    const from = positions.at(-1)
    const to = kept[end]
    const width = to === undefined ? 1 : from === undefined ? 1 : (to - from) / (end - at + 1)
    const start = from ?? (to === undefined ? 0 : to - (end - at + 1))
    if (width < smallestStep) return kept.map((_, place) => place + 1)
    for (let row = at; row < end; row++) positions.push(start + (row - at + 1) * width)
    at = end
  }
  return positions
}
