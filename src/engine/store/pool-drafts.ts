/**
 * Drafts of pools and their edits. A draft's rows stand by position, then id; `isChanged` compares them with the newest
 * version that everybody sees.
 */
import type { DraftRow, PoolEdit } from '../../contract/pool.ts'
import type { ReadDb, WriteDb } from './database.ts'
import { findNewestPoolVersion, headsOf, type PoolContent, poolTexts, type StoredPoolVersion } from './pools.ts'
import { rolesOfText, textOfRoles } from './role-text.ts'

export type StoredDraft = { baseVersionId: number; isChanged: boolean }
export type NewDraftRow = Omit<DraftRow, 'id'>

export type PoolEditKind = PoolEdit['kind'] | 'undo' | 'redo'
export type StoredPoolEdit = {
  id: number
  annotator: string
  kind: PoolEditKind
  /** for people: "add 12 texts" */
  summary: string
  /** the edit that was undone or redone */
  ofEditId: number | null
  /** rows as they were; nothing for new ones */
  before: DraftRow[]
  /** rows as they became; nothing for removed ones */
  after: DraftRow[]
  madeMs: number
}
export type NewPoolEdit = Omit<StoredPoolEdit, 'id'> & { poolId: number }
/** An edit without its rows. */
export type PoolEditSummary = Pick<StoredPoolEdit, 'id' | 'annotator' | 'kind' | 'summary' | 'ofEditId'>

type Row = Omit<DraftRow, 'roles' | 'afterHeads'> & { roles: string; afterHeads: string }

const rowColumns = 'id, position, text, roles, source, after_heads AS afterHeads, annotator, changed_ms AS changedMs'

function fromRow(row: Row): DraftRow {
  const roles = row.roles === '[]' ? [] : (JSON.parse(row.roles) as string[])
  return { ...row, roles, afterHeads: headsOf(row.afterHeads) }
}

export function findDraft(db: ReadDb, poolId: number): StoredDraft | undefined {
  const row = db
    .prepare('SELECT base_version_id AS baseVersionId, is_changed AS isChanged FROM pool_draft WHERE pool_id = ?')
    .get(poolId) as { baseVersionId: number; isChanged: number } | undefined
  return row && { baseVersionId: row.baseVersionId, isChanged: row.isChanged === 1 }
}

export function saveDraft(db: WriteDb, poolId: number, { baseVersionId, isChanged }: StoredDraft): void {
  db.prepare(
    `INSERT INTO pool_draft (pool_id, base_version_id, is_changed) VALUES (?, ?, ?)
     ON CONFLICT (pool_id) DO UPDATE SET base_version_id = excluded.base_version_id, is_changed = excluded.is_changed`,
  ).run(poolId, baseVersionId, isChanged ? 1 : 0)
}

/** In their order. */
export function draftRows(db: ReadDb, poolId: number): DraftRow[] {
  const rows = db
    .prepare(`SELECT ${rowColumns} FROM pool_draft_row WHERE pool_id = ? ORDER BY position, id`)
    .all(poolId) as Row[]
  return rows.map(fromRow)
}

/** What a draft would be that nobody has edited; ids and positions are places in the version, from 1. */
export function rowsOfVersion(
  db: ReadDb,
  { id, annotator, createdMs }: Pick<StoredPoolVersion, 'id' | 'annotator' | 'createdMs'>,
): DraftRow[] {
  return poolTexts(db, id).map(({ ordinal, text, roles, source, afterHeads }) => ({
    id: ordinal + 1,
    position: ordinal + 1,
    text,
    roles,
    source,
    afterHeads,
    annotator,
    changedMs: createdMs,
  }))
}

/** Rows by their ids; those that are not in the pool's draft are left out. */
export function draftRowsById(db: ReadDb, poolId: number, ids: Iterable<number>): Map<number, DraftRow> {
  const find = db.prepare(`SELECT ${rowColumns} FROM pool_draft_row WHERE id = ? AND pool_id = ?`)
  const found = new Map<number, DraftRow>()
  for (const id of ids) {
    const row = find.get(id, poolId) as Row | undefined
    if (row) found.set(id, fromRow(row))
  }
  return found
}

