/**
 * Undo and redo of a draft, as an editor does it: each annotator goes back over their own edits, newest first, and a
 * new edit ends what could be done again. Edits without an annotator, which the command line makes, are everybody's.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { DraftChange, DraftRow } from '../../contract/pool.ts'
import type { UndoState } from '../../contract/label.ts'
import {
  deleteDraftRows,
  draftRowsById,
  findPoolEdit,
  inTransaction,
  insertPoolEdit,
  isUndone,
  type PoolEditSummary,
  poolEditsBackwards,
  putDraftRows,
  type ReadDb,
  refreshDraft,
} from '../store/index.ts'
import { type DraftScope, refuseLocked } from './draft.ts'
import { isSameContent, shortened } from './pool-text.ts'

/** What undo and redo would do now. */
export function undoState(db: ReadDb, poolId: number, annotator: string): UndoState {
  return {
    undo: nextToUndo(db, poolId, annotator)?.summary ?? null,
    redo: nextToRedo(db, poolId, annotator)?.summary ?? null,
  }
}

/**
 * @returns null when there is nothing to undo
 * @throws HeadwiseError 'conflict' when the pool is locked, or another annotator changed the rows since
 */
export function undoDraft(scope: DraftScope): DraftChange | null {
  return step(scope, 'undo', nextToUndo)
}

/** As `undoDraft` does. */
export function redoDraft(scope: DraftScope): DraftChange | null {
  return step(scope, 'redo', nextToRedo)
}

function step(scope: DraftScope, kind: 'undo' | 'redo', next: typeof nextToUndo): DraftChange | null {
  const { db, pool, annotator, nowMs } = scope
  return inTransaction(db, () => {
    refuseLocked(db, pool)
    const edit = next(db, pool.id, annotator)
    if (!edit) return null
    const { before, after } = findPoolEdit(db, edit.id)
    const [from, to] = kind === 'undo' ? [after, before] : [before, after]
    const current = draftRowsById(db, pool.id, new Set([...from, ...to].map(({ id }) => id)))
    const isMove = movesOnly(from, to)
    refuseOthersChanges(
      from.filter(({ id }) => !isMove.has(id)),
      current,
    )
    const rows = restored(from, to, current, isMove)
    const removedRowIds = without(from, to)
    deleteDraftRows(db, pool.id, removedRowIds)
    putDraftRows(db, pool.id, rows)
    const summary = `${kind}: ${edit.summary}`
    const replaced = [...current.values()]
    const stored = { poolId: pool.id, annotator, kind, summary, ofEditId: edit.id, madeMs: nowMs }
    insertPoolEdit(db, { ...stored, before: replaced, after: rows })
    return { rows, removedRowIds, isChanged: refreshDraft(db, pool.id, rows) }
  })
}

/** The newest edit that is not undone. */
function nextToUndo(db: ReadDb, poolId: number, annotator: string): PoolEditSummary | undefined {
  for (const edit of poolEditsBackwards(db, poolId, annotator)) {
    if (edit.ofEditId === null && !isUndone(db, edit.id)) return edit
  }
  return undefined
}

/** The oldest of the edits that were undone since the last new edit. */
function nextToRedo(db: ReadDb, poolId: number, annotator: string): PoolEditSummary | undefined {
  let oldestId: number | undefined
  for (const { ofEditId } of poolEditsBackwards(db, poolId, annotator)) {
    if (ofEditId === null) break
    if ((oldestId === undefined || ofEditId < oldestId) && isUndone(db, ofEditId)) oldestId = ofEditId
  }
  return oldestId === undefined ? undefined : findPoolEdit(db, oldestId)
}

/** An annotator's own later edits are undone before, so what differs from the edit's rows is another's doing. */
function refuseOthersChanges(from: DraftRow[], current: Map<number, DraftRow>): void {
  for (const row of from) {
    const now = current.get(row.id)
    if (isSameRow(row, now)) continue
    const what = now ? `was changed by ${now.annotator || 'the command line'}` : 'was removed by another annotator'
    throw new HeadwiseError('conflict', `"${shortened(row.text, 40)}" ${what} since; this step is left as it is.`)
  }
}

/** Ids of rows that an edit only moved, to make room for others. */
function movesOnly(from: DraftRow[], to: DraftRow[]): Set<number> {
  const toById = new Map(to.map((row) => [row.id, row]))
  return new Set(from.filter((row) => isSameRow(row, toById.get(row.id))).map(({ id }) => id))
}

/** Positions that the edit did not change stay, and so do rows that it only moved and others have moved or removed since. */
function restored(from: DraftRow[], to: DraftRow[], current: Map<number, DraftRow>, isMove: Set<number>): DraftRow[] {
  const fromById = new Map(from.map((row) => [row.id, row]))
  return to.flatMap((row) => {
    const now = current.get(row.id)
    const before = fromById.get(row.id)
    if (isMove.has(row.id)) return now?.position === before!.position ? [{ ...now, position: row.position }] : []
    return before?.position === row.position ? [{ ...row, position: now!.position }] : [row]
  })
}

/** Whatever their position. */
function isSameRow(a: DraftRow, b: DraftRow | undefined): boolean {
  return b !== undefined && isSameContent(a, b) && a.changedMs === b.changedMs && a.annotator === b.annotator
}

function without(rows: DraftRow[], others: DraftRow[]): number[] {
  const ids = new Set(others.map(({ id }) => id))
  return rows.map(({ id }) => id).filter((id) => !ids.has(id))
}
