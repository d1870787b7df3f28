/**
 * The rows of a draft as the screen shows them: those that are saved, with the edits on top that the engine has not
 * answered yet. Nothing here talks to the engine. Rows that are being added have negative ids until they are saved.
 */
import type { DraftChange, DraftRow, PoolEdit } from '../../contract/pool.ts'

export type PendingEdit = {
  id: number
  poolId: number
  edit: PoolEdit
  /** for an edit that adds: ids that its rows have until they are saved */
  temporaryIds: number[]
  state: 'saving' | 'failed'
  /** why it is not saved */
  reason: string
}

/** How a row stands that is not simply saved. */
export type RowState = { state: 'saving' | 'failed' | 'leaving'; reason: string; editId: number }

export type ShownRows = { rows: DraftRow[]; states: Map<number, RowState> }

function inOrder(a: DraftRow, b: DraftRow): number {
  return a.position - b.position || a.id - b.id
}

/** @returns the saved rows after an edit, by position, then id */
export function withChange(rows: DraftRow[], { rows: changed, removedRowIds }: DraftChange): DraftRow[] {
  if (changed.length === 0 && removedRowIds.length === 0) return rows
  const removed = new Set(removedRowIds)
  const byId = new Map(changed.map((row) => [row.id, row]))
  let isMoved = false
  const next: DraftRow[] = []
  for (const row of rows) {
    if (removed.has(row.id)) continue
    const other = byId.get(row.id)
    if (other) {
      isMoved ||= other.position !== row.position
      byId.delete(row.id)
    }
    next.push(other ?? row)
  }
  if (byId.size > 0) next.push(...byId.values())
  return isMoved || byId.size > 0 ? next.sort(inOrder) : next
}

/** Whether what was read again says the same: a pool is told to have changed when it is locked, too. */
export function areSameRows(rows: readonly DraftRow[], others: readonly DraftRow[]): boolean {
  return rows.length === others.length && rows.every((row, at) => isSameRow(row, others[at]!))
}

function isSameRow(row: DraftRow, other: DraftRow): boolean {
  const isSameList = (own: string[], theirs: string[]) => own.join('\n') === theirs.join('\n')
  return (
    row.id === other.id &&
    row.text === other.text &&
    row.source === other.source &&
    isSameList(row.roles, other.roles) &&
    isSameList(row.afterHeads, other.afterHeads)
  )
}

/** @returns the same array where nothing is under way */
export function withPending(saved: DraftRow[], pending: PendingEdit[]): ShownRows {
  const states = new Map<number, RowState>()
  if (pending.length === 0) return { rows: saved, states }
  const changes = new Map<number, Partial<DraftRow>>()
  const added: { afterRowId: number | undefined; rows: DraftRow[] }[] = []
  const tags: { ids: Set<number>; apply: (roles: string[]) => string[] }[] = []
  for (const entry of pending) {
    const mark = (rowId: number, state: RowState['state'] = entry.state) =>
      states.set(rowId, { state: entry.state === 'failed' ? 'failed' : state, reason: entry.reason, editId: entry.id })
    const { edit } = entry
    if (edit.kind === 'change') {
      const { text, roles, source } = edit
      const parts = Object.entries({ text, roles, source }).filter(([, part]) => part !== undefined)
      changes.set(edit.rowId, { ...changes.get(edit.rowId), ...Object.fromEntries(parts) })
      mark(edit.rowId)
    } else if (edit.kind === 'rewrite') {
      // A failed edit of many rows is told above the table; the rows are shown as they are saved.
      if (entry.state === 'saving')
        for (const { rowId, text } of edit.rows) {
          changes.set(rowId, { ...changes.get(rowId), text })
          mark(rowId)
        }
    } else if (edit.kind === 'remove') {
      if (entry.state === 'saving') for (const rowId of edit.rowIds) mark(rowId, 'leaving')
    } else if (edit.kind === 'tag') {
      if (entry.state === 'saving') {
        tags.push({ ids: new Set(edit.rowIds), apply: (roles) => withTags(roles, edit.add, edit.remove) })
        for (const rowId of edit.rowIds) mark(rowId)
      }
    } else if (edit.kind === 'add') {
      const rows = edit.rows.map((row, at): DraftRow => ({
        ...row,
        id: entry.temporaryIds[at]!,
        position: 0,
        afterHeads: edit.afterHeads,
        annotator: '',
        changedMs: 0,
      }))
      added.push({ afterRowId: edit.afterRowId, rows })
      for (const { id } of rows) mark(id)
    }
  }
  return { rows: withAdded(withOverlay(saved, changes, tags), added), states }
}

