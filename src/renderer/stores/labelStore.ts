/** Roles and labels of the open workspace. Nothing is shown before the engine answered that it is saved. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { EventOf } from '../../contract/index.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { Label, LabelChange, UndoState } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import { headName } from '../draw/format.ts'
import { useAppStore } from './appStore.ts'
import { useContextStore } from './contextStore.ts'
import { useNoticeStore } from './noticeStore.ts'

type Scope = { modelId: number; annotator: string }

export const useLabelStore = defineStore('labels', () => {
  const app = useAppStore()
  const notices = useNoticeStore()
  /** in their order, retired ones last */
  const roles = shallowRef<Role[]>([])
  /** all annotators' labels of the context's model */
  const labels = shallowRef<Label[]>([])
  const undoState = shallowRef<UndoState>({ undo: null, redo: null })
  const client = () => app.client()
  const modelId = computed(() => useContextStore().model?.id)

  const usedRoles = computed(() => roles.value.filter(({ isRetired }) => !isRetired))
  const roleById = computed(() => new Map(roles.value.map((role) => [role.id, role])))
  /** the annotator's own labels, by head name */
  const own = computed(
    () =>
      new Map(
        labels.value
          .filter(({ annotator }) => annotator === app.annotator)
          .map((label) => [headName(label.layer, label.head), label]),
      ),
  )

  async function loadRoles(): Promise<void> {
    roles.value = await client()['role/list']({})
  }

  async function loadLabels(): Promise<void> {
    const id = modelId.value
    if (id === undefined) {
      labels.value = []
      return
    }
    const [listed, undoable] = await Promise.all([
      client()['label/list']({ modelId: id }),
      client()['label/undo-state']({ modelId: id, annotator: app.annotator }),
    ])
    // Another model may have been chosen meanwhile.
    if (modelId.value !== id) return
    labels.value = listed
    undoState.value = undoable
  }

  async function load(): Promise<void> {
    await Promise.all([loadRoles(), loadLabels()])
  }

  function heard({ topic, ofId }: EventOf<'workspace/changed'>): void {
    if (topic === 'role') void loadRoles().catch(() => {})
    if (topic === 'label' && (ofId === undefined || ofId === modelId.value)) void loadLabels().catch(() => {})
  }

  /** @returns whether it is saved; a failure is told and nothing changes on the screen */
  async function set(heads: HeadPlace[], change: LabelChange, textSpanId?: number): Promise<boolean> {
    return save((scope) => client()['label/set']({ ...scope, heads, change, textSpanId }))
  }

  async function save(ask: (scope: Scope) => Promise<Label[] | null>): Promise<boolean> {
    if (modelId.value === undefined) return false
    const scope = { modelId: modelId.value, annotator: app.annotator }
    try {
      const changed = await ask(scope)
      if (changed) take(scope.modelId, changed)
      const undoable = await client()['label/undo-state'](scope)
      if (scope.modelId === modelId.value && scope.annotator === app.annotator) undoState.value = undoable
      return changed !== null
    } catch (error) {
      notices.fail(error)
      return false
    }
  }

  function merge(changed: Label[]): void {
    const isChanged = ({ layer, head, annotator }: Label) =>
      changed.some((label) => label.layer === layer && label.head === head && label.annotator === annotator)
    labels.value = [...labels.value.filter((label) => !isChanged(label)), ...changed]
  }

  /** Shows labels that were saved, unless another model is looked at by now. */
  function take(ofModelId: number, changed: Label[]): void {
    if (ofModelId === modelId.value) merge(changed)
  }

  // Roles and labels of one workspace say nothing of the heads of another.
  watch(
    () => app.app?.workspacePath,
    () => {
      ;[roles.value, labels.value, undoState.value] = [[], [], { undo: null, redo: null }]
    },
    { flush: 'sync' },
  )
  watch([modelId, () => app.annotator], () => {
    if (app.app?.workspacePath) void loadLabels().catch(() => {})
  })

  return {
    roles,
    usedRoles,
    roleById,
    labels,
    own,
    undoState,
    load,
    loadRoles,
    heard,
    take,
    set,
    undo: () => save((scope) => client()['label/undo'](scope)),
    redo: () => save((scope) => client()['label/redo'](scope)),
    restore: (editId: number) => save(async (scope) => [await client()['label/restore']({ ...scope, editId })]),
  }
})
