/** Problems of a draft: of each text by itself, of texts against each other, and of texts for a model. */
import type { DraftRow, PoolProblem } from '../../contract/pool.ts'
import type { EmbeddedRows } from '../store/index.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { normalised, shortened } from './pool-text.ts'
import { textProblems } from './text-problems.ts'

/** What a model knows of the rows' texts; `embedded.places` are places in the rows. */
export type ModelView = { embedded: EmbeddedRows; jointWidth: number; contextLength: number; cosineAbove: number }

/** @returns in the order of the rows; rows are named by their place, from 1 */
export async function poolProblems(rows: DraftRow[], model: ModelView | undefined): Promise<PoolProblem[]> {
  const problems = rows.map((row) => textProblems(row.text).map((problem) => of(row, problem)))
  const firstPlaces = firstPlacesOf(rows)
  rows.forEach((row, place) => {
    const first = firstPlaces[place]!
    if (first !== place) problems[place]!.push(duplicate(row, rows[first]!, first))
  })
  if (model) {
    for (const { place, problem } of tooLong(rows, model)) problems[place]!.push(problem)
    for (const { place, problem } of await nearTwins(rows, firstPlaces, model)) problems[place]!.push(problem)
  }
  return problems.flat()
}

type Part = Pick<PoolProblem, 'kind' | 'message' | 'mended' | 'canMend'> &
  Partial<Pick<PoolProblem, 'otherRowId' | 'cosine'>>

function of(row: DraftRow, part: Part): PoolProblem {
  return { rowId: row.id, otherRowId: null, cosine: null, ...part }
}

/** Place -> place of the first row with the same text after normalising. */
function firstPlacesOf(rows: DraftRow[]): number[] {
  const places = new Map<string, number>()
  return rows.map(({ text }, place) => {
    const key = normalised(text)
    const first = places.get(key) ?? place
    places.set(key, first)
    return first
  })
}

function duplicate(row: DraftRow, first: DraftRow, place: number): PoolProblem {
  const spelling = first.text === row.text ? '' : `, written "${shortened(first.text)}"`
  const message = `Stands in row ${place + 1} already${spelling}.`
  return of(row, { kind: 'duplicate', message, otherRowId: first.id, mended: null, canMend: true })
}

type Placed = { place: number; problem: PoolProblem }

function tooLong(rows: DraftRow[], { embedded, contextLength }: ModelView): Placed[] {
  return embedded.places.flatMap((place, at) => {
    const cut = embedded.cutTokens[at]!
    if (cut === 0) return []
    const message = `Has ${contextLength + cut} tokens; the model takes ${contextLength} and leaves the rest out.`
    return [{ place, problem: of(rows[place]!, { kind: 'too-long', message, mended: null, canMend: false }) }]
  })
}

/** Duplicates stand for their first row, which alone is compared. */
async function nearTwins(rows: DraftRow[], firstPlaces: number[], model: ModelView): Promise<Placed[]> {
  const { embedded, jointWidth: d, cosineAbove } = model
  const compared = embedded.places.flatMap((place, at) => (firstPlaces[place] === place ? [at] : []))
  const stacked = compared.length === embedded.places.length ? embedded.embeddings : picked(embedded, compared, d)
  const twins = await nearDuplicates(stacked, d, cosineAbove)
  return twins.map(({ row, of: other, cosine }) => {
    const place = embedded.places[compared[row]!]!
    const otherPlace = embedded.places[compared[other]!]!
    const resembled = rows[otherPlace]!
    const message = `Cosine ${cosine.toFixed(3)} with row ${otherPlace + 1}, "${shortened(resembled.text)}".`
    const part = { kind: 'near-duplicate', message, otherRowId: resembled.id, cosine: Math.min(1, cosine) } as const
    return { place, problem: of(rows[place]!, { ...part, mended: null, canMend: false }) }
  })
}

function picked({ embeddings }: EmbeddedRows, places: number[], d: number): Float32Array {
  const rows = new Float32Array(places.length * d)
  places.forEach((place, at) => rows.set(embeddings.subarray(place * d, (place + 1) * d), at * d))
  return rows
}
