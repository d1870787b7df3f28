/** Evaluations as tables and figures to hand on, with the lines that say where they come from. Scores are unrounded fractions. */
import type { Evaluation, ImageScore, SegmentScores } from '../../contract/segment.ts'
import { type ChartColors, chartBase, type ChartOption } from '../draw/charts.ts'
import type { CsvTable } from '../draw/csv.ts'
import { filterWords } from '../draw/provenance.ts'
import {
  evaluationTitle,
  headList,
  methodTitles,
  protocolTitles,
  targetWords,
  thresholdWords,
  truthWords,
} from './words.ts'

export type Curve = { precision: ArrayLike<number>; recall: ArrayLike<number> }

/** Hashes whole: these lines go into files that programs read. */
export function evaluationProvenance(evaluation: Evaluation): string[] {
  const { settings, images, skipped, total } = evaluation
  return [
    `Evaluation: ${evaluation.id}`,
    ...methodLines(evaluation),
    `Target: ${targetWords(settings.target)}`,
    `Threshold: ${thresholdWords(settings)}`,
    ...originLines(evaluation),
    `Images: ${images} of ${total}, ${skipped} left out, ${filterWords(evaluation.filter)}`,
    ...(evaluation.scores && evaluation.scores.images !== images
      ? [`Images in the scores: ${evaluation.scores.images}, as many as were there when they were last worked out`]
      : []),
    'Scores: pixel accuracy and IoU over all pixels of the set, average precision as a mean over images',
    'Intervals: 95 % percentile, 1,000 bootstrap draws over images, seed 1',
    `Computed on: ${evaluation.provider}`,
    `Program: Headwise ${evaluation.programVersion}`,
    `Made: ${new Date(evaluation.createdMs).toISOString()}`,
  ]
}

export type ShownMap = {
  /** of the image */
  path: string
  /** what the map was made for, as the engine says it */
  targetText: string
  /** of the slider */
  threshold: number
  /** the slider stands elsewhere than the evaluation has it */
  isTried: boolean
  /** of the masks that the map was held against, which may have been linked anew since; null without any */
  groundTruthHash: string | null
  programVersion: string
}

/** One image's map as it is on the screen, which may have another target or threshold than its evaluation. */
export function mapProvenance(evaluation: Evaluation, map: ShownMap): string[] {
  const { settings } = evaluation
  const ofMap = map.isTried ? 'chosen by hand' : thresholdWords(settings)
  return [
    `Image: ${map.path}`,
    ...methodLines(evaluation),
    `Target: ${map.targetText}`,
    `Threshold: ${map.threshold.toFixed(4)} (${ofMap})`,
    ...originLines({ ...evaluation, groundTruthHash: map.groundTruthHash ?? 'no ground truth' }),
    'Computed: anew from the image',
    `Program: Headwise ${map.programVersion}`,
  ]
}

function methodLines({ settings }: Evaluation): string[] {
  const heads = settings.heads === undefined ? 'all' : headList(settings.heads)
  const note = settings.headsNote === '' ? '' : ` (${settings.headsNote})`
  return [
    `Method: ${methodTitles[settings.method]}`,
    `Protocol: ${protocolTitles[settings.protocol]}`,
    ...(settings.method === 'decomposition' ? [`Heads: ${heads}${note}`] : []),
  ]
}

const mostClasses = 20

function originLines({ task, ...evaluation }: Evaluation): string[] {
  const classes = `${task.classes.slice(0, mostClasses).join(', ')}${task.classes.length > mostClasses ? ', …' : ''}`
  return [
    `Model: ${evaluation.modelName}`,
    `Model hash: ${evaluation.modelHash}`,
    `Data set: ${evaluation.dataSetName}`,
    `Data set hash: ${evaluation.dataSetHash}`,
    `Ground truth hash: ${evaluation.groundTruthHash}`,
    `Classes: ${task.classes.length}: ${classes}`,
    `True class: ${truthWords(task)}`,
    `Templates: ${task.templates.join(' | ')}`,
  ]
}

const scoreColumns = ['pixel_accuracy', 'mean_iou', 'foreground_iou', 'background_iou', 'mean_ap']

function scoreCells(scores: SegmentScores | null): (number | null)[] {
  if (!scores) return scoreColumns.map(() => null)
  return [scores.pixelAccuracy, scores.meanIou, scores.foregroundIou, scores.backgroundIou, scores.meanAp]
}

