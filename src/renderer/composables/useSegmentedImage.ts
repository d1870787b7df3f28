/** The open image under the shown evaluation: its map, the threshold that is tried, and what follows from both. */
import { computed, onScopeDispose, shallowRef, watch, watchEffect } from 'vue'
import type { SegmentTarget } from '../../contract/segment.ts'
import { countPixels, scoresOf, statisticsOf } from '../segment/pixels.ts'
import { blindMethods, misclassifiedSentence, scoreSum } from '../segment/words.ts'
import { type MapAsk, useSegmentStore } from '../stores/segmentStore.ts'
import type { SegmentsPlace } from './useSegmentsPlace.ts'

/** The address follows the slider after this pause; browsers refuse more than a few changes a second. */
const addressAfterMs = 400
/** The next image's map is asked for when this one has been there for so long. */
const prefetchAfterMs = 300

export function useSegmentedImage(place: SegmentsPlace) {
  const segments = useSegmentStore()

  /** another target than the evaluation's, in the address */
  const target = computed<SegmentTarget | undefined>(() => targetOfAddress(place.part('target'), place.part('minus')))
  const ask = computed<MapAsk | undefined>(() => {
    const [evaluation, imageId] = [place.shown.value, place.imageId.value]
    return evaluation && imageId !== undefined ? { evaluation, imageId, target: target.value } : undefined
  })
  watchEffect(() => {
    void segments.forgotten
    if (ask.value) segments.askMap(ask.value)
  })
  const kept = computed(() => ask.value && segments.map(ask.value))
  const image = computed(() => kept.value?.content)

  let addressTimer: ReturnType<typeof setTimeout> | undefined
  /** undefined: what the settings give */
  const tried = shallowRef<number>()
  const asNumber = (own: string | undefined) => {
    const asked = own === undefined ? NaN : Number(own)
    return asked >= 0 && asked <= 1 ? asked : undefined
  }
  watch(
    [() => place.imageId.value, () => place.part('by'), () => place.part('threshold')],
    () => {
      clearTimeout(addressTimer)
      tried.value = asNumber(place.part('threshold'))
    },
    { immediate: true },
  )
  const threshold = computed({
    get: () => tried.value ?? image.value?.threshold ?? 0,
    set(value) {
      tried.value = value
      clearTimeout(addressTimer)
      addressTimer = setTimeout(() => void place.change({ threshold: Number(value.toFixed(4)) }), addressAfterMs)
    },
  })
  function resetThreshold(): void {
    clearTimeout(addressTimer)
    tried.value = undefined
    void place.change({ threshold: undefined })
  }

  const counts = computed(() =>
    image.value?.truth ? countPixels(image.value.map, image.value.truth, threshold.value) : undefined,
  )
  const scores = computed(() => counts.value && scoresOf(counts.value))
  const statistics = computed(() => image.value && statisticsOf(image.value.map, threshold.value))
  const sum = computed(() => image.value && scoreSum(image.value))

  const isMisclassified = computed(() => {
    const { predictedClass = null, trueClass = null } = image.value ?? {}
    return predictedClass !== null && trueClass !== null && predictedClass !== trueClass
  })
  /** The same image with the true class, asked for where the prediction is wrong and the map depends on it. */
  const askOfTrue = computed<MapAsk | undefined>(() => {
    const own = ask.value
    const { method, target: ofSettings } = own?.evaluation.settings ?? {}
    const usesPrediction = (target.value ?? ofSettings)?.kind === 'predicted' && !blindMethods.includes(method!)
    return own && isMisclassified.value && usesPrediction ? { ...own, target: { kind: 'true' } } : undefined
  })
  watchEffect(() => {
    void segments.forgotten
    if (askOfTrue.value) segments.askMap(askOfTrue.value)
  })
  const misclassification = computed(() => {
    if (!isMisclassified.value) return undefined
    const { predictedClass, trueClass } = image.value!
    const ofTrue = askOfTrue.value && segments.map(askOfTrue.value)?.content
    const own = image.value!
    if (!ofTrue?.truth || !own.truth) return `Predicted “${predictedClass}”, but the data set says “${trueClass}”.`
    // Both at the thresholds of the settings, whatever the slider says.
    const iou = scoresOf(countPixels(own.map, own.truth, own.threshold)).iou
    const iouOfTrue = scoresOf(countPixels(ofTrue.map, ofTrue.truth, ofTrue.threshold)).iou
    return misclassifiedSentence({ predictedClass: predictedClass!, trueClass: trueClass!, iou, iouOfTrue })
  })

  let prefetchTimer: ReturnType<typeof setTimeout> | undefined
  watch(image, (now) => {
    clearTimeout(prefetchTimer)
    if (now) prefetchTimer = setTimeout(prefetch, prefetchAfterMs)
  })
  function prefetch(): void {
    const next = place.at.value === undefined ? undefined : place.pages.imageAt(place.at.value + 1)
    if (next && ask.value) segments.askMap({ evaluation: ask.value.evaluation, imageId: next.id })
  }
  onScopeDispose(() => {
    clearTimeout(prefetchTimer)
    clearTimeout(addressTimer)
  })

  function useTarget(own: SegmentTarget | undefined): void {
    const parts = { minus: own?.kind === 'text' ? own.minus : undefined, threshold: undefined }
    void place.change({ target: own && addressOfTarget(own), ...parts })
  }

  return {
    image,
    error: computed(() => kept.value?.error),
    isWaiting: computed(() => kept.value?.isWaiting ?? false),
    retry: () => ask.value && segments.askMap(ask.value),
    target,
    useTarget,
    threshold,
    isTried: computed(() => tried.value !== undefined),
    resetThreshold,
    counts,
    scores,
    statistics,
    sum,
    isMisclassified,
    misclassification,
  }
}

/** "true", "predicted", "class:boat" or "text:a boat at night" */
export function addressOfTarget(target: SegmentTarget): string {
  if (target.kind === 'class') return `class:${target.name}`
  return target.kind === 'text' ? `text:${target.text}` : target.kind
}

export function targetOfAddress(own: string | undefined, minus: string | undefined): SegmentTarget | undefined {
  if (own === 'true' || own === 'predicted') return { kind: own }
  const [, kind, name] = /^(class|text):(.+)$/s.exec(own ?? '') ?? []
  if (kind === 'class') return { kind, name: name! }
  return kind === 'text' ? { kind, text: name!, ...(minus === undefined ? {} : { minus }) } : undefined
}
