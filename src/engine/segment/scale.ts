/** From values on the patch grid to a map of the input's size in 0..1 (spec 6). */
import { upsample } from './upsample.ts'

export type ScaledMap = {
  /** [S, S], 0..1, row by row */
  map: Float32Array<ArrayBuffer>
  /** no value above the minimum: the map is all 0 */
  isConstant: boolean
  /** over all pixels, the published threshold */
  mean: number
}

/**
 * Enlarges, clips below at 0, then shifts and stretches to 0..1, in this order.
 * @param patches [rows x columns], row by row
 */
export function scaledMap(
  patches: ArrayLike<number>,
  gridRows: number,
  gridColumns: number,
  sizePx: number,
): ScaledMap {
  const clipped = upsample(patches, gridRows, gridColumns, sizePx).map((value) => Math.max(0, value))
  let [lowest, highest] = [Infinity, -Infinity]
  for (const value of clipped) {
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
  }
  const map = new Float32Array(clipped.length)
  // A map with a value that is no number is as good as none.
  if (!(highest > lowest)) return { map, isConstant: true, mean: 0 }
  let sum = 0
  for (let at = 0; at < map.length; at++) {
    map[at] = (clipped[at]! - lowest) / (highest - lowest)
    sum += map[at]!
  }
  return { map, isConstant: false, mean: sum / map.length }
}