/** One row an evaluation, like the paper's table, with everything that makes it what it is. */
export function evaluationsTable(evaluations: readonly Evaluation[]): CsvTable {
  const intervals = ['pixel_accuracy', 'mean_iou', 'mean_ap'].flatMap((name) => [`${name}_low`, `${name}_high`])
  return {
    columns: [
      ...['evaluation', 'method', 'protocol', 'target', 'heads', 'heads_note', 'threshold'],
      ...['images', 'left_out', 'asked_for', 'complete', 'images_in_scores', ...scoreColumns, ...intervals],
      ...['right_images', 'right_mean_iou', 'wrong_images', 'wrong_mean_iou'],
      ...[
        'data_set',
        'data_set_hash',
        'ground_truth_hash',
        'model',
        'model_hash',
        'classes',
        'templates',
        'true_class_of',
        'filter',
      ],
      ...['provider', 'program_version', 'made'],
    ],
    rows: evaluations.map((own) => [
      own.id,
      own.settings.method,
      own.settings.protocol,
      targetWords(own.settings.target),
      own.settings.method !== 'decomposition' ? null : own.settings.heads ? headList(own.settings.heads) : 'all',
      own.settings.headsNote,
      thresholdWords(own.settings),
      own.images,
      own.skipped,
      own.total,
      own.isComplete ? 'yes' : 'no',
      own.scores?.images ?? null,
      ...scoreCells(own.scores),
      ...(own.scores
        ? [own.scores.intervals.pixelAccuracy, own.scores.intervals.meanIou, own.scores.intervals.meanAp].flat()
        : intervals.map(() => null)),
      own.scoresWhenRight?.images ?? null,
      own.scoresWhenRight?.meanIou ?? null,
      own.scoresWhenWrong?.images ?? null,
      own.scoresWhenWrong?.meanIou ?? null,
      own.dataSetName,
      own.dataSetHash,
      own.groundTruthHash,
      own.modelName,
      own.modelHash,
      own.task.classes.join('; '),
      own.task.templates.join('; '),
      truthWords(own.task),
      filterWords(own.filter),
      own.provider,
      own.programVersion,
      new Date(own.createdMs).toISOString(),
    ]),
  }
}

export function classesTable(classes: { name: string; scores: SegmentScores }[]): CsvTable {
  return {
    columns: ['class', 'images', ...scoreColumns],
    rows: classes.map(({ name, scores }) => [name, scores.images, ...scoreCells(scores)]),
  }
}

export function imagesTable(images: readonly ImageScore[]): CsvTable {
  return {
    columns: [
      ...['ordinal', 'path', 'pixel_accuracy', 'iou', 'foreground_iou', 'average_precision', 'true_positives'],
      ...[
        'false_positives',
        'false_negatives',
        'true_negatives',
        'predicted_class',
        'true_class',
        'difference',
        'flags',
      ],
    ],
    rows: images.map((image) => [
      image.ordinal,
      image.path,
      image.pixelAccuracy,
      image.iou,
      image.foregroundIou,
      image.averagePrecision,
      image.truePositives,
      image.falsePositives,
      image.falseNegatives,
      image.trueNegatives,
      image.predictedClass,
      image.trueClass,
      image.difference,
      image.flags.join('; '),
    ]),
  }
}

/** At 101 thresholds from 1 down to 0. */
export function curveTable({ precision, recall }: Curve): CsvTable {
  const rows = Array.from({ length: precision.length }, (_, at) => [
    Number((1 - at / (precision.length - 1)).toFixed(2)),
    precision[at]!,
    recall[at]!,
  ])
  return { columns: ['threshold', 'precision', 'recall'], rows }
}

/** After Okabe and Ito, told apart by colour-blind eyes, on white and on black; dashes tell them apart besides. The first is the accent. */
const lineColors = ['#d55e00', '#009e73', '#b0609a', '#8a7500', '#4a90c4', '#6b6b6b']
const lineDashes = ['solid', [6, 3], [2, 3], [8, 3, 2, 3], [10, 4]] as const

export type NamedCurve = { name: string; curve: Curve }

/** @param point the place of a threshold, marked on the first curve */
export function curveFigure(
  curves: readonly NamedCurve[],
  point?: { precision: number; recall: number },
): (colors: ChartColors) => ChartOption {
  return (colors) => {
    const { axis, grid, ...base } = chartBase(colors)
    const hasLegend = curves.length > 1
    const share = { ...axis, type: 'value', min: 0, max: 1, interval: 0.25 }
    return {
      ...base,
      grid: { ...grid, top: hasLegend ? 8 + 13 * curves.length : 10, bottom: 18, left: 18 },
      tooltip: { trigger: 'item', formatter: undefined, valueFormatter: (own: number) => Number(own).toFixed(3) },
      legend: hasLegend
        ? {
            orient: 'vertical',
            left: 0,
            top: 0,
            itemGap: 2,
            itemHeight: 10,
            itemWidth: 26,
            textStyle: { color: colors.text, fontSize: 11 },
            data: curves.map(({ name }) => name),
          }
        : undefined,
      xAxis: { ...share, name: 'recall', nameLocation: 'middle', nameGap: 20 },
      yAxis: { ...share, name: 'precision', nameLocation: 'middle', nameGap: 30 },
      series: [
        ...curves.map(({ name, curve }, at) => ({
          type: 'line',
          name,
          showSymbol: false,
          data: Array.from({ length: curve.recall.length }, (_, step) => [curve.recall[step]!, curve.precision[step]!]),
          lineStyle: { width: 1.5, type: lineDashes[at % lineDashes.length] },
          itemStyle: { color: at === 0 ? colors.accent : lineColors[(at - 1) % lineColors.length] },
        })),
        ...(point
          ? [
              {
                type: 'scatter',
                symbolSize: 9,
                data: [[point.recall, point.precision]],
                itemStyle: { color: colors.warn, borderColor: colors.ground, borderWidth: 1 },
                z: 5,
              },
            ]
          : []),
      ],
    }
  }
}

/** Names tell evaluations apart even where titles are equal. */
export function curveNames(evaluations: readonly Evaluation[]): string[] {
  const titles = evaluations.map(evaluationTitle)
  return titles.map((title, at) =>
    titles.filter((other) => other === title).length > 1 ? `${title} (${evaluations[at]!.id})` : title,
  )
}
