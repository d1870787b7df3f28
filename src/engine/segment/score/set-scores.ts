/**
 * Scores over a set of images (spec 6): pixel accuracy and IoU from pixels added up over the set, average precision as
 * the mean over images, and how much each would vary with other images: 95 % percentile intervals of a bootstrap.
 */
import type { SegmentScores } from '../../../contract/segment.ts'
import type { PixelCounts } from './pixels.ts'
import { seededRandom } from './random.ts'

export type ScoredPixels = PixelCounts & { averagePrecision: number }

type Measures = Pick<SegmentScores, 'pixelAccuracy' | 'meanIou' | 'foregroundIou' | 'backgroundIou'>

/** IoU of a class that is neither predicted nor there is 1. */
export function measuresOf({ truePositives, falsePositives, falseNegatives, trueNegatives }: PixelCounts): Measures {
  const wrong = falsePositives + falseNegatives
  const foregroundIou = truePositives + wrong === 0 ? 1 : truePositives / (truePositives + wrong)
  const backgroundIou = trueNegatives + wrong === 0 ? 1 : trueNegatives / (trueNegatives + wrong)
  return {
    pixelAccuracy: (truePositives + trueNegatives) / (truePositives + trueNegatives + wrong),
    meanIou: (foregroundIou + backgroundIou) / 2,
    foregroundIou,
    backgroundIou,
  }
}

const draws = 1000
const seed = 1

/** @returns null for no image at all */
export function setScores(images: ScoredPixels[]): SegmentScores | null {
  const n = images.length
  if (n === 0) return null
  const columns = columnsOf(images)
  const all = Int32Array.from({ length: n }, (_, at) => at)
  const own = { ...measured(columns, all), images: n }
  const samples = {
    pixelAccuracy: new Float64Array(draws),
    meanIou: new Float64Array(draws),
    meanAp: new Float64Array(draws),
  }
  const random = seededRandom(seed)
  const drawn = new Int32Array(n)
  for (let draw = 0; draw < draws; draw++) {
    for (let at = 0; at < n; at++) drawn[at] = Math.floor(random() * n)
    const of = measured(columns, drawn)
    samples.pixelAccuracy[draw] = of.pixelAccuracy
    samples.meanIou[draw] = of.meanIou
    samples.meanAp[draw] = of.meanAp
  }
  const { pixelAccuracy, meanIou, meanAp } = samples
  return {
    ...own,
    intervals: { pixelAccuracy: interval(pixelAccuracy), meanIou: interval(meanIou), meanAp: interval(meanAp) },
  }
}

type Columns = Record<keyof ScoredPixels, Float64Array>

function columnsOf(images: ScoredPixels[]): Columns {
  const column = (name: keyof ScoredPixels) => Float64Array.from(images, (image) => image[name])
  return {
    truePositives: column('truePositives'),
    falsePositives: column('falsePositives'),
    falseNegatives: column('falseNegatives'),
    trueNegatives: column('trueNegatives'),
    averagePrecision: column('averagePrecision'),
  }
}

function measured(columns: Columns, chosen: Int32Array): Measures & { meanAp: number } {
  const sums = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
  let precision = 0
  for (const at of chosen) {
    sums.truePositives += columns.truePositives[at]!
    sums.falsePositives += columns.falsePositives[at]!
    sums.falseNegatives += columns.falseNegatives[at]!
    sums.trueNegatives += columns.trueNegatives[at]!
    precision += columns.averagePrecision[at]!
  }
  return { ...measuresOf(sums), meanAp: Math.min(1, precision / chosen.length) }
}

/** The 2.5th and 97.5th percentile, linear between neighbours. */
function interval(samples: Float64Array): [number, number] {
  const sorted = samples.sort()
  const percentile = (share: number) => {
    const place = share * (sorted.length - 1)
    const low = Math.floor(place)
    const high = Math.min(sorted.length - 1, low + 1)
    return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!)
  }
  return [percentile(0.025), percentile(0.975)]
}
