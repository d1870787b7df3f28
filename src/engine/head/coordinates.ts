/** Coordinates of all heads of a layer about their means, for products in float32 that lose no digits to the mean. */
import { coordinateCount, type HeadShape, scalarCoordinates } from '../decompose/index.ts'

/**
 * @param attended [rows of the block, D]
 * @param scalars  [rows of the block, 3]
 * @param rows     which rows take part
 * @param mean     [H, q]
 * @returns        f - mean(f) of every head, [H, rows, q]
 */
export function centredCoordinates(
  attended: Float32Array,
  scalars: Float32Array,
  rows: Int32Array,
  mean: Float64Array,
  shape: HeadShape,
): Float32Array {
  const { heads, headWidth } = shape
  const q = coordinateCount(shape)
  const coordinates = new Float32Array(heads * rows.length * q)
  rows.forEach((row, at) => {
    const tail = scalarCoordinates(scalars, row)
    const perScale = tail[0]
    for (let head = 0; head < heads; head++) {
      const from = (row * heads + head) * headWidth
      const to = (head * rows.length + at) * q
      const centre = head * q
      for (let i = 0; i < headWidth; i++) coordinates[to + i] = attended[from + i]! * perScale - mean[centre + i]!
      for (let i = 0; i < 3; i++) coordinates[to + headWidth + i] = tail[i]! - mean[centre + headWidth + i]!
    }
  })
  return coordinates
}
