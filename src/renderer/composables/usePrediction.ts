/** What the model would call an image: zero-shot classes from the contents of a column, by cosine. */
import { computed, shallowRef, watch } from 'vue'
import type { DataSet } from '../../contract/data-set.ts'
import { useAppStore } from '../stores/appStore.ts'
import { classesOf, type ClassColumn } from '../explain/classes.ts'
import { useAnswer } from './useAnswer.ts'
import { useRemembered } from './useRemembered.ts'

/** With more classes the person is asked first: their texts are embedded once, which takes a while. */
export const mostAtOnce = 60

const isRecord = (own: unknown) => typeof own === 'object' && own !== null

export function usePrediction(asked: () => { modelId: number; imageId: number; dataSet: DataSet } | undefined) {
  const app = useAppStore()
  const template = useRemembered('image/template', 'a photo of a {}')
  const columns = useRemembered<Record<string, string>>('image/class-column', {}, isRecord)
  const names = useRemembered<Record<string, string>>('image/class-names', {}, isRecord)
  const dataSet = computed(() => asked()?.dataSet)

  /** "label" or "by.NAME"; the label counts where there is one */
  const column = computed<ClassColumn | undefined>({
    get() {
      if (!dataSet.value) return undefined
      const possible = columnsOf(dataSet.value)
      return possible.find((name) => name === columns.value[String(dataSet.value!.id)]) ?? possible[0]
    },
    set: (name) => (columns.value = { ...columns.value, [String(dataSet.value!.id)]: name! }),
  })
  const attribute = computed(() => (column.value?.startsWith('by.') ? column.value.slice(3) : undefined))
  const { answer: contents, error: contentsError } = useAnswer(() => {
    if (!dataSet.value || !column.value) return undefined
    const [dataSetId, ofColumn] = [dataSet.value.id, column.value]
    return app
      .client()
      ['data-set/contents']({ dataSetId, attribute: attribute.value })
      .then((list) => ({ dataSetId, ofColumn, list: list.map(({ content }) => content) }))
  })
  const namesKey = computed(() => `${dataSet.value?.id} ${column.value}`)
  const typedNames = computed({
    get: () => names.value[namesKey.value] ?? '',
    set: (typed) => (names.value = { ...names.value, [namesKey.value]: typed }),
  })
  const classes = computed(() => {
    const got = contents.value
    if (!got || got.dataSetId !== dataSet.value?.id || got.ofColumn !== column.value) return undefined
    return classesOf(got.list, typedNames.value)
  })

  const isAllowed = shallowRef(false)
  watch(namesKey, () => (isAllowed.value = false))
  const isAsking = computed(() => (classes.value?.names.length ?? 0) > mostAtOnce && !isAllowed.value)
  const problem = computed(() =>
    template.value.includes('{}') ? classes.value?.problem : 'The template must have {} where the class name goes.',
  )
  const {
    answer: prediction,
    error,
    isWaiting,
    reload,
  } = useAnswer(
    () => {
      const now = asked()
      if (!now || !classes.value || problem.value || isAsking.value) return undefined
      const { modelId, imageId } = now
      const task = { classes: classes.value.names, templates: [template.value], attribute: attribute.value }
      return app.client()['image/predict']({ modelId, imageId, task })
    },
    () => JSON.stringify([asked()?.modelId, asked()?.imageId, attribute.value, template.value, classes.value?.names]),
  )

  return {
    template,
    column,
    typedNames,
    classes,
    problem,
    isAsking,
    allow: () => (isAllowed.value = true),
    prediction,
    error: computed(() => error.value ?? contentsError.value),
    isWaiting,
    reload,
  }
}

export function columnsOf({ labels, columns }: DataSet): ClassColumn[] {
  return [...(labels.length > 0 ? ['label' as const] : []), ...columns.map((name): ClassColumn => `by.${name}`)]
}
