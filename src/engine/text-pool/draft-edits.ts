/** Edits of a pool's draft: what each changes, in one transaction with a row that says how to take it back. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { DraftChange, DraftRow, PoolEdit } from '../../contract/pool.ts'
import {
  deleteDraftRows,
  draftRowsById,
  findDraft,
  inTransaction,
  insertDraftRows,
  insertPoolEdit,
  nameKey,
  type NewDraftRow,
  type PoolEditKind,
  putDraftRows,
  refreshDraft,
  rolesOfText,
} from '../store/index.ts'
import { type DraftScope, ensureDraft, refuseLocked } from './draft.ts'
import { placesAfter } from './draft-positions.ts'
import { planReset } from './draft-reset.ts'
import { isSameContent, shortened, storable } from './pool-text.ts'

type EditOf<Kind extends PoolEdit['kind']> = Extract<PoolEdit, { kind: Kind }>

export type PlannedEdit = {
  kind: PoolEditKind
  summary: string
  changed: { before: DraftRow; after: DraftRow }[]
  added: NewDraftRow[]
  removed: DraftRow[]
}

/**
 * @returns rows that became other; nothing is written where nothing would
 * @throws HeadwiseError 'conflict' when the pool is locked, 'not-found' when a row is gone, 'bad-input' for empty texts
 */
export function editDraft(scope: DraftScope, edit: PoolEdit): DraftChange {
  return inTransaction(scope.db, () => {
    refuseLocked(scope.db, scope.pool)
    ensureDraft(scope.db, scope.pool.id)
    return recordEdit(scope, planOf(scope, edit))
  })
}

function planOf(scope: DraftScope, edit: PoolEdit): PlannedEdit {
  switch (edit.kind) {
    case 'add':
      return planAdd(scope, edit)
    case 'change':
      return planChange(scope, edit)
    case 'rewrite':
      return planRewrite(scope, edit)
    case 'remove':
      return planRemove(scope, edit)
    case 'tag':
      return planTag(scope, edit)
    case 'reset':
      return planReset(scope, edit.versionId)
  }
}

/** Call inside a transaction. */
export function recordEdit(scope: DraftScope, { kind, summary, changed, added, removed }: PlannedEdit): DraftChange {
  const { db, pool, annotator, nowMs } = scope
  if (changed.length + added.length + removed.length === 0) {
    return { rows: [], removedRowIds: [], isChanged: findDraft(db, pool.id)!.isChanged }
  }
  const removedRowIds = removed.map(({ id }) => id)
  const changedRows = changed.map(({ after }) => after)
  putDraftRows(db, pool.id, changedRows)
  deleteDraftRows(db, pool.id, removedRowIds)
  const rows = [...changedRows, ...insertDraftRows(db, pool.id, added)]
  const before = [...changed.map((change) => change.before), ...removed]
  insertPoolEdit(db, { poolId: pool.id, annotator, kind, summary, ofEditId: null, before, after: rows, madeMs: nowMs })
  return { rows, removedRowIds, isChanged: refreshDraft(db, pool.id, rows) }
}

function planAdd(scope: DraftScope, { rows, afterRowId, afterHeads }: EditOf<'add'>): PlannedEdit {
  const wanted = rows.map((row) => ({ ...row, text: storable(row.text) })).filter(({ text }) => text !== '')
  if (wanted.length === 0) {
    const came = rows.length === 1 ? 'the only one is empty' : `all ${rows.length} are empty`
    throw new HeadwiseError('bad-input', `At least one text must be added; ${came}.`)
  }
  const behind = afterRowId === undefined ? undefined : rowsOf(scope, [afterRowId])[0]!
  const { positions, moved } = placesAfter(scope.db, scope.pool.id, behind, wanted.length)
  const added = wanted.map(({ text, roles, source }, at) => ({
    position: positions[at]!,
    text,
    roles: rolesOfText(roles.join(';')),
    source: storable(source),
    afterHeads,
    ...byNow(scope),
  }))
  return { kind: 'add', summary: `add ${textsInWords(added)}`, changed: moved, added, removed: [] }
}

