/** Methods, protocols, targets and head choices in words, and sentences about one image's map. */
import type {
  Evaluation,
  ImageScore,
  SegmentedImage,
  SegmentMethod,
  SegmentProtocol,
  SegmentTarget,
} from '../../contract/segment.ts'
import { headName } from '../draw/format.ts'
import { formatTerm } from '../explain/words.ts'

export const methodTitles: Record<SegmentMethod, string> = {
  decomposition: 'Decomposition',
  'raw-attention': 'Raw attention',
  rollout: 'Attention rollout',
  gradcam: 'GradCAM',
  'gradient-attention': 'Gradient × attention',
}

export const methodHints: Record<SegmentMethod, string> = {
  decomposition: 'Every patch token’s terms along the text, summed over layers and heads.',
  'raw-attention': 'The class token’s attention in the last layer, averaged over heads. The same for every text.',
  rollout: 'Attention of all layers multiplied, half of it the residual stream. The same for every text.',
  gradcam: 'The last layer’s attention, each head weighted by its gradient.',
  'gradient-attention': 'Gradient times attention through all layers (Chefer et al. 2021).',
}

/** These maps do not depend on a text. */
export const blindMethods: readonly SegmentMethod[] = ['raw-attention', 'rollout']

export const protocolTitles: Record<SegmentProtocol, string> = { 'as-published': 'as published', aligned: 'aligned' }

export const protocolHints: Record<SegmentProtocol, string> = {
  'as-published': 'The mask is squashed to the input size, while the image is resized and centre-cropped.',
  aligned: 'The mask goes through the same resize and crop as the image.',
}

export function targetWords(target: SegmentTarget): string {
  if (target.kind === 'predicted') return 'predicted class'
  if (target.kind === 'true') return 'true class'
  if (target.kind === 'class') return target.name
  return target.minus === undefined ? `“${target.text}”` : `“${target.text}” minus “${target.minus}”`
}

/** Where the true class of an image was read. */
export function truthWords({ attribute }: Evaluation['task']): string {
  return attribute === undefined ? 'label' : `attribute ${attribute}`
}

type Settings = Evaluation['settings']

/** Names at most three heads; only the decomposition has a choice. */
export function headsWords({ method, heads, headsNote }: Settings): string {
  if (method !== 'decomposition') return '–'
  if (heads === undefined) return 'all'
  if (headsNote !== '') return `${headsNote} (${heads.length})`
  return heads.length <= 3 ? headList(heads) : `${headList(heads.slice(0, 2))} + ${heads.length - 2}`
}

export function headList(heads: NonNullable<Settings['heads']>): string {
  return heads.map(({ layer, head }) => headName(layer, head)).join(', ')
}

export function thresholdWords({ threshold }: Settings): string {
  return threshold === undefined ? 'map mean' : String(threshold)
}

/** What tells two evaluations apart in a list: "Decomposition, aligned, true class, role place (4)" */
export function evaluationTitle({ settings }: Pick<Evaluation, 'settings'>): string {
  const { method, protocol, target, threshold } = settings
  return [
    methodTitles[method],
    protocolTitles[protocol],
    ...(target.kind === 'predicted' || blindMethods.includes(method) ? [] : [targetWords(target)]),
    ...(settings.heads === undefined || method !== 'decomposition' ? [] : [headsWords(settings)]),
    ...(threshold === undefined ? [] : [`above ${threshold}`]),
  ].join(', ')
}

/** Why the live scores need not agree with the evaluation's. @returns undefined where both had the same masks */
export function otherMasksSentence(
  { groundTruthHash }: Pick<SegmentedImage, 'groundTruthHash'>,
  evaluation: Pick<Evaluation, 'groundTruthHash'>,
): string | undefined {
  if (groundTruthHash === null || groundTruthHash === evaluation.groundTruthHash) return undefined
  return 'The masks were changed since the evaluation: what is shown here is against the masks as they are now.'
}

export type ScoreSum = { patches: number; classToken: number; mlps: number; other: number; score: number }

/** @returns undefined for methods whose values are no parts of a score */
export function scoreSum(image: SegmentedImage): ScoreSum | undefined {
  const { patches, classTokenPart, mlpPart, score } = image
  if (classTokenPart === null || mlpPart === null || score === null) return undefined
  let sum = 0
  for (const patch of patches) sum += patch
  return {
    patches: sum,
    classToken: classTokenPart,
    mlps: mlpPart,
    other: score - sum - classTokenPart - mlpPart,
    score,
  }
}

/** "Patches +0.0810, class token −0.0020, MLPs +0.1100, other +0.0010 = score +0.1900." */
export function sumSentence({ patches, classToken, mlps, other, score }: ScoreSum): string {
  const parts = [
    `Patches ${formatTerm(patches)}`,
    `class token ${formatTerm(classToken)}`,
    `MLPs ${formatTerm(mlps)}`,
    `other ${formatTerm(other)}`,
  ]
  return `${parts.join(', ')} = score ${formatTerm(score)}.`
}

/** Below this difference of IoU a mask is called hardly better or worse. */
export const hardlyBetter = 0.02

export type MisclassifiedIous = { predictedClass: string; trueClass: string; iou: number; iouOfTrue: number }

/** Whether the error is that of the prediction or that of the map. */
export function misclassifiedSentence({ predictedClass, trueClass, iou, iouOfTrue }: MisclassifiedIous): string {
  const facts = `Predicted “${predictedClass}”, but the data set says “${trueClass}”. `
  const numbers = `With the true class IoU is ${iouOfTrue.toFixed(3)} instead of ${iou.toFixed(3)}`
  if (iouOfTrue - iou > hardlyBetter) return `${facts}${numbers}: the error may come from the misclassification.`
  if (iou - iouOfTrue > hardlyBetter)
    return `${facts}${numbers}: the true class makes it worse, so the error is the map’s.`
  return `${facts}${numbers}, hardly another: the error is the map’s.`
}

/** "In the evaluation: IoU 0.312, ... 0.120 less than Attention rollout, as published." */
export function evaluatedSentence(scored: ImageScore, against: Evaluation | undefined): string {
  const { iou, pixelAccuracy, averagePrecision, difference } = scored
  const numbers = `IoU ${iou.toFixed(3)}, pixel accuracy ${pixelAccuracy.toFixed(3)}, average precision ${averagePrecision.toFixed(3)}`
  if (difference === null || !against) return `In the evaluation: ${numbers}.`
  const word = difference < 0 ? 'less' : 'more'
  return `In the evaluation: ${numbers}; IoU is ${Math.abs(difference).toFixed(3)} ${word} than that of ${evaluationTitle(against)}.`
}

export function predictionWords({
  predictedClass,
  trueClass,
}: Pick<SegmentedImage, 'predictedClass' | 'trueClass'>): string {
  if (predictedClass === null) return trueClass === null ? 'no class' : `truly ${trueClass}`
  if (trueClass === null) return predictedClass
  return predictedClass === trueClass ? `${predictedClass}, which is right` : `${predictedClass}, truly ${trueClass}`
}

/** A difference of scores: +0.120 */
export function formatSigned(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(3)}`
}
