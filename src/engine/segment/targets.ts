/** Which direction an image's map is made for (spec 6): a class less the mean over all classes, a class, or a text. */
import type { SegmentSettings } from '../../contract/segment.ts'
import { type DirectionKind, directionKinds, type MapRequest } from './map-maker.ts'

/** What of an image's classes is known. */
export type ImageClasses = {
  /** places in the task's classes */
  predicted: number
  /** null when the data set does not say it, or says none of the classes */
  truth: number | null
}

export type Targets = {
  classes: string[]
  /** [classes, d], unit length */
  classifier: Float32Array
  /** every typed text -> [d], unit length */
  texts: Map<string, Float32Array>
}

/** Settings whose directions are equal for every image have the same key; "none" fits any direction. */
export function directionKey({ method, target }: SegmentSettings): string {
  const kind = directionKinds[method]
  if (kind === 'none') return 'none'
  return JSON.stringify(target.kind === 'text' ? target : [kind, target])
}

/** @returns [images], the class with the highest score of each; of equal ones the first */
export function predictedClasses(representations: Float32Array, { classes, classifier }: Targets): number[] {
  const d = classifier.length / classes.length
  return Array.from({ length: representations.length / d }, (_, at) => {
    let [best, highest] = [0, -Infinity]
    for (let k = 0; k < classes.length; k++) {
      let score = 0
      for (let i = 0; i < d; i++) score += representations[at * d + i]! * classifier[k * d + i]!
      if (score > highest) [best, highest] = [k, score]
    }
    return best
  })
}

/** @returns the place of the class that the map is made for; null for a typed text, and where the true class is unknown */
export function targetClass({ target }: SegmentSettings, classes: ImageClasses, names: string[]): number | null {
  if (target.kind === 'predicted') return classes.predicted
  if (target.kind === 'true') return classes.truth
  return target.kind === 'class' ? names.indexOf(target.name) : null
}

/** @returns [d], of any length; undefined where the target is the true class and that is not known */
export function directionOf(
  settings: SegmentSettings,
  classes: ImageClasses,
  targets: Targets,
): Float32Array | undefined {
  const { target, method } = settings
  if (target.kind === 'text') {
    const text = targets.texts.get(target.text)!
    const minus = target.minus === undefined ? undefined : targets.texts.get(target.minus)!
    return minus ? text.map((component, i) => component - minus[i]!) : text
  }
  const at = targetClass(settings, classes, targets.classes)
  return at === null ? undefined : classDirection(directionKinds[method], at, targets)
}

function classDirection(kind: DirectionKind, at: number, { classes, classifier }: Targets): Float32Array {
  const d = classifier.length / classes.length
  const own = classifier.subarray(at * d, (at + 1) * d)
  if (kind !== 'contrast') return own
  return own.map((component, i) => {
    let sum = 0
    for (let k = 0; k < classes.length; k++) sum += classifier[k * d + i]!
    return component - sum / classes.length
  })
}

/** For people: "cat", or "a red ring minus a ring". */
export function targetText(settings: SegmentSettings, classes: ImageClasses, names: string[]): string {
  const { target } = settings
  if (target.kind === 'text') return target.minus === undefined ? target.text : `${target.text} minus ${target.minus}`
  const at = targetClass(settings, classes, names)
  return at === null ? 'unknown' : names[at]!
}

/** Every text that settings name. */
export function typedTexts(settings: SegmentSettings[]): string[] {
  const texts = settings.flatMap(({ target }) =>
    target.kind === 'text' ? [target.text, ...(target.minus === undefined ? [] : [target.minus])] : [],
  )
  return [...new Set(texts)]
}

/** Heads belong to the decomposition; the other methods ignore them. */
export function requestOf({ method, heads }: SegmentSettings): MapRequest {
  return { method, heads: method === 'decomposition' ? heads : undefined }
}

export function unknownClass(path: string): string {
  return `The data set must say the class of "${path}" for a map of its true class; it says none of the classes.`
}
