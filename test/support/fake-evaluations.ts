/** Evaluations of segmentation as the engine tells them, for tests of the page. */
import type { Evaluation, ImageScore, SegmentMethod } from '../../src/contract/segment.ts'

type Some = { id: number; jobId?: number; method?: SegmentMethod }

/** Scores of the decomposition on the sample: golden/segmentation.json. */
export function evaluation({ id, jobId = 1, method = 'decomposition' }: Some): Evaluation {
  return {
    id,
    jobId,
    modelId: 1,
    modelName: 'sample',
    modelHash: 'a'.repeat(64),
    dataSetId: 2,
    dataSetName: 'segmentation',
    dataSetHash: 'b'.repeat(64),
    groundTruthHash: 'c'.repeat(64),
    task: { classes: ['duck', 'owl'], templates: ['a photo of a {}'] },
    filter: {},
    settings: { method, protocol: 'as-published', target: { kind: 'predicted' }, headsNote: '' },
    provider: 'cpu',
    images: 60,
    skipped: 0,
    total: 60,
    isComplete: true,
    scores: {
      images: 60,
      pixelAccuracy: 0.80968,
      meanIou: 0.531371,
      foregroundIou: 0.3,
      backgroundIou: 0.762742,
      meanAp: 0.881236,
      intervals: { pixelAccuracy: [0.79, 0.83], meanIou: [0.5, 0.56], meanAp: [0.86, 0.9] },
    },
    scoresWhenRight: null,
    scoresWhenWrong: null,
    programVersion: 'test',
    createdMs: 1_700_000_000_000,
  }
}

/** Worst first: image `at` of 4 x 4 pixels. */
export function imageScore(at: number, change: Partial<ImageScore> = {}): ImageScore {
  return {
    id: 100 + at,
    ordinal: at,
    path: `#${at}`,
    label: null,
    split: null,
    pixelAccuracy: 0.5,
    iou: 0.1 + at / 10,
    foregroundIou: 0.1,
    averagePrecision: 0.7,
    truePositives: 4,
    falsePositives: 4,
    falseNegatives: 4,
    trueNegatives: 4,
    predictedClass: 'owl',
    trueClass: null,
    difference: null,
    flags: [],
    ...change,
  }
}
