/** What is done to the draft: each of these is one edit, which can be undone. */
import { useNoticeStore } from '../stores/noticeStore.ts'
import { usePoolStore } from '../stores/poolStore.ts'
import { useSeenHeadsStore } from '../stores/seenHeadsStore.ts'
import type { DraftChange, PoolEdit, ProblemKind } from '../../contract/pool.ts'
import type { CellChange } from '../pool/grid-columns.ts'
import { type NewRow, pastedRows } from '../pool/pasted-rows.ts'
import { normalised } from '../pool/text-check.ts'
import { counted } from '../pool/words.ts'
import { mendingOf } from './usePoolProblems.ts'
import type { PoolsPlace } from './usePoolsPlace.ts'

/** As many as an edit takes. */
const mostHeads = 20

export function usePoolEditing(place: PoolsPlace) {
  const draft = usePoolStore()
  const notices = useNoticeStore()
  const seen = useSeenHeadsStore()

  const isLocked = () => place.lockReason.value !== undefined
  function refuse(): void {
    notices.fail(new Error(`${place.lockReason.value ?? ''} Unlock it to edit.`))
  }
  const undoAction = { title: 'Undo', run: () => void undo() }

  /** An edit that failed is replaced by the next one of its row. */
  function change(rowId: number, cell: CellChange): void {
    const row = place.rowOf(rowId)
    if (!row) return
    if (isLocked()) return refuse()
    const failed = draft.failed.find(({ id }) => id === draft.shown.states.get(rowId)?.editId)
    if (failed) draft.discard(failed.id)
    if (failed?.edit.kind === 'add') {
      const rows = failed.edit.rows.map((added, at) =>
        failed.temporaryIds[at] === rowId ? { ...added, ...cell } : added,
      )
      void draft.edit({ ...failed.edit, rows })
      return
    }
    const before: CellChange = failed?.edit.kind === 'change' ? failed.edit : {}
    const { text = before.text, roles = before.roles, source = before.source } = cell
    const saved = draft.saved?.find(({ id }) => id === rowId)?.text ?? row.text
    void draft.edit({ kind: 'change', rowId, text, roles, source, ...marksFor(saved, text, row.afterHeads) })
  }

  /** Another text than before was written now, after the heads that were opened until now; another spelling was not. */
  function marksFor(before: string, text: string | undefined, own: string[]): { afterHeads?: string[] } {
    if (text === undefined || normalised(text) === normalised(before)) return {}
    return { afterHeads: [...new Set([...seen.list(), ...own])].slice(0, mostHeads) }
  }

  function takeBack(rowId: number): void {
    const state = draft.shown.states.get(rowId)
    if (state?.state === 'failed') draft.discard(state.editId)
  }

  /** @param afterHeads what the texts were written after; the heads opened in this window when absent */
  async function add(rows: NewRow[], afterRowId?: number, afterHeads = seen.list()): Promise<DraftChange | undefined> {
    if (isLocked()) {
      refuse()
      return undefined
    }
    const done = await draft.edit({ kind: 'add', rows, afterRowId, afterHeads: afterHeads.slice(0, mostHeads) })
    if (done && rows.length > 1) notices.done(`${counted(done.rows.length, 'text')} added.`, undoAction)
    return done
  }

  function addLines(pasted: string, afterRowId?: number): void {
    try {
      const rows = pastedRows(pasted)
      if (rows.length > 0) void add(rows, afterRowId)
    } catch (error) {
      notices.fail(error)
    }
  }

  async function remove(rowIds: number[]): Promise<void> {
    if (isLocked()) return refuse()
    for (const id of rowIds) if (id < 0) takeBack(id)
    const ids = rowIds.filter((id) => place.rowOf(id) !== undefined)
    if (ids.length === 0) return
    if (await draft.edit({ kind: 'remove', rowIds: ids }))
      notices.done(`${counted(ids.length, 'text')} removed.`, undoAction)
  }

  async function many(edits: PoolEdit[], words: (count: number) => string): Promise<void> {
    if (isLocked()) return refuse()
    for (const edit of edits) {
      const done = await draft.edit(edit)
      if (done) notices.done(words(done.rows.length + done.removedRowIds.length), undoAction)
    }
  }

  function mendRow(rowId: number): void {
    const found = place.problems.problemsOf.value.get(rowId)?.find(({ canMend }) => canMend)
    // A mended spelling is that of the saved text, not of one that is being saved.
    if (!found || draft.shown.states.has(rowId)) return
    void many(mendingOf([found]), () => (found.mended === null ? 'The text is removed.' : 'The text is mended.'))
  }

  const mendAll = (kind: ProblemKind) =>
    many(
      mendingOf(place.problems.problems.value.filter((problem) => problem.kind === kind)),
      (count) => `${counted(count, 'text')} mended.`,
    )

  const replace = (texts: { rowId: number; text: string }[]) =>
    many([{ kind: 'rewrite', rows: texts }], (count) => `Replaced in ${counted(count, 'text')}.`)

  function tag(rowIds: number[], name: string, isOn: boolean): void {
    if (isLocked()) return refuse()
    void draft.edit({ kind: 'tag', rowIds, add: isOn ? [name] : [], remove: isOn ? [] : [name] })
  }

  async function step(ask: () => Promise<DraftChange | null>): Promise<void> {
    if (isLocked()) return refuse()
    try {
      const done = await ask()
      const shown = done?.rows[0]?.id
      const at = shown === undefined ? -1 : place.view.value.findIndex(({ id }) => id === shown)
      if (at >= 0) place.cursor.focusRow(at)
    } catch (error) {
      notices.fail(error)
    }
  }
  const undo = () => step(draft.undo)
  const redo = () => step(draft.redo)

  const reset = (versionId: number, number: number) =>
    many([{ kind: 'reset', versionId }], () => `The draft is version ${number} again.`)

  return { change, takeBack, add, addLines, remove, mendRow, mendAll, replace, tag, undo, redo, reset, refuse }
}
