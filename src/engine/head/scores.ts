/** Scores of a head's images: along a direction, or the length of what texts leave. Sums in float64. */
import { scalarCoordinates } from '../decompose/index.ts'
import type { HeadDirection, Residual } from './directions.ts'
import type { HeadRows } from './head-data.ts'

/** Ordinals ascend. */
export type Scores = { ordinals: Int32Array; scores: Float64Array }

type Rows = { moment: { rowCount: number }; blocks(): Iterable<HeadRows>; shape: { headWidth: number } }

/** f . weights - offset of every image that takes part. */
export function scoresAlong(data: Rows, { weights, offset }: HeadDirection): Scores {
  const { headWidth } = data.shape
  return eachRow(data, (attended, start, [perScale, meanPerScale, perNorm]) => {
    let sum = weights[headWidth]!
    for (let i = 0; i < headWidth; i++) sum += attended[start + i]! * weights[i]!
    return sum * perScale + weights[headWidth + 1]! * meanPerScale + weights[headWidth + 2]! * perNorm - offset
  })
}

/** |rest of r - mean(r)| of every image that takes part. */
export function residualLengths(data: Rows, { root, mean }: Residual): Scores {
  const { headWidth } = data.shape
  const q = headWidth + 3
  const rank = root.length / q
  const centred = new Float64Array(q)
  return eachRow(data, (attended, start, tail) => {
    for (let i = 0; i < headWidth; i++) centred[i] = attended[start + i]! * tail[0] - mean[i]!
    for (let i = 0; i < 3; i++) centred[headWidth + i] = tail[i]! - mean[headWidth + i]!
    let squares = 0
    for (let row = 0; row < rank; row++) {
      let sum = 0
      for (let i = 0; i < q; i++) sum += root[row * q + i]! * centred[i]!
      squares += sum * sum
    }
    return Math.sqrt(squares)
  })
}

function eachRow(
  { moment, blocks, shape }: Rows,
  scoreOf: (attended: Float32Array, start: number, tail: [number, number, number]) => number,
): Scores {
  const ordinals = new Int32Array(moment.rowCount)
  const scores = new Float64Array(moment.rowCount)
  let at = 0
  for (const block of blocks()) {
    for (const row of block.rows) {
      ordinals[at] = block.ordinals[row]!
      scores[at++] = scoreOf(block.attended, row * shape.headWidth, scalarCoordinates(block.scalars, row))
    }
  }
  return { ordinals, scores }
}