/** Rows behind a place, in their order; those at the same place are told apart by their id. */
export function draftRowsAfter(
  db: ReadDb,
  poolId: number,
  { position, id }: Pick<DraftRow, 'position' | 'id'>,
  limit: number,
): DraftRow[] {
  const rows = db
    .prepare(
      `SELECT ${rowColumns} FROM pool_draft_row WHERE pool_id = ? AND (position, id) > (?, ?) ORDER BY position, id LIMIT ?`,
    )
    .all(poolId, position, id, limit) as Row[]
  return rows.map(fromRow)
}

/** @returns undefined for a draft without rows */
export function lastPosition(db: ReadDb, poolId: number): number | undefined {
  return (db.prepare('SELECT max(position) FROM pool_draft_row WHERE pool_id = ?').pluck().get(poolId) ?? undefined) as
    number | undefined
}

/** @returns the rows with their ids */
export function insertDraftRows(db: WriteDb, poolId: number, rows: NewDraftRow[]): DraftRow[] {
  const insert = db.prepare(
    `INSERT INTO pool_draft_row (pool_id, position, text, roles, source, after_heads, annotator, changed_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return rows.map((row) => ({ id: Number(insert.run(poolId, ...columnsOf(row)).lastInsertRowid), ...row }))
}

/** Makes rows what they are here, whether they are there or were removed. */
export function putDraftRows(db: WriteDb, poolId: number, rows: DraftRow[]): void {
  const put = db.prepare(
    `INSERT INTO pool_draft_row (pool_id, position, text, roles, source, after_heads, annotator, changed_ms, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text,
     roles = excluded.roles, source = excluded.source, after_heads = excluded.after_heads,
     annotator = excluded.annotator, changed_ms = excluded.changed_ms`,
  )
  for (const row of rows) put.run(poolId, ...columnsOf(row), row.id)
}

export function deleteDraftRows(db: WriteDb, poolId: number, ids: Iterable<number>): void {
  const remove = db.prepare('DELETE FROM pool_draft_row WHERE id = ? AND pool_id = ?')
  for (const id of ids) remove.run(id, poolId)
}

function columnsOf(row: NewDraftRow): (string | number)[] {
  const { position, text, roles, source, afterHeads, annotator, changedMs } = row
  return [position, text, JSON.stringify(roles), source, JSON.stringify(afterHeads), annotator, Math.round(changedMs)]
}

export function insertPoolEdit(db: WriteDb, edit: NewPoolEdit): void {
  db.prepare(
    `INSERT INTO pool_edit (pool_id, annotator, kind, summary, of_edit_id, before, after, made_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    edit.poolId,
    edit.annotator,
    edit.kind,
    edit.summary,
    edit.ofEditId,
    JSON.stringify(edit.before),
    JSON.stringify(edit.after),
    Math.round(edit.madeMs),
  )
}

export function findPoolEdit(db: ReadDb, id: number): StoredPoolEdit {
  const row = db
    .prepare(
      `SELECT id, annotator, kind, summary, of_edit_id AS ofEditId, before, after, made_ms AS madeMs FROM pool_edit
       WHERE id = ?`,
    )
    .get(id) as Omit<StoredPoolEdit, 'before' | 'after'> & { before: string; after: string }
  return { ...row, before: JSON.parse(row.before) as DraftRow[], after: JSON.parse(row.after) as DraftRow[] }
}

/** What an annotator did, and what was done without one, newest first, as far as the reader goes. */
export function* poolEditsBackwards(db: ReadDb, poolId: number, annotator: string): Generator<PoolEditSummary> {
  const page = db.prepare(
    `SELECT id, annotator, kind, summary, of_edit_id AS ofEditId FROM pool_edit
     WHERE pool_id = ? AND annotator IN (?, '') AND id < ? ORDER BY id DESC LIMIT 50`,
  )
  let beforeId = Number.MAX_SAFE_INTEGER
  for (;;) {
    const edits = page.all(poolId, annotator, beforeId) as PoolEditSummary[]
    if (edits.length === 0) return
    yield* edits
    beforeId = edits.at(-1)!.id
  }
}

/** Whether the last that was done about an edit is that it was undone. */
export function isUndone(db: ReadDb, editId: number): boolean {
  const last = db
    .prepare('SELECT kind FROM pool_edit WHERE of_edit_id = ? ORDER BY id DESC LIMIT 1')
    .pluck()
    .get(editId)
  return last === 'undo'
}

/**
 * Whether the draft's rows differ from the version's, in content or order. Where the draft has other rows, nearly always
 * a row tells that was edited lately; only where none does are all of them read.
 * @param touched rows as they have just become
 */
export function differsFromVersion(
  db: ReadDb,
  poolId: number,
  versionId: number,
  touched: PoolContent[] = [],
): boolean {
  const count = db.prepare('SELECT count(*) FROM pool_draft_row WHERE pool_id = ?').pluck()
  const textCount = db.prepare('SELECT text_count FROM pool_version WHERE id = ?').pluck()
  if (count.get(poolId) !== textCount.get(versionId)) return true
  const isInVersion = versionReader(db, versionId)
  if (!touched.every(isInVersion)) return true
  const recent = draftRowsById(db, poolId, recentlyEditedIds(db, poolId))
  return ![...recent.values()].every(isInVersion) || differsInOrder(db, poolId, versionId)
}

function versionReader(db: ReadDb, versionId: number): (row: PoolContent) => boolean {
  const find = db.prepare(
    `SELECT p.role, p.source, p.after_heads AS heads FROM text t JOIN pool_text p ON p.text_id = t.id AND p.version_id = ?
     WHERE t.content = ?`,
  )
  return ({ text, roles, source, afterHeads }) => {
    const there = find.get(versionId, text) as { role: string | null; source: string; heads: string } | undefined
    if (there?.source !== source || there.heads !== JSON.stringify(afterHeads)) return false
    return isSameRoles(there.role, roles)
  }
}

/** Of the last edits, large ones left out. */
function recentlyEditedIds(db: ReadDb, poolId: number): number[] {
  return db
    .prepare(
      `SELECT DISTINCT json_extract(edited.value, '$.id') FROM (
         SELECT after FROM pool_edit WHERE pool_id = ? AND octet_length(after) < 20000 ORDER BY id DESC LIMIT 50) recent,
         json_each(recent.after) edited`,
    )
    .pluck()
    .all(poolId) as number[]
}

/** Both are read side by side. SQLite leaves out what is the same; tags in an unusual spelling are compared here. */
function differsInOrder(db: ReadDb, poolId: number, versionId: number): boolean {
  const pairs = db
    .prepare(
      `SELECT d.roles, p.role, d.text IS t.content AND d.source IS p.source AND d.heads IS p.after_heads AS isSameText
       FROM (SELECT text, roles, source, after_heads AS heads, row_number() OVER (ORDER BY position, id) - 1 AS ordinal
         FROM pool_draft_row WHERE pool_id = ? ORDER BY position, id) d
       JOIN pool_text p ON p.version_id = ? AND p.ordinal = d.ordinal JOIN text t ON t.id = p.text_id
       WHERE NOT isSameText
         OR d.roles IS NOT CASE WHEN p.role IS NULL THEN '[]' ELSE '["' || replace(p.role, '; ', '","') || '"]' END`,
    )
    .iterate(poolId, versionId) as IterableIterator<{ roles: string; role: string | null; isSameText: number }>
  for (const { roles, role, isSameText } of pairs) {
    if (isSameText === 0 || !isSameRoles(role, JSON.parse(roles) as string[])) return true
  }
  return false
}

/** @param written as a version keeps them; versions of older builds may have them in another spelling */
function isSameRoles(written: string | null, roles: string[]): boolean {
  return textOfRoles(rolesOfText(written)) === textOfRoles(roles)
}

/** Compares the draft with the newest version again. @returns whether it differs */
export function refreshDraft(db: WriteDb, poolId: number, touched?: PoolContent[]): boolean {
  const baseVersionId = findNewestPoolVersion(db, poolId)!.id
  const isChanged = differsFromVersion(db, poolId, baseVersionId, touched)
  saveDraft(db, poolId, { baseVersionId, isChanged })
  return isChanged
}
