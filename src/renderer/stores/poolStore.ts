/**
 * The draft of the pool that is being edited. Edits go to the engine one after another; each is shown as not saved
 * until it answered, and one that failed keeps what was typed until it is tried again or given up, also while another
 * place is on the screen.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { EventOf } from '../../contract/index.ts'
import type { UndoState } from '../../contract/label.ts'
import type { DraftChange, DraftRow, PoolEdit } from '../../contract/pool.ts'
import { areSameRows, type PendingEdit, withChange, withPending, withRealIds } from '../pool/draft-rows.ts'
import { useAppStore } from './appStore.ts'

const nothing: UndoState = { undo: null, redo: null }

export const usePoolStore = defineStore('pool-draft', () => {
  const app = useAppStore()
  const poolId = shallowRef<number>()
  /** as the engine has them; undefined until they were read */
  const saved = shallowRef<DraftRow[]>()
  const isChanged = shallowRef(false)
  const error = shallowRef<unknown>()
  const undoState = shallowRef<UndoState>(nothing)
  /** of all pools, oldest first */
  const pending = shallowRef<PendingEdit[]>([])
  /** how often the draft of each pool became other, as this window knows */
  const changes = shallowRef<Record<number, number>>({})
  /** the job that works out a proposal, and the pool's `changes` when it was asked for, by pool */
  const proposals = shallowRef<Record<number, { jobId: number | undefined; changes: number }>>({})

  const own = computed(() => pending.value.filter((entry) => entry.poolId === poolId.value))
  const shown = computed(() => withPending(saved.value ?? [], own.value))
  const failed = computed(() => own.value.filter(({ state }) => state === 'failed'))
  const isSaving = computed(() => own.value.some(({ state }) => state === 'saving'))

  let queue: Promise<unknown> = Promise.resolve()
  let isReloadAsked = false
  let heardMeanwhile = 0
  let isEditing = false
  let nextEditId = 1
  let nextTemporaryId = -1
  const realIds = new Map<number, number>()
  const client = () => app.client()

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  /** Shows another pool's draft, or reads the same again. */
  function open(id: number | undefined): Promise<void> {
    if (id !== poolId.value) {
      poolId.value = id
      saved.value = undefined
      undoState.value = nothing
      error.value = undefined
    }
    return reload()
  }

  /** In turn with the edits, so that no older state comes back over a newer one. */
  async function reload(): Promise<void> {
    if (isReloadAsked) return
    isReloadAsked = true
    await inTurn(async () => {
      isReloadAsked = false
      const id = poolId.value
      if (id === undefined) return
      try {
        const draft = await client()['pool/draft']({ poolId: id })
        if (poolId.value !== id) return
        if (saved.value && !areSameRows(saved.value, draft.rows)) countChange(id)
        saved.value = draft.rows
        isChanged.value = draft.isChanged
        error.value = undefined
        await readUndoState(id)
      } catch (cause) {
        if (poolId.value === id) error.value = cause
      }
    })
  }

  async function readUndoState(id: number): Promise<void> {
    const state = await client()['pool/undo-state']({ poolId: id, annotator: app.annotator })
    if (poolId.value === id) undoState.value = state
  }

  /**
   * Shows the edit at once, as not saved, and saves it.
   * @returns what became of it; undefined when it failed, which its rows or the list of failures then say
   */
  function edit(change: PoolEdit): Promise<DraftChange | undefined> {
    const entry: PendingEdit = {
      id: nextEditId++,
      poolId: poolId.value!,
      edit: change,
      temporaryIds: change.kind === 'add' ? change.rows.map(() => nextTemporaryId--) : [],
      state: 'saving',
      reason: '',
    }
    pending.value = [...pending.value, entry]
    return inTurn(() => send(entry))
  }

  async function send(entry: PendingEdit): Promise<DraftChange | undefined> {
    const real = withRealIds(entry.edit, realIds)
    if (!real) {
      forget(entry.id)
      return undefined
    }
    try {
      const change = await counted(entry.poolId, () =>
        client()['pool/edit']({ poolId: entry.poolId, annotator: app.annotator, edit: real }),
      )
      noteRealIds(entry, change)
      forget(entry.id)
      return change
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      pending.value = pending.value.map((other) =>
        other.id === entry.id ? { ...other, edit: real, state: 'failed', reason } : other,
      )
      return undefined
    }
  }

  /** What the engine tells of our own edits needs no second reading; it is told before the edit's answer. */
  async function counted<Change extends DraftChange | null>(id: number, ask: () => Promise<Change>): Promise<Change> {
    heardMeanwhile = 0
    isEditing = true
    try {
      const change = await ask()
      const isNothing = change === null || (change.rows.length === 0 && change.removedRowIds.length === 0)
      if (poolId.value === id) {
        if (change !== null) take(id, change)
        if (heardMeanwhile > (isNothing ? 0 : 1)) void reload()
        void readUndoState(id).catch(() => {})
      }
      return change
    } finally {
      isEditing = false
    }
  }

  function take(id: number, change: DraftChange): void {
    // Not read yet: the reading that is under way or comes next has it.
    if (saved.value) saved.value = withChange(saved.value, change)
    isChanged.value = change.isChanged
    countChange(id)
  }

  const changesOf = (id: number): number => changes.value[id] ?? 0
  function countChange(id: number): void {
    changes.value = { ...changes.value, [id]: changesOf(id) + 1 }
  }

  function noteRealIds({ edit: { kind }, temporaryIds }: PendingEdit, { rows }: DraftChange): void {
    if (kind !== 'add') return
    // Rows that made room for them come first.
    const added = rows.slice(-temporaryIds.length)
    temporaryIds.forEach((temporary, at) => {
      const row = added[at]
      if (row) realIds.set(temporary, row.id)
    })
  }

  function forget(editId: number): void {
    pending.value = pending.value.filter(({ id }) => id !== editId)
  }

  function retry(editId: number): Promise<DraftChange | undefined> {
    const entry = pending.value.find(({ id }) => id === editId)
    if (!entry) return Promise.resolve(undefined)
    const again: PendingEdit = { ...entry, state: 'saving', reason: '' }
    pending.value = pending.value.map((other) => (other.id === editId ? again : other))
    return inTurn(() => send(again))
  }

  /** @throws what the engine says */
  function step(call: 'pool/undo' | 'pool/redo'): Promise<DraftChange | null> {
    const id = poolId.value!
    return inTurn(() => counted(id, () => client()[call]({ poolId: id, annotator: app.annotator })))
  }

  /** Another window's edits are read; our own come with their answers. */
  function heard({ topic, ofId }: EventOf<'workspace/changed'>): void {
    if (topic !== 'pool' || poolId.value === undefined) return
    if (ofId !== undefined && ofId !== poolId.value) return
    if (isEditing) heardMeanwhile++
    else void reload()
  }

  /** What is not saved in one workspace waits there; the pools of another have the same numbers. */
  const elsewhere = new Map<string, PendingEdit[]>()
  watch(
    () => app.app?.workspacePath,
    (now, before) => {
      if (before) elsewhere.set(before, pending.value)
      pending.value = elsewhere.get(now ?? '') ?? []
      ;[poolId.value, saved.value, error.value, undoState.value] = [undefined, undefined, undefined, nothing]
      ;[isChanged.value, changes.value, proposals.value] = [false, {}, {}]
    },
    { flush: 'sync' },
  )

  return {
    poolId,
    saved,
    shown,
    isChanged,
    isSaving,
    failed,
    error,
    undoState,
    changesOf,
    proposals,
    open,
    reload,
    edit,
    retry,
    discard: forget,
    /** when every edit was answered */
    settled: (): Promise<unknown> => queue,
    undo: () => step('pool/undo'),
    redo: () => step('pool/redo'),
    heard,
    /** the id of a row that was added in this window, once it is saved */
    realId: (id: number): number => realIds.get(id) ?? id,
    followProposal(id: number, jobId: number | undefined, changesThen?: number): void {
      const known = proposals.value[id]?.changes ?? changesOf(id)
      proposals.value = { ...proposals.value, [id]: { jobId, changes: changesThen ?? known } }
    },
  }
})
