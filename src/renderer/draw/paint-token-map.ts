/**
 * A token map over a small picture. Red adds to the score and blue takes from it, as in the diverging map; the
 * strongest patch covers most and 0 is clear, so that the picture stays visible where the head does nothing.
 */
import { divergingColor } from './color-map.ts'
import { enlarged, type PatchGrid } from './token-map.ts'

/** Enough for a thumbnail; the browser enlarges the rest. */
const sidePx = 96
const strongestAlpha = 0.85

const levelsOf = (color: string) => (color.match(/\d+/g) ?? []).map(Number)
/** Short of the ends, which are as dark as shadows in a picture. */
const endShare = 0.8
const ends = [levelsOf(divergingColor(-endShare)), levelsOf(divergingColor(endShare))] as const

/** @returns red, green, blue, alpha of every pixel, [side, side, 4] */
export function overlayPixels(grid: PatchGrid, side = sidePx): Uint8ClampedArray<ArrayBuffer> {
  const scores = enlarged(grid, side, side, 'bilinear')
  const extent = Array.from(grid.patches).reduce((largest, score) => Math.max(largest, Math.abs(score)), 0)
  const pixels = new Uint8ClampedArray(scores.length * 4)
  for (let at = 0; at < scores.length; at++) {
    const share = extent > 0 ? scores[at]! / extent : 0
    pixels.set([...ends[share < 0 ? 0 : 1], 255 * strongestAlpha * Math.abs(share)], at * 4)
  }
  return pixels
}

export function paintTokenMap(canvas: HTMLCanvasElement, grid: PatchGrid): void {
  canvas.width = sidePx
  canvas.height = sidePx
  const context = canvas.getContext('2d')
  context?.putImageData(new ImageData(overlayPixels(grid), sidePx, sidePx), 0, 0)
}
