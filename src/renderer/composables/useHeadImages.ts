/** The images of the head on the screen along its axis, and those of its neighbours before they are asked for. */
import { computed, onScopeDispose, shallowRef, watch, watchEffect } from 'vue'
import type { ScoredImage } from '../../contract/head.ts'
import { type Axis, axisTitle, directionOf } from '../draw/head-axis.ts'
import { headName } from '../draw/format.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useHeadStore, type ImagesOf } from '../stores/headStore.ts'
import { useSession } from '../stores/session.ts'
import { type HeadsPlace, placeOf } from './useHeadsPlace.ts'

/** A head that is only walked over starts nothing for its neighbours. */
const prefetchAfterMs = 250
/** Passing over a text is no question yet. */
const hoverAfterMs = 90
/** Thumbnails of each end that are fetched for a neighbour. */
const warmedThumbnails = 12
const neighbourSteps = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
] as const

export function useHeadImages(place: HeadsPlace) {
  const heads = useHeadStore()
  const app = useAppStore()
  const session = useSession()

  function imagesOf(name: string | undefined, axis: Axis): ImagesOf | undefined {
    const own = placeOf(name ?? '')
    const direction = directionOf(axis, place.textSpan.value?.id)
    if (!place.run.value || !own || !direction) return undefined
    return { runId: place.run.value.id, textSpan: place.textSpan.value, place: own, direction }
  }

  const wanted = computed(() => imagesOf(place.current.value, place.axis.value))
  // Until descriptions are there it is not known which text comes first.
  const isReady = computed(() => !place.textSpan.value || place.described.value !== undefined)
  watchEffect(() => {
    // What failed while the engine was away is asked for again when it is back.
    void session.state
    if (wanted.value && isReady.value) heads.askImages(wanted.value)
  })
  const images = computed(() => (wanted.value ? heads.images(wanted.value) : undefined))

  const hoveredText = shallowRef<string>()
  let hoverTimer: ReturnType<typeof setTimeout> | undefined
  function hoverText(text: string | undefined): void {
    clearTimeout(hoverTimer)
    hoverTimer = setTimeout(() => (hoveredText.value = text), text === undefined ? 0 : hoverAfterMs)
  }
  watch(place.current, () => hoverText(undefined))
  const hoveredOf = computed(() => {
    const text = hoveredText.value
    return text === undefined ? undefined : imagesOf(place.current.value, { kind: 'text', text })
  })
  watchEffect(() => {
    if (hoveredOf.value) heads.askImages(hoveredOf.value)
  })
  /** of the text under the pointer, else of the axis */
  const histogram = computed(() => {
    const isHovered = hoveredOf.value !== undefined
    const kept = isHovered ? heads.images(hoveredOf.value!) : images.value
    const axis: Axis = isHovered ? { kind: 'text', text: hoveredText.value! } : place.axis.value
    return { title: axisTitle(axis), images: kept?.content, isAxis: !isHovered, isLength: axis.kind === 'residual' }
  })

  let prefetchTimer: ReturnType<typeof setTimeout> | undefined
  watch(
    [place.current, () => images.value?.content],
    () => {
      clearTimeout(prefetchTimer)
      prefetchTimer = setTimeout(prefetch, prefetchAfterMs)
    },
    { immediate: true },
  )
  const beside = shallowRef<ImagesOf[]>([])

  /** The four heads beside this one, along the axis that they would show. */
  function prefetch(): void {
    const own = placeOf(place.current.value ?? '')
    if (!own || !images.value?.content) return
    const names = neighbourSteps.map(([layers, across]) => headName(own.layer + layers, own.head + across))
    beside.value = names
      .filter((name) => place.names.value.includes(name))
      .map((name) => imagesOf(name, axisOn(name)))
      .filter((of) => of !== undefined)
    beside.value.forEach((of) => heads.askImages(of))
  }

  function axisOn(name: string): Axis {
    const { axis } = place
    const first = place.described.value?.get(name)?.steps[0]?.text
    return axis.value.kind === 'text' && first !== undefined ? { kind: 'text', text: first } : axis.value
  }

  const warmed = new Set<number>()
  watchEffect(() => {
    for (const of of beside.value) {
      const there = heads.images(of)?.content
      if (there) warm([...there.highest.slice(0, warmedThumbnails), ...there.lowest.slice(0, warmedThumbnails)])
    }
  })

  function warm(scored: ScoredImage[]): void {
    for (const { imageId } of scored) {
      if (warmed.has(imageId)) continue
      warmed.add(imageId)
      const thumbnail = new Image()
      // Behind those that are on the screen.
      thumbnail.fetchPriority = 'low'
      thumbnail.src = app.connection!.imageUrl(imageId, 'thumbnail')
    }
  }
  onScopeDispose(() => {
    clearTimeout(hoverTimer)
    clearTimeout(prefetchTimer)
  })

  return { wanted, images, histogram, hoverText }
}
