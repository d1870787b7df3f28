/** Bilinear enlargement as PyTorch's `interpolate(mode='bilinear', align_corners=False)` does it. */

/**
 * Pixel y lies at (y + 1/2) rows / S - 1/2 on the grid, not below 0; between two rows it is their weighted mean, and
 * past the last row it is the last.
 * @param patches [rows, columns]
 * @returns       [S, S]
 */
export function upsample(patches: ArrayLike<number>, rows: number, columns: number, sizePx: number): Float64Array {
  const vertical = gridPlaces(rows, sizePx)
  const horizontal = gridPlaces(columns, sizePx)
  const map = new Float64Array(sizePx * sizePx)
  for (let y = 0; y < sizePx; y++) {
    const { before: above, after: below, share: down } = vertical[y]!
    for (let x = 0; x < sizePx; x++) {
      const { before: left, after: right, share: across } = horizontal[x]!
      const at = (row: number, column: number) => patches[row * columns + column]!
      const upper = at(above, left) * (1 - across) + at(above, right) * across
      const lower = at(below, left) * (1 - across) + at(below, right) * across
      map[y * sizePx + x] = upper * (1 - down) + lower * down
    }
  }
  return map
}

type GridPlace = { before: number; after: number; share: number }

function gridPlaces(cells: number, sizePx: number): GridPlace[] {
  return Array.from({ length: sizePx }, (_, pixel) => {
    const place = Math.max(0, ((pixel + 0.5) * cells) / sizePx - 0.5)
    const before = Math.min(Math.floor(place), cells - 1)
    return { before, after: Math.min(before + 1, cells - 1), share: place - before }
  })
}
