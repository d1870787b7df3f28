/**
 * One image's map against its ground truth, pixel by pixel: what moves when the threshold moves. Maps and masks are
 * [S, S], row by row; a map has values from 0 to 1, a mask 0 for background and 1 for foreground.
 */

/** The positive class is the foreground. */
export type PixelCounts = {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

/** Foreground is what lies above the threshold, not on it (spec 6). */
export function countPixels(map: ArrayLike<number>, truth: ArrayLike<number>, threshold: number): PixelCounts {
  let truePositives = 0
  let foreground = 0
  let predicted = 0
  for (let at = 0; at < map.length; at++) {
    const isPredicted = map[at]! > threshold ? 1 : 0
    predicted += isPredicted
    foreground += truth[at]!
    truePositives += isPredicted & truth[at]!
  }
  const falsePositives = predicted - truePositives
  const falseNegatives = foreground - truePositives
  const trueNegatives = map.length - truePositives - falsePositives - falseNegatives
  return { truePositives, falsePositives, falseNegatives, trueNegatives }
}

export type PixelScores = {
  pixelAccuracy: number
  foregroundIou: number
  backgroundIou: number
  /** mean of both */
  iou: number
  /** of the foreground; 1 where nothing was predicted */
  precision: number
  /** of the foreground; 1 where there is none */
  recall: number
}

/** As the engine has it: the IoU of a class that is neither predicted nor there is 1. */
export function scoresOf(counts: PixelCounts): PixelScores {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = counts
  const wrong = falsePositives + falseNegatives
  const foregroundIou = part(truePositives, truePositives + wrong)
  const backgroundIou = part(trueNegatives, trueNegatives + wrong)
  return {
    pixelAccuracy: part(truePositives + trueNegatives, truePositives + trueNegatives + wrong),
    foregroundIou,
    backgroundIou,
    iou: (foregroundIou + backgroundIou) / 2,
    precision: part(truePositives, truePositives + falsePositives),
    recall: part(truePositives, truePositives + falseNegatives),
  }
}

function part(some: number, all: number): number {
  return all === 0 ? 1 : some / all
}

export type MapStatistics = { min: number; max: number; mean: number; shareAbove: number; isConstant: boolean }

export function statisticsOf(map: ArrayLike<number>, threshold: number): MapStatistics {
  let [min, max, sum, above] = [Infinity, -Infinity, 0, 0]
  for (let at = 0; at < map.length; at++) {
    const value = map[at]!
    if (value < min) min = value
    if (value > max) max = value
    if (value > threshold) above++
    sum += value
  }
  return { min, max, mean: sum / map.length, shareAbove: above / map.length, isConstant: !(max > min) }
}

/** Told apart by colour-blind eyes too; the legend names them besides. */
export const falseColors = {
  truePositives: '#0f8b8d',
  falsePositives: '#e08214',
  falseNegatives: '#7b3294',
} as const

const colorTable = [
  [0, 0, 0, 0],
  rgba(falseColors.falseNegatives),
  rgba(falseColors.falsePositives),
  rgba(falseColors.truePositives),
]

/** @returns RGBA; background that is found as such stays clear, so that the picture is seen */
export function paintFalseColors(
  map: ArrayLike<number>,
  truth: ArrayLike<number>,
  threshold: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(map.length * 4)
  for (let at = 0; at < map.length; at++) {
    const kind = (map[at]! > threshold ? 2 : 0) + truth[at]!
    if (kind > 0) paintInPlace(pixels, at, colorTable[kind]!)
  }
  return pixels
}

/** Without ground truth nothing is right or wrong: the predicted foreground in one colour. */
export const maskColor = '#2f7fd1'

export function paintMask(map: ArrayLike<number>, threshold: number): Uint8ClampedArray<ArrayBuffer> {
  const color = rgba(maskColor)
  const pixels = new Uint8ClampedArray(map.length * 4)
  for (let at = 0; at < map.length; at++) if (map[at]! > threshold) paintInPlace(pixels, at, color)
  return pixels
}

function paintInPlace(pixels: Uint8ClampedArray, at: number, color: readonly number[]): void {
  for (let channel = 0; channel < 4; channel++) pixels[at * 4 + channel] = color[channel]!
}

function rgba(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).concat(255)
}

/** @returns the edge of a mask as SVG path data in units of pixels: lines between pixels, joined where they are straight */
export function outlinePath(mask: ArrayLike<number>, sizePx: number): string {
  const lines: string[] = []
  const inside = (x: number, y: number) => x >= 0 && y >= 0 && x < sizePx && y < sizePx && mask[y * sizePx + x] === 1
  for (let edge = 0; edge <= sizePx; edge++) {
    runs(
      sizePx,
      (at) => inside(at, edge) !== inside(at, edge - 1),
      (from, to) => lines.push(`M${from} ${edge}H${to}`),
    )
    runs(
      sizePx,
      (at) => inside(edge, at) !== inside(edge - 1, at),
      (from, to) => lines.push(`M${edge} ${from}V${to}`),
    )
  }
  return lines.join('')
}

function runs(length: number, isOn: (at: number) => boolean, use: (from: number, to: number) => void): void {
  let from = -1
  for (let at = 0; at <= length; at++) {
    const on = at < length && isOn(at)
    if (on && from < 0) from = at
    else if (!on && from >= 0) {
      use(from, at)
      from = -1
    }
  }
}
