/** The texts of a draft nearest to any text. */
import type { Neighbour } from '../../contract/pool.ts'
import type { EmbeddedRows } from '../store/index.ts'

/**
 * @param texts     what the rows say, at `embedded.places`
 * @param direction [d], unit length
 * @returns nearest first, each text once; earlier rows first among equals
 */
export function neighbours(
  texts: string[],
  embedded: EmbeddedRows,
  direction: Float32Array,
  count: number,
): Neighbour[] {
  const d = direction.length
  const { places, textIds, embeddings } = embedded
  const cosines = Float64Array.from(places, (_, at) => {
    let sum = 0
    for (let k = 0; k < d; k++) sum += embeddings[at * d + k]! * direction[k]!
    return Math.max(-1, Math.min(1, sum))
  })
  const nearest = [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]! || a - b)
  const found = new Map<number, Neighbour>()
  for (const at of nearest) {
    if (found.size === count) break
    const textId = textIds[at]!
    if (!found.has(textId)) found.set(textId, { textId, text: texts[places[at]!]!, cosine: cosines[at]! })
  }
  return [...found.values()]
}
