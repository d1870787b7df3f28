/** What lies over the picture of a segmented image. */
import type { PixelCounts } from './pixels.ts'
import { falseColors, maskColor } from './pixels.ts'

export const overlays = ['colors', 'heat', 'none'] as const
export type Overlay = (typeof overlays)[number]

export const overlayTitles: Record<Overlay, string> = {
  colors: 'right and wrong',
  heat: 'heat map',
  none: 'no overlay',
}

export function nextOverlay(now: Overlay): Overlay {
  return overlays[(overlays.indexOf(now) + 1) % overlays.length]!
}

export type LegendKey = { color: string | undefined; title: string; pixels: number; share: number }

/** The four kinds of pixels, in the order in which a person reads them. */
export function legendOf(counts: PixelCounts): LegendKey[] {
  const all = counts.truePositives + counts.falsePositives + counts.falseNegatives + counts.trueNegatives
  const key = (color: string | undefined, title: string, pixels: number) => ({
    color,
    title,
    pixels,
    share: all === 0 ? 0 : pixels / all,
  })
  return [
    key(falseColors.truePositives, 'found', counts.truePositives),
    key(falseColors.falsePositives, 'background taken', counts.falsePositives),
    key(falseColors.falseNegatives, 'missed', counts.falseNegatives),
    key(undefined, 'background', counts.trueNegatives),
  ]
}

/** Without ground truth. */
export function maskLegend(pixels: number, shareAbove: number): LegendKey[] {
  return [{ color: maskColor, title: 'above the threshold', pixels, share: shareAbove }]
}
