/** Scales between a measure and a colour map, with the range that a legend shows. */
export type Scale = {
  from: number
  to: number
  isLog: boolean
  /** 0 to 1; -1 to 1 of a signed scale */
  share: (measured: number) => number
}

/** Above this ratio of largest to smallest a linear scale would show one colour for most heads. */
export const logAboveRatio = 10

/** From the smallest to the largest; by powers of ten where they span more than one. */
export function sequentialScale(measured: readonly number[], { from: fixedFrom }: { from?: number } = {}): Scale {
  if (measured.length === 0) return { from: 0, to: 0, isLog: false, share: () => 0 }
  const least = Math.min(...measured)
  const to = Math.max(...measured)
  const isLog = fixedFrom === undefined && least > 0 && to / least >= logAboveRatio
  const from = fixedFrom ?? least
  if (!(to > from)) return { from, to, isLog: false, share: () => (to > 0 ? 1 : 0) }
  const share = isLog
    ? (value: number) => Math.log(value / from) / Math.log(to / from)
    : (value: number) => (value - from) / (to - from)
  return { from, to, isLog, share }
}

/** Centred on 0, as far on both sides as the measure that lies farthest from it. */
export function signedScale(measured: readonly number[]): Scale {
  const extent = measured.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  return { from: -extent, to: extent, isLog: false, share: (value) => (extent > 0 ? value / extent : 0) }
}
