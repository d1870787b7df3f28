/** What the image page shows, from its address: image, model, texts, the chosen part; and the steps from image to image. */
import { computed, watchEffect } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import type { Image } from '../../contract/data-set.ts'
import { partOfQuery, type PartQuery, queryOfPart, type Shape } from '../explain/part-query.ts'
import { type Part, wholeScore } from '../explain/terms.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useAnswer } from './useAnswer.ts'
import { filterOfQuery, isFilterPart } from './useImageFilter.ts'
import { useNeighbours } from './useNeighbours.ts'
import { useRemembered } from './useRemembered.ts'

export function useImagePlace() {
  const app = useAppStore()
  const workspace = useWorkspaceStore()
  const context = useContextStore()
  const route = useRoute()
  const router = useRouter()
  const lastText = useRemembered('image/text', '')

  const imageId = computed(() => Number(route.params.imageId))
  const { answer, error, reload } = useAnswer(() =>
    route.name === 'image' ? app.client()['image/read']({ imageId: imageId.value }) : undefined,
  )
  const image = computed(() => (answer.value?.id === imageId.value ? answer.value : undefined))
  const dataSet = computed(() => workspace.dataSets.find(({ id }) => id === image.value?.dataSetId))
  const model = computed(() => workspace.models.find(({ id }) => id === Number(route.query.model)) ?? context.model)
  const filter = computed(() => filterOfQuery(route.query))

  const part = (key: string) => {
    const own = route.query[key]
    return typeof own === 'string' ? own : undefined
  }
  /** Changes whose navigation is under way: what follows at once must not undo them. */
  let underWay: LocationQueryRaw = {}
  async function replace(change: LocationQueryRaw): Promise<void> {
    // A field that goes with the page gives on what was typed; the address is another place's by then.
    if (route.name !== 'image') return
    const own = { ...underWay, ...change }
    underWay = own
    await router.replace({ query: { ...route.query, ...own } })
    if (underWay === own) underWay = {}
  }

  const text = computed({
    get: () => part('text') ?? lastText.value,
    set(typed) {
      if (typed === text.value) return
      lastText.value = typed
      void replace({ text: typed || undefined })
    },
  })
  // A link that is copied has the text in it.
  watchEffect(() => {
    if (route.name === 'image' && part('text') === undefined && lastText.value !== '')
      void replace({ text: lastText.value })
  })
  const text2 = computed({
    get: () => part('text2') ?? '',
    set: (typed) => void replace({ text2: typed || undefined }),
  })
  const shape = computed<Shape | undefined>(() => model.value?.config.vision)
  const chosen = computed<Part>({
    get() {
      const asked: PartQuery = { head: part('head'), mlp: part('mlp'), token: part('token') }
      return shape.value ? partOfQuery(asked, shape.value) : wholeScore
    },
    set: (wanted) => void (shape.value && replace(queryOfPart(wanted, shape.value))),
  })

  const { neighbours } = useNeighbours(
    () => image.value && { dataSetId: image.value.dataSetId, filter: filter.value, ordinal: image.value.ordinal },
  )

  /** Steps leave no history, so that "back" leads to where the first image was opened. The patch is another one there. */
  function step(to: Image | undefined): void {
    if (!to) return
    void router.replace({
      name: 'image',
      params: { imageId: to.id },
      query: { ...route.query, ...underWay, token: undefined },
    })
    underWay = {}
  }

  function leave(): void {
    if (typeof window.history.state?.back === 'string') router.back()
    else {
      const own = Object.entries(route.query).filter(([key]) => isFilterPart(key) || key === 'run' || key === 'span')
      void router.push({ name: 'data', query: { ...Object.fromEntries(own), data: image.value?.dataSetId } })
    }
  }

  return {
    imageId,
    image,
    error,
    reload,
    dataSet,
    model,
    chooseModel: (id: number) => void replace({ model: id, head: undefined, mlp: undefined, token: undefined }),
    text,
    text2,
    part: chosen,
    /** of the image that is shown; undefined while they are looked up */
    neighbours: computed(() => (neighbours.value?.ordinal === image.value?.ordinal ? neighbours.value : undefined)),
    stepBack: () => step(neighbours.value?.before),
    stepOn: () => step(neighbours.value?.after),
    leave,
  }
}