function planChange(scope: DraftScope, edit: EditOf<'change'>): PlannedEdit {
  const before = rowsOf(scope, [edit.rowId])[0]!
  const text = edit.text === undefined ? before.text : notEmpty(edit.text)
  const isRewritten = text !== before.text
  const after = {
    ...before,
    text,
    roles: edit.roles === undefined ? before.roles : rolesOfText(edit.roles.join(';')),
    source: edit.source === undefined ? before.source : storable(edit.source),
    // What its author had seen says something of the text alone, so it stays as long as the text does.
    afterHeads: isRewritten ? (edit.afterHeads ?? before.afterHeads) : before.afterHeads,
    ...byNow(scope),
  }
  const changed = isSameContent(before, after) ? [] : [{ before, after }]
  const summary = isRewritten
    ? `change ${quoted(before.text)} to ${quoted(text)}`
    : `change the ${after.source === before.source ? 'tags' : 'source'} of ${quoted(text)}`
  return { kind: 'change', summary, changed, added: [], removed: [] }
}

function planRewrite(scope: DraftScope, { rows }: EditOf<'rewrite'>): PlannedEdit {
  const textOf = new Map(rows.map(({ rowId, text }) => [rowId, notEmpty(text)]))
  const changed = rowsOf(scope, textOf.keys())
    .map((before) => ({ before, after: { ...before, text: textOf.get(before.id)!, ...byNow(scope) } }))
    .filter(({ before, after }) => before.text !== after.text)
  const [only] = changed
  const summary =
    changed.length === 1
      ? `change ${quoted(only!.before.text)} to ${quoted(only!.after.text)}`
      : `replace in ${changed.length} texts`
  return { kind: 'rewrite', summary, changed, added: [], removed: [] }
}

function planRemove(scope: DraftScope, { rowIds }: EditOf<'remove'>): PlannedEdit {
  const removed = rowsOf(scope, new Set(rowIds))
  return { kind: 'remove', summary: `remove ${textsInWords(removed)}`, changed: [], added: [], removed }
}

function planTag(scope: DraftScope, edit: EditOf<'tag'>): PlannedEdit {
  const wanted = rolesOfText(edit.add.join(';'))
  const unwanted = new Set(rolesOfText(edit.remove.join(';')).map(nameKey))
  const changed = rowsOf(scope, new Set(edit.rowIds))
    .map((before) => {
      const kept = before.roles.filter((tag) => !unwanted.has(nameKey(tag)))
      return { before, after: { ...before, roles: rolesOfText([...kept, ...wanted].join(';')), ...byNow(scope) } }
    })
    .filter(({ before, after }) => !isSameContent(before, after))
  const texts = textsInWords(changed.map(({ before }) => before))
  const parts = []
  if (wanted.length > 0) parts.push(`tag ${texts} with ${wanted.join(', ')}`)
  if (unwanted.size > 0) parts.push(`take ${edit.remove.join(', ')} off ${wanted.length > 0 ? 'them' : texts}`)
  return { kind: 'tag', summary: parts.join(' and '), changed, added: [], removed: [] }
}

/** @throws HeadwiseError 'not-found' for the first id that is not in the draft */
function rowsOf({ db, pool }: DraftScope, ids: Iterable<number>): DraftRow[] {
  const wanted = [...ids]
  const found = draftRowsById(db, pool.id, wanted)
  return wanted.map((id) => {
    const row = found.get(id)
    if (row) return row
    throw new HeadwiseError('not-found', `The draft of "${pool.name}" has no row ${id}; it may have been removed.`)
  })
}

function notEmpty(text: string): string {
  const kept = storable(text)
  if (kept === '') throw new HeadwiseError('bad-input', 'A text must not be empty; remove the row instead.')
  return kept
}

function byNow({ annotator, nowMs }: DraftScope): Pick<DraftRow, 'annotator' | 'changedMs'> {
  return { annotator, changedMs: Math.round(nowMs) }
}

function quoted(text: string): string {
  return `"${shortened(text, 40)}"`
}

/** One text is named, several are counted. */
function textsInWords(rows: { text: string }[]): string {
  return rows.length === 1 ? quoted(rows[0]!.text) : `${rows.length} texts`
}
