/**
 * What the place Segments shows, from its address: the evaluation looked at and the one compared with, order and
 * filters of its images, and the image that is open. The list of images is the same for the grid and for the steps
 * from image to image.
 */
import { computed, watchEffect } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { type Evaluation, type ImageScore, segmentSorts } from '../../contract/segment.ts'
import { siblingsOf } from '../segment/compare.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useSegmentStore } from '../stores/segmentStore.ts'
import { useImagePages } from './useImagePages.ts'
import { usePlaceInList } from './usePlaceInList.ts'
import { useRemembered } from './useRemembered.ts'

export type SegmentSort = (typeof segmentSorts)[number]

/** Parts of the address that name a list of images; those of one image are left when it is left. */
const listParts = ['look', 'against', 'sort', 'order', 'flag', 'class', 'prediction'] as const
const imageParts = ['image', 'at', 'by', 'target', 'minus', 'threshold'] as const
export type PlacePart = (typeof listParts)[number] | (typeof imageParts)[number] | 'new'

export type SegmentsPlace = ReturnType<typeof useSegmentsPlace>

export function useSegmentsPlace() {
  const app = useAppStore()
  const segments = useSegmentStore()
  const route = useRoute()
  const router = useRouter()
  const isHere = () => route.name === 'segments'

  const part = (key: PlacePart): string | undefined => {
    const own = route.query[key]
    return isHere() && typeof own === 'string' && own !== '' ? own : undefined
  }
  /** Changes whose navigation is under way: what follows at once must not undo them. */
  let underWay: LocationQueryRaw = {}
  async function change(parts: Partial<Record<PlacePart, string | number | undefined>>, isStep = false): Promise<void> {
    const own = { ...underWay, ...parts }
    underWay = own
    const query = { ...route.query, ...own }
    await (isStep ? router.push({ query }) : router.replace({ query }))
    if (underWay === own) underWay = {}
  }

  const byId = (id: string | undefined) => segments.evaluations.find((own) => own.id === Number(id))
  const evaluation = computed<Evaluation | undefined>(
    () =>
      byId(part('look')) ??
      segments.evaluations.find(({ isComplete }) => isComplete) ??
      segments.evaluations.find(({ scores }) => scores !== null) ??
      segments.evaluations[0],
  )
  const against = computed(() => {
    const own = byId(part('against'))
    return own && own.id !== evaluation.value?.id && own.dataSetId === evaluation.value?.dataSetId ? own : undefined
  })
  const sort = computed<SegmentSort>(() => {
    const own = segmentSorts.find((name) => name === part('sort'))
    return own === undefined || (own === 'difference' && !against.value) ? 'iou' : own
  })
  const isDescending = computed(() => part('order') === 'down')
  const flag = computed(() => part('flag'))
  const className = computed(() => part('class'))
  const isMisclassified = computed(() => {
    const own = part('prediction')
    return own === 'wrong' ? true : own === 'right' ? false : undefined
  })

  const list = computed(() => {
    if (!isHere() || evaluation.value?.id === undefined || evaluation.value.images === 0) return undefined
    return JSON.stringify({
      evaluationId: evaluation.value.id,
      againstId: against.value?.id,
      sort: sort.value,
      isDescending: isDescending.value,
      flag: flag.value,
      className: className.value,
      isMisclassified: isMisclassified.value,
    })
  })
  /** the list in words, for files: "sorted by iou, lowest first, flag misclassified" */
  const listWords = computed(() =>
    [
      `sorted by ${sort.value}, ${isDescending.value ? 'highest' : 'lowest'} first`,
      ...(flag.value ? [`flag ${flag.value}`] : []),
      ...(className.value ? [`class ${className.value}`] : []),
      ...(isMisclassified.value === undefined ? [] : [`prediction ${isMisclassified.value ? 'wrong' : 'right'}`]),
    ].join(', '),
  )
  type List = { evaluationId: number; sort: SegmentSort }
  const readPage = (of: string, offset: number, limit: number) =>
    app.client()['segment/images']({ ...(JSON.parse(of) as List), offset, limit })
  const pages = useImagePages<string, ImageScore>(() => list.value, readPage)

  const imageId = computed(() => Number(part('image')) || undefined)
  const { at, isLookedUp } = usePlaceInList(
    { list: () => list.value, readPage, imageAt: pages.imageAt, see: pages.see, revision: pages.revision },
    () => imageId.value,
    () => Number(part('at') ?? -1),
  )
  const scored = computed(() => {
    void pages.revision.value
    const own = at.value === undefined ? undefined : pages.imageAt(at.value)
    return own?.id === imageId.value ? own : undefined
  })

  function open(index: number): void {
    const image = pages.imageAt(index)
    if (image) void change({ image: image.id, at: index, ...leftBehind }, true)
  }

  /** What belongs to one image and its map. */
  const leftBehind = { target: undefined, minus: undefined, threshold: undefined }

  /** Steps leave no history, so that "back" leads to the grid. */
  function step(by: number): void {
    if (at.value === undefined) return
    const image = pages.imageAt(at.value + by)
    if (image) void change({ image: image.id, at: at.value + by, ...leftBehind })
  }

  function leave(): void {
    const back = window.history.state?.back
    if (typeof back === 'string' && /^\/segments(\?|$)/.test(back) && !/[?&]image=/.test(back)) router.back()
    else void change(Object.fromEntries(imageParts.map((key) => [key, undefined])))
  }

  const shown = computed(() => {
    const own = byId(part('by'))
    return own && siblings.value.some(({ id }) => id === own.id) ? own : evaluation.value
  })
  const siblings = computed(() =>
    evaluation.value ? siblingsOf(evaluation.value, segments.evaluations, against.value) : [],
  )
  function show(id: number): void {
    void change({ by: id === evaluation.value?.id ? undefined : id, threshold: undefined })
  }
  function cycle(): void {
    const now = siblings.value.findIndex(({ id }) => id === shown.value?.id)
    const next = siblings.value[(now + 1) % siblings.value.length]
    if (next) show(next.id)
  }

  /** what was looked at last: the address's parts and the first image in sight */
  type Kept = { query: Record<string, string>; firstSeen: number }
  const kept = useRemembered<Kept>('segments/place', { query: {}, firstSeen: 0 }, (own) => {
    return typeof own === 'object' && own !== null && 'query' in own
  })
  const ownQuery = computed(() => {
    const own = listParts.flatMap((key) => (part(key) === undefined ? [] : [[key, part(key)!]]))
    return Object.fromEntries(own) as Record<string, string>
  })
  const isSame = (query: Record<string, string>) =>
    JSON.stringify(Object.entries(query).sort()) === JSON.stringify(Object.entries(ownQuery.value).sort())
  // Without anything in the address what was left last is there again: the rail's link and the key lead to it.
  watchEffect(() => {
    if (!isHere() || !segments.isRead || part('image') !== undefined || part('new') !== undefined) return
    if (Object.keys(ownQuery.value).length > 0 || !byId(kept.value.query.look)) return
    void change(kept.value.query)
  })
  function keepPlace(firstSeen: number): void {
    if (isHere()) kept.value = { query: { ...ownQuery.value, look: String(evaluation.value?.id ?? '') }, firstSeen }
  }

  return {
    part,
    change,
    evaluation,
    against,
    sort,
    isDescending,
    flag,
    className,
    isMisclassified,
    list,
    listWords,
    pages,
    readPage,
    imageId,
    at,
    isLookedUp,
    /** the open image with the scores that the list has */
    scored,
    open,
    stepOn: () => step(1),
    stepBack: () => step(-1),
    leave,
    /** the evaluation whose map is shown of the open image */
    shown,
    siblings,
    show,
    cycle,
    isNew: computed(() => part('new') !== undefined),
    keepPlace,
    firstSeen: () => (isSame(kept.value.query) || isSame({}) ? kept.value.firstSeen : 0),
  }
}
