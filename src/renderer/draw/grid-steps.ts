/** Where a key leads in a grid that is filled row by row. */
export type GridShape = { total: number; columns: number; rowsInSight: number }

/** @param at the chosen place, -1 for none
 *  @returns the next place, or undefined when the key does not walk */
export function stepTo(key: string, at: number, { total, columns, rowsInSight }: GridShape): number | undefined {
  const last = total - 1
  const page = columns * Math.max(1, rowsInSight - 1)
  // Down from the last full row goes to the end; up from the first row stays.
  const steps: Record<string, () => number> = {
    ArrowRight: () => Math.min(last, at + 1),
    ArrowLeft: () => Math.max(0, at - 1),
    ArrowDown: () => (at < 0 ? 0 : Math.min(last, at + columns)),
    ArrowUp: () => (at < columns ? Math.max(0, at) : at - columns),
    PageDown: () => (at < 0 ? 0 : Math.min(last, at + page)),
    PageUp: () => Math.max(0, at - page),
    Home: () => 0,
    End: () => last,
  }
  return Object.hasOwn(steps, key) ? steps[key]!() : undefined
}
