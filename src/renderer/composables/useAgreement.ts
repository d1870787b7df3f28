/** Two annotators of the context's model, and how their labels agree. */
import { computed } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useAnswer } from './useAnswer.ts'
import { useQuery } from './useQuery.ts'

export function useAgreement() {
  const app = useAppStore()
  const context = useContextStore()
  const labels = useLabelStore()
  const askedFirst = useQuery('first', { isStep: false })
  const askedSecond = useQuery('second', { isStep: false })

  /** who labelled heads of this model, most labels first */
  const annotators = computed(() => {
    const counts = new Map<string, number>()
    for (const { annotator, state } of labels.labels)
      if (state !== 'open') counts.set(annotator, (counts.get(annotator) ?? 0) + 1)
    return [...counts].map(([name, count]) => ({ name, labels: count })).sort((a, b) => b.labels - a.labels)
  })
  const isThere = (asked: string | undefined) => annotators.value.some(({ name }) => name === asked)
  const first = computed({
    get: () =>
      isThere(askedFirst.value) ? askedFirst.value : isThere(app.annotator) ? app.annotator : annotators.value[0]?.name,
    set: (name) => (askedFirst.value = name),
  })
  const second = computed({
    get: () =>
      isThere(askedSecond.value) && askedSecond.value !== first.value
        ? askedSecond.value
        : annotators.value.find(({ name }) => name !== first.value)?.name,
    set: (name) => (askedSecond.value = name),
  })

  const {
    answer: agreement,
    error,
    reload,
  } = useAnswer(
    () => {
      // Read again when a label changed, here or in another window.
      void labels.labels
      const [one, other] = [first.value, second.value]
      if (!context.model || one === undefined || other === undefined) return undefined
      return app.client()['label/agreement']({ modelId: context.model.id, first: one, second: other })
    },
    () => JSON.stringify([context.model?.id, first.value, second.value]),
  )
  return { annotators, first, second, agreement, error, retry: reload }
}
