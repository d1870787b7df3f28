/**
 * The four choices of the top bar: model, data set, run and TEXTSPAN result are the context of every place. The
 * address has them where they were chosen (`run`, `span`); else what was chosen last counts, else the newest. A run
 * that is complete and on the screen stays there: one that ends in the background must not take its place.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useAppStore } from './appStore.ts'
import { useWorkspaceStore } from './workspaceStore.ts'

export const useContextStore = defineStore('context', () => {
  const app = useAppStore()
  const workspace = useWorkspaceStore()
  const route = useRoute()
  const router = useRouter()

  const asked = (key: 'run' | 'span'): number | undefined => {
    const own = Number(route.query[key] ?? app.remembered?.[`context/${key}`])
    return Number.isInteger(own) && own > 0 ? own : undefined
  }

  const shownRunId = shallowRef<number>()
  const run = computed(() => {
    const { runs } = workspace
    const find = (wanted: number | undefined) => runs.find(({ id }) => id === wanted)
    return (
      find(asked('run')) ?? find(shownRunId.value) ?? runs.findLast(({ state }) => state === 'complete') ?? runs.at(-1)
    )
  })
  watch(run, (now) => (shownRunId.value = now?.state === 'complete' ? now.id : undefined), { flush: 'sync' })
  watch(
    () => app.app?.workspacePath,
    () => (shownRunId.value = undefined),
    { flush: 'sync' },
  )
  /** Results of the run that are kept, newest first. */
  const textSpans = computed(() =>
    workspace.textSpans.filter(({ runId, isProposed }) => runId === run.value?.id && !isProposed).toReversed(),
  )
  const textSpan = computed(() => textSpans.value.find(({ id }) => id === asked('span')) ?? textSpans.value[0])
  const model = computed(() => workspace.models.find(({ id }) => id === run.value?.modelId) ?? workspace.models[0])
  const dataSet = computed(
    () => workspace.dataSets.find(({ id }) => id === run.value?.dataSetId) ?? workspace.dataSets[0],
  )

  function choose(key: 'run' | 'span', id: number): void {
    app.remember(`context/${key}`, id)
    void router.push({ query: { ...route.query, [key]: id, ...(key === 'run' ? { span: undefined } : {}) } })
  }

  return {
    run,
    textSpan,
    textSpans,
    model,
    dataSet,
    chooseRun: (id: number) => choose('run', id),
    chooseTextSpan: (id: number) => choose('span', id),
  }
})
