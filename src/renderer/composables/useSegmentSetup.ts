/** The form of the next evaluation: what it can choose from, what is wrong with it, and starting it. */
import { computed, shallowRef, watch, watchEffect } from 'vue'
import type { HeadPlace } from '../../contract/head.ts'
import { classesOf } from '../explain/classes.ts'
import { emptyForm, problemOf, type SegmentForm, settingsOf, type SetupFacts, taskOf } from '../segment/setup.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useSegmentStore } from '../stores/segmentStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { askForPath } from './useAdding.ts'
import { useAnswer } from './useAnswer.ts'
import { chosenFile } from './useDescribing.ts'
import { columnsOf } from './usePrediction.ts'

export function useSegmentSetup(started: (jobId: number) => void) {
  const app = useAppStore()
  const context = useContextStore()
  const labels = useLabelStore()
  const segments = useSegmentStore()
  const workspace = useWorkspaceStore()

  // What was evaluated last is what is mostly evaluated next, with another method or other heads.
  watchEffect(() => {
    if (segments.form || !segments.isRead) return
    const last = segments.evaluations[0]
    segments.form = {
      ...emptyForm,
      modelId: last?.modelId ?? context.model?.id,
      dataSetId: last?.dataSetId ?? (workspace.dataSets.find(({ kind }) => kind === 'mat') ?? context.dataSet)?.id,
      classes: last?.task.classes.join('\n') ?? '',
      knownClasses: last?.task.ids?.map((id, at) => ({ id, name: last.task.classes[at]! })) ?? [],
      templates: last?.task.templates.join('\n') ?? emptyForm.templates,
      truthColumn: last?.task.attribute === undefined ? undefined : `by.${last.task.attribute}`,
    }
  })
  const form = computed<SegmentForm>(() => segments.form ?? emptyForm)
  function change(parts: Partial<SegmentForm>): void {
    segments.form = { ...form.value, ...parts }
  }

  const model = computed(() => workspace.models.find(({ id }) => id === form.value.modelId))
  const dataSet = computed(() => workspace.dataSets.find(({ id }) => id === form.value.dataSetId))
  const columns = computed(() => (dataSet.value ? columnsOf(dataSet.value) : []))
  watch(
    [() => form.value.dataSetId, columns],
    () => {
      const { truthColumn } = form.value
      if (truthColumn !== undefined && columns.value.includes(truthColumn)) return
      // A .mat's ids are names of files or numbers, seldom classes: people choose them when they are.
      change({ truthColumn: columns.value.find((name) => name === 'label') })
    },
    { immediate: true },
  )

  const { answer: truth, error: truthError } = useAnswer(() => {
    void segments.changes
    const dataSetId = dataSet.value?.id
    return dataSetId === undefined
      ? undefined
      : app
          .client()
          ['segment/ground-truth']({ dataSetId })
          .then((found) => ({ dataSetId, found }))
  })
  /** undefined while it is looked up, null where no masks are linked */
  const groundTruth = computed(() => (truth.value?.dataSetId === dataSet.value?.id ? truth.value?.found : undefined))

  const error = shallowRef<unknown>()
  const isBusy = shallowRef(false)
  async function told(work: () => Promise<unknown>): Promise<void> {
    isBusy.value = true
    try {
      await work()
      error.value = undefined
    } catch (cause) {
      error.value = cause
    } finally {
      isBusy.value = false
    }
  }

  const linkMasks = (kind: 'mask-folder' | 'coco-file') =>
    told(async () => {
      const path = await askForPath(kind)
      if (path === null || !dataSet.value) return
      await app.client()['segment/link-masks']({ dataSetId: dataSet.value.id, path })
      segments.forgetMaps()
      segments.changes++
    })

  const readClassFile = () =>
    told(async () => {
      const file = await chosenFile('.csv,.json,.txt')
      if (!file) return
      const read = await app.client()['segment/read-classes']({ fileName: file.name, content: await file.text() })
      change({ classes: read.map(({ name }) => name).join('\n'), knownClasses: read })
    })

  /** Names from what the column says; numbers say nothing to a text tower. */
  const takeContents = (column: SegmentForm['truthColumn']) =>
    told(async () => {
      if (!dataSet.value || column === undefined) return
      const attribute = column.startsWith('by.') ? column.slice(3) : undefined
      const contents = await app.client()['data-set/contents']({ dataSetId: dataSet.value.id, attribute })
      const { names, isNumbered } = classesOf(
        contents.map(({ content }) => content),
        '',
      )
      if (isNumbered) {
        throw new Error('This column has class numbers: read their names from a file, number 0 first.')
      }
      change({ classes: names.join('\n'), knownClasses: [], truthColumn: column })
    })

  /** Labels belong to a checkpoint: roles can be chosen for the model of the top bar only. */
  const canUseRoles = computed(() => model.value !== undefined && model.value.id === context.model?.id)
  const roles = computed(() =>
    labels.usedRoles
      .map((role) => ({ role, heads: headsOfRole(role.id) }))
      .filter(({ heads }) => canUseRoles.value && heads.length > 0),
  )
  function headsOfRole(roleId: number): HeadPlace[] {
    return [...labels.own.values()]
      .filter((label) => label.roleId === roleId)
      .map(({ layer, head }) => ({ layer, head }))
  }
  const facts = computed<SetupFacts>(() => {
    const chosen = roles.value.filter(({ role }) => form.value.roleIds.includes(role.id))
    const heads = chosen.flatMap((own) => own.heads).toSorted((a, b) => a.layer - b.layer || a.head - b.head)
    return {
      shape: model.value?.config.vision,
      roleHeads: heads,
      roleNote: `role ${chosen.map(({ role }) => role.name).join(', ')}`.slice(0, 200),
      hasMasks: groundTruth.value !== null,
    }
  })
  const problem = computed(() => problemOf(form.value, facts.value))
  const images = computed(() => {
    const all = groundTruth.value?.masks ?? dataSet.value?.images ?? 0
    return form.value.limit === '' ? all : Math.min(all, form.value.limit)
  })
  const evaluations = computed(() => form.value.methods.length * form.value.protocols.length)

  const start = () =>
    told(async () => {
      const { modelId, dataSetId, limit } = form.value
      if (problem.value || modelId === undefined || dataSetId === undefined) return
      const { jobId } = await app.client()['segment/evaluate']({
        modelId,
        dataSetId,
        task: taskOf(form.value),
        settings: settingsOf(form.value, facts.value),
        ...(limit === '' ? {} : { limit }),
      })
      started(jobId)
    })

  return {
    form,
    change,
    model,
    dataSet,
    columns,
    groundTruth,
    error: computed(() => error.value ?? truthError.value),
    isBusy,
    linkMasks,
    readClassFile,
    takeContents,
    canUseRoles,
    roles,
    problem,
    images,
    evaluations,
    start,
  }
}
