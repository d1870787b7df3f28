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
  return mixedColor(stops, share)
}

type Stop = readonly [number, number, number]

function mixedColor(between: readonly Stop[], share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (between.length - 1)
  const below = between[Math.floor(at)]!
  const above = between[Math.ceil(at)]!
  const part = at - Math.floor(at)
  const mixed = below.map((level, channel) => Math.round(level + (above[channel]! - level) * part))
  // With commas: the charts' canvas takes the newer form with spaces for black.
  return `rgb(${mixed.join(', ')})`
}

/** Blue to white to red through grey, even to the eye on both sides (after Brewer's RdBu); signed measures, centred on 0. */
const signedStops = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
] as const

/** @param share -1 to 1; what lies outside takes the end's colour */
export function divergingColor(share: number): string {
  return mixedColor(signedStops, (share + 1) / 2)
}
