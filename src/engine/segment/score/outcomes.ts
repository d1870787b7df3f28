/** Scores apart for images that the model classifies rightly and wrongly, so that errors of the map are told from others. */
import type { SegmentScores } from '../../../contract/segment.ts'
import { type ScoredPixels, setScores } from './set-scores.ts'

export type ClassifiedPixels = ScoredPixels & { predictedClass: string | null; trueClass: string | null }

/** @param images in the order of the data set; images whose true class is not known count in `scores` alone */
export function scoresByOutcome(images: ClassifiedPixels[]): {
  scores: SegmentScores | null
  scoresWhenRight: SegmentScores | null
  scoresWhenWrong: SegmentScores | null
} {
  const known = images.filter(({ trueClass }) => trueClass !== null)
  return {
    scores: setScores(images),
    scoresWhenRight: setScores(known.filter(({ predictedClass, trueClass }) => predictedClass === trueClass)),
    scoresWhenWrong: setScores(known.filter(({ predictedClass, trueClass }) => predictedClass !== trueClass)),
  }
}

/** By true class where there is one, else by predicted class; most images first, then by name. */
export function scoresByClass(images: ClassifiedPixels[]): { name: string; scores: SegmentScores }[] {
  const groups = Map.groupBy(images, ({ trueClass, predictedClass }) => trueClass ?? predictedClass ?? '')
  return [...groups]
    .map(([name, ofClass]) => ({ name, scores: setScores(ofClass)! }))
    .sort((a, b) => b.scores.images - a.scores.images || (a.name < b.name ? -1 : 1))
}