function withOverlay(
  saved: DraftRow[],
  changes: Map<number, Partial<DraftRow>>,
  tags: { ids: Set<number>; apply: (roles: string[]) => string[] }[],
): DraftRow[] {
  if (changes.size === 0 && tags.length === 0) return saved
  return saved.map((row) => {
    const change = changes.get(row.id)
    let next = change ? { ...row, ...change } : row
    for (const { ids, apply } of tags) if (ids.has(row.id)) next = { ...next, roles: apply(next.roles) }
    return next
  })
}

/** Rows of a later edit may stand behind rows of an earlier one that is not saved either. */
function withAdded(rows: DraftRow[], added: { afterRowId: number | undefined; rows: DraftRow[] }[]): DraftRow[] {
  if (added.length === 0) return rows
  const next = [...rows]
  for (const { afterRowId, rows: own } of added) {
    const behind = afterRowId === undefined ? -1 : next.findIndex(({ id }) => id === afterRowId)
    next.splice(behind < 0 ? next.length : behind + 1, 0, ...own)
  }
  return next
}

/** Tags are the same whatever their case; the spelling that was there first stays. */
export function withTags(roles: string[], add: readonly string[], remove: readonly string[]): string[] {
  const unwanted = new Set(remove.map((tag) => tag.toLowerCase()))
  const kept = roles.filter((tag) => !unwanted.has(tag.toLowerCase()))
  const there = new Set(kept.map((tag) => tag.toLowerCase()))
  return [...kept, ...add.filter((tag) => !there.has(tag.toLowerCase()))]
}

/** The edit with the ids that its rows got meanwhile; what it names of rows that were never saved is left out. */
export function withRealIds(edit: PoolEdit, realIds: Map<number, number>): PoolEdit | undefined {
  const real = (id: number) => (id > 0 ? id : realIds.get(id))
  const all = (ids: number[]) => ids.map(real).filter((id) => id !== undefined)
  switch (edit.kind) {
    case 'add':
      return { ...edit, afterRowId: edit.afterRowId === undefined ? undefined : real(edit.afterRowId) }
    case 'change': {
      const rowId = real(edit.rowId)
      return rowId === undefined ? undefined : { ...edit, rowId }
    }
    case 'rewrite': {
      const rows = edit.rows.flatMap(({ rowId, text }) => {
        const id = real(rowId)
        return id === undefined ? [] : [{ rowId: id, text }]
      })
      return rows.length === 0 ? undefined : { ...edit, rows }
    }
    case 'remove':
    case 'tag': {
      const rowIds = all(edit.rowIds)
      return rowIds.length === 0 ? undefined : { ...edit, rowIds }
    }
    case 'reset':
      return edit
  }
}

/** For people: "3 new texts", "the text “a lake”". */
export function editWords(edit: PoolEdit): string {
  const some = (count: number) => (count === 1 ? 'a text' : `${count} texts`)
  switch (edit.kind) {
    case 'add':
      return edit.rows.length === 1 ? `the new text “${edit.rows[0]!.text}”` : `${edit.rows.length} new texts`
    case 'change':
      return edit.text === undefined ? 'tags or source of a text' : `the text “${edit.text}”`
    case 'rewrite':
      return `replacing in ${some(edit.rows.length)}`
    case 'remove':
      return `removing ${some(edit.rowIds.length)}`
    case 'tag':
      return `tags of ${some(edit.rowIds.length)}`
    case 'reset':
      return 'going back to a version'
  }
}
