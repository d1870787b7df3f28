/**
 * A sequential colour map that is even to the eye, dark to light: eleven stops of viridis (van der Walt and Smith,
 * 2015), linear in between.
 */
const stops = [
  [68, 1, 84],
  [72, 36, 117],
  [65, 68, 135],
  [53, 95, 141],
  [42, 120, 142],
  [33, 145, 140],
  [34, 168, 132],
  [68, 191, 112],
  [122, 209, 81],
  [189, 223, 38],
  [253, 231, 37],
] as const

/** @param share 0 to 1; what lies outside takes the end's colour */
export function sequentialColor(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1)
  const below = stops[Math.floor(at)]!
  const above = stops[Math.ceil(at)]!
  const part = at - Math.floor(at)
  const mixed = below.map((level, channel) => Math.round(level + (above[channel]! - level) * part))
  return `rgb(${mixed.join(' ')})`
}
