/**
 * Fills polygons as COCO does: the boundary is walked on a grid five times as fine, and each crossing of a pixel
 * column's centre turns background into foreground and back.
 * Source: cocoapi, common/maskApi.c (BSD licence), rleFrPoly.
 */
import type { Mask } from './mask.ts'

const fineness = 5

/** Adds a polygon's inside to a mask. @param corners x, y, x, y, ... in pixels, at least three corners */
export function addPolygonInPlace({ widthPx, heightPx, foreground }: Mask, corners: number[]): void {
  const boundary = walk(corners)
  const isTurn = new Uint8Array(widthPx * heightPx + 1)
  for (let at = 1; at < boundary.x.length; at++) {
    const place = crossing(boundary, at, widthPx, heightPx)
    if (place !== undefined) isTurn[place]! ^= 1
  }
  let isInside = 0
  for (let at = 0; at < widthPx * heightPx; at++) {
    isInside ^= isTurn[at]!
    if (isInside) foreground[(at % heightPx) * widthPx + Math.floor(at / heightPx)] = 1
  }
}

type Boundary = { x: number[]; y: number[] }

/** Every fine grid point along the boundary, side by side. */
function walk(corners: number[]): Boundary {
  const fine = corners.map((length) => Math.trunc(fineness * length + 0.5))
  const boundary: Boundary = { x: [], y: [] }
  for (let at = 0; at < fine.length; at += 2) {
    const next = (at + 2) % fine.length
    addSideInPlace(boundary, fine[at]!, fine[at + 1]!, fine[next]!, fine[next + 1]!)
  }
  return boundary
}

function addSideInPlace({ x, y }: Boundary, fromX: number, fromY: number, toX: number, toY: number): void {
  const width = Math.abs(toX - fromX)
  const height = Math.abs(toY - fromY)
  const isFlat = width >= height
  const isFlipped = isFlat ? fromX > toX : fromY > toY
  const [startX, startY, endX, endY] = isFlipped ? [toX, toY, fromX, fromY] : [fromX, fromY, toX, toY]
  const steps = isFlat ? width : height
  const slope = steps === 0 ? 0 : (isFlat ? endY - startY : endX - startX) / steps
  for (let step = 0; step <= steps; step++) {
    const t = isFlipped ? steps - step : step
    x.push(isFlat ? startX + t : Math.trunc(startX + slope * t + 0.5))
    y.push(isFlat ? Math.trunc(startY + slope * t + 0.5) : startY + t)
  }
}

/** Where the step to point `at` crosses a column's centre: the place in the mask, column by column. */
function crossing({ x, y }: Boundary, at: number, widthPx: number, heightPx: number): number | undefined {
  if (x[at] === x[at - 1]) return undefined
  const column = ((x[at]! < x[at - 1]! ? x[at]! : x[at]! - 1) + 0.5) / fineness - 0.5
  if (!Number.isInteger(column) || column < 0 || column > widthPx - 1) return undefined
  const exact = (Math.min(y[at]!, y[at - 1]!) + 0.5) / fineness - 0.5
  return column * heightPx + Math.ceil(Math.min(heightPx, Math.max(0, exact)))
}
