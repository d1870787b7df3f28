/** Predictions as a COCO file: one annotation an image, its mask as packed run lengths. */
import type { Mask } from '../truth/mask.ts'
import { compressCounts, encodeRle } from '../truth/rle.ts'

export type CocoImage = { id: number; file_name: string; width: number; height: number }
export type CocoAnnotation = {
  id: number
  image_id: number
  category_id: number
  segmentation: { size: [number, number]; counts: string }
  area: number
  /** x, y, width, height */
  bbox: [number, number, number, number]
  iscrowd: 0
}

/** @returns undefined for a mask without foreground: such an image is listed without annotations */
export function cocoAnnotation(
  mask: Mask,
  places: { id: number; image_id: number; category_id: number },
): CocoAnnotation | undefined {
  const { widthPx, heightPx, foreground } = mask
  let [area, left, top, right, bottom] = [0, widthPx, heightPx, -1, -1]
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if (foreground[y * widthPx + x] !== 1) continue
      area++
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  if (area === 0) return undefined
  const { size, counts } = encodeRle(mask)
  return {
    ...places,
    segmentation: { size, counts: compressCounts(counts) },
    area,
    bbox: [left, top, right - left + 1, bottom - top + 1],
    iscrowd: 0,
  }
}
