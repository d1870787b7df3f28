/** Evaluations of the open workspace, the maps that were looked at, and the form of the next evaluation. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { EventOf } from '../../contract/index.ts'
import type { Evaluation, SegmentedImage, SegmentTarget } from '../../contract/segment.ts'
import type { SegmentForm } from '../segment/setup.ts'
import { makeAnswerCache } from './answer-cache.ts'
import { useAppStore } from './appStore.ts'

/** Maps of 336 x 336 px are half a megabyte each. */
const keptMaps = 24

/** An image under an evaluation's settings, or with another target. */
export type MapAsk = { evaluation: Evaluation; imageId: number; target?: SegmentTarget }

export const useSegmentStore = defineStore('segments', () => {
  const app = useAppStore()
  /** newest first */
  const evaluations = shallowRef<Evaluation[]>([])
  const isRead = shallowRef(false)
  const error = shallowRef<unknown>()
  /** counts what was heard of evaluations, notes and masks; whoever shows them reads them again */
  const changes = shallowRef(0)
  /** counts how often maps were forgotten; whoever shows one asks again */
  const forgotten = shallowRef(0)
  /** stays while the place is left */
  const form = shallowRef<SegmentForm>()
  const maps = makeAnswerCache<SegmentedImage>(keptMaps)
  let reading: Promise<void> | undefined
  let isStale = false

  /** One reading at a time; what is heard meanwhile makes it read once more. */
  function load(): Promise<void> {
    if (reading) isStale = true
    reading ??= read().finally(() => (reading = undefined))
    return reading
  }

  async function read(): Promise<void> {
    const path = app.app?.workspacePath
    do {
      isStale = false
      try {
        const listed = await app.client()['segment/list']({})
        if (app.app?.workspacePath !== path) return
        evaluations.value = listed
        error.value = undefined
        isRead.value = true
      } catch (cause) {
        error.value = cause
      }
    } while (isStale)
  }

  function heard({ topic, ofId }: EventOf<'workspace/changed'>): void {
    if (topic !== 'segment') return
    changes.value++
    // Only masks that were linked name a data set.
    if (ofId !== undefined) forgetMaps()
    if (isRead.value) void load()
  }

  function forgetMaps(): void {
    maps.forget()
    forgotten.value++
  }

  const keyOf = ({ evaluation, imageId, target }: MapAsk) =>
    `${evaluation.id} ${imageId} ${target ? JSON.stringify(target) : ''}`

  function askMap(ask: MapAsk): void {
    const { evaluation, imageId, target } = ask
    const settings = target ? { ...evaluation.settings, target } : evaluation.settings
    const { modelId, task } = evaluation
    maps.ask(keyOf(ask), () => app.client()['segment/image']({ modelId, imageId, task, settings }))
  }

  watch(
    () => app.app?.workspacePath,
    () => {
      evaluations.value = []
      isRead.value = false
      error.value = undefined
      form.value = undefined
      forgetMaps()
    },
  )

  return {
    evaluations,
    isRead,
    error,
    changes,
    form,
    load,
    heard,
    askMap,
    map: (ask: MapAsk) => maps.look(keyOf(ask)),
    /** after masks were linked anew */
    forgetMaps,
    forgotten,
  }
})
