/** What a map's pixels are against the truth, of one image. */
import { averagePrecision } from './average-precision.ts'
import type { ScaledMap } from '../scale.ts'

/** Of the foreground; counts of pixels at the input resolution. */
export type PixelCounts = {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  trueNegatives: number
}

/** Thresholds 0, 0.01, ... 1. */
export const thresholdCount = 101

/** Pixels of each true class by value of the map, [101]: bin b holds those above exactly b thresholds. */
export type ValueBins = { foreground: Int32Array; background: Int32Array }

export type ImageScores = PixelCounts & { averagePrecision: number; bins: ValueBins }

/** The published threshold is the map's own mean. */
export function thresholdOf({ mean }: Pick<ScaledMap, 'mean'>, chosen: number | undefined): number {
  return chosen ?? mean
}

/** @param truth [S, S], 0 or 1 */
export function scoreMap(scaled: ScaledMap, truth: Uint8Array, chosenThreshold: number | undefined): ImageScores {
  const { map, isConstant } = scaled
  return {
    ...countPixels(map, truth, thresholdOf(scaled, chosenThreshold)),
    averagePrecision: averagePrecision(map, isConstant, truth),
    bins: binValues(map, truth),
  }
}

/** Foreground is what lies above the threshold. */
export function countPixels(map: Float32Array, truth: Uint8Array, threshold: number): PixelCounts {
  let [truePositives, falsePositives, foreground] = [0, 0, 0]
  for (let at = 0; at < map.length; at++) {
    const isForeground = truth[at]!
    foreground += isForeground
    if (!(map[at]! > threshold)) continue
    if (isForeground === 1) truePositives++
    else falsePositives++
  }
  const falseNegatives = foreground - truePositives
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives: map.length - foreground - falsePositives,
  }
}

export function binValues(map: Float32Array, truth: Uint8Array): ValueBins {
  const bins: ValueBins = { foreground: new Int32Array(thresholdCount), background: new Int32Array(thresholdCount) }
  for (let at = 0; at < map.length; at++) {
    const ofClass = truth[at] === 1 ? bins.foreground : bins.background
    ofClass[thresholdsBelow(map[at]!)]!++
  }
  return bins
}

/** How many of the thresholds k / 100 a value of 0..1 is above. */
function thresholdsBelow(value: number): number {
  let count = Math.max(0, Math.min(thresholdCount - 1, Math.ceil(value * 100)))
  // The product may round across a threshold.
  while (count > 0 && !(value > (count - 1) / 100)) count--
  while (count < thresholdCount - 1 && value > count / 100) count++
  return count
}

export type Curve = { precision: Float32Array<ArrayBuffer>; recall: Float32Array<ArrayBuffer> }

/**
 * Precision and recall of the foreground above each threshold, from 1 down to 0. Precision is 1 where nothing is
 * above, recall is 1 where there is no foreground.
 */
export function precisionRecall({ foreground, background }: Record<keyof ValueBins, Int32Array | Float64Array>): Curve {
  const precision = new Float32Array(thresholdCount)
  const recall = new Float32Array(thresholdCount)
  let total = 0
  for (const count of foreground) total += count
  let [truePositives, falsePositives] = [0, 0]
  for (let at = 0; at < thresholdCount; at++) {
    const found = truePositives + falsePositives
    precision[at] = found === 0 ? 1 : truePositives / found
    recall[at] = total === 0 ? 1 : truePositives / total
    const bin = thresholdCount - 1 - at
    truePositives += foreground[bin]!
    falsePositives += background[bin]!
  }
  return { precision, recall }
}
