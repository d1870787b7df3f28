/**
 * Edits of labels. Rows are added and never changed; the newest of a head and annotator is the label. Order is by id,
 * never by time: clocks go back.
 */
import type { HeadPlace } from '../../contract/head.ts'
import type { EditKind, LabelEdit } from '../../contract/label.ts'
import type { ReadDb, WriteDb } from './database.ts'
import { rolesOfText } from './role-text.ts'

/**
 * The pool version whose texts were looked at. It is kept with the edit, since TEXTSPAN results may be dropped.
 * `isProposed` when it was a preview: its number may be another version's by now, its hash never is.
 */
export type PoolSeen = { name: string; version: number; hash: string; isProposed?: boolean }

/** Whose labels of which model. */
export type LabelScope = { modelId: number; annotator: string }

export type StoredEdit = LabelEdit & {
  modelId: number
  /** edits made by one action share it: the id of the first of them */
  changeId: number
  /** the action that was undone or redone */
  ofChangeId: number | null
  pool: PoolSeen | null
  /** of an import: when the annotator said so, by the pack */
  saidMs: number | null
}
export type NewEdit = Omit<StoredEdit, 'editId' | 'changeId'>

/** One action of an annotator. */
export type LabelAction = { changeId: number; kind: EditKind; ofChangeId: number | null }

type Row = Omit<StoredEdit, 'pool'> & { pool: string | null }

const editColumns = `e.id AS editId, e.change_id AS changeId, e.model_id AS modelId, e.layer, e.head, e.annotator,
  e.role_id AS roleId, e.confidence, e.state, e.note, e.text_span_id AS textSpanId, e.pool, e.said_ms AS saidMs, e.kind,
  e.of_change_id AS ofChangeId, e.of_edit_id AS ofEditId, e.made_ms AS madeMs`

function fromRow(row: Row): StoredEdit {
  return { ...row, pool: row.pool === null ? null : (JSON.parse(row.pool) as PoolSeen) }
}

/** The newest edit of every head and annotator, by layer, head, annotator. */
export function newestEdits(db: ReadDb, modelId: number): StoredEdit[] {
  // The inner query stays within the index; only the newest rows are read.
  const rows = db
    .prepare(
      `SELECT ${editColumns} FROM label_edit e JOIN
       (SELECT max(id) AS id FROM label_edit WHERE model_id = ? GROUP BY layer, head, annotator) newest ON newest.id = e.id
       ORDER BY e.layer, e.head, e.annotator`,
    )
    .all(modelId) as Row[]
  return rows.map(fromRow)
}

/** The newest edit of a head, made before the edit `beforeId` where it is given. */
export function newestEditOf(
  db: ReadDb,
  { modelId, annotator }: LabelScope,
  { layer, head }: HeadPlace,
  beforeId = Number.MAX_SAFE_INTEGER,
): StoredEdit | undefined {
  const row = db
    .prepare(
      `SELECT ${editColumns} FROM label_edit e WHERE e.model_id = ? AND e.layer = ? AND e.head = ? AND e.annotator = ?
       AND e.id < ? ORDER BY e.id DESC LIMIT 1`,
    )
    .get(modelId, layer, head, annotator, beforeId) as Row | undefined
  return row && fromRow(row)
}

/** Of all annotators, newest first. */
export function editsOfHead(db: ReadDb, modelId: number, { layer, head }: HeadPlace): StoredEdit[] {
  const rows = db
    .prepare(
      `SELECT ${editColumns} FROM label_edit e WHERE e.model_id = ? AND e.layer = ? AND e.head = ? ORDER BY e.id DESC`,
    )
    .all(modelId, layer, head) as Row[]
  return rows.map(fromRow)
}

export function findEdit(db: ReadDb, editId: number): StoredEdit | undefined {
  const row = db.prepare(`SELECT ${editColumns} FROM label_edit e WHERE e.id = ?`).get(editId) as Row | undefined
  return row && fromRow(row)
}

/** In the order in which they were made. */
export function editsOfAction(db: ReadDb, { modelId, annotator }: LabelScope, changeId: number): StoredEdit[] {
  const rows = db
    .prepare(
      `SELECT ${editColumns} FROM label_edit e WHERE e.model_id = ? AND e.annotator = ? AND e.change_id = ? ORDER BY e.id`,
    )
    .all(modelId, annotator, changeId) as Row[]
  return rows.map(fromRow)
}

/**
 * What the annotator did to labels of the model, newest first. To be read in a for-of loop, which may stop as soon as
 * enough is known: leaving it any other way keeps the connection busy.
 */
export function actionsOf(db: ReadDb, { modelId, annotator }: LabelScope): IterableIterator<LabelAction> {
  return db
    .prepare(
      `SELECT change_id AS changeId, kind, of_change_id AS ofChangeId FROM label_edit
       WHERE model_id = ? AND annotator = ? GROUP BY change_id ORDER BY change_id DESC`,
    )
    .iterate(modelId, annotator) as IterableIterator<LabelAction>
}

/** Adds the edits of one action. Call inside a transaction. */
export function insertAction(db: WriteDb, edits: NewEdit[]): StoredEdit[] {
  const insert = db.prepare(
    `INSERT INTO label_edit (id, change_id, model_id, layer, head, annotator, role_id, confidence, state, note, text_span_id,
     pool, said_ms, kind, of_change_id, of_edit_id, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const changeId = 1 + (db.prepare('SELECT coalesce(max(id), 0) FROM label_edit').pluck().get() as number)
  return edits.map((edit, at) => {
    const madeMs = Math.round(edit.madeMs)
    const editId = changeId + at
    insert.run(
      editId,
      changeId,
      edit.modelId,
      edit.layer,
      edit.head,
      edit.annotator,
      edit.roleId,
      edit.confidence,
      edit.state,
      edit.note,
      edit.textSpanId,
      edit.pool && JSON.stringify(edit.pool),
      edit.saidMs,
      edit.kind,
      edit.ofChangeId,
      edit.ofEditId,
      madeMs,
    )
    return { ...edit, editId, changeId, madeMs }
  })
}

/** Everybody who made an edit, by name, and how many labels of theirs say something now, over all models. */
export function listAnnotators(db: ReadDb): { name: string; labels: number }[] {
  return db
    .prepare(
      `SELECT annotator AS name,
       count(*) FILTER (WHERE role_id IS NOT NULL OR confidence IS NOT NULL OR state <> 'open' OR note <> '') AS labels
       FROM label_edit WHERE id IN (SELECT max(id) FROM label_edit GROUP BY model_id, layer, head, annotator)
       GROUP BY annotator ORDER BY annotator`,
    )
    .all() as { name: string; labels: number }[]
}

/** The pool version behind a TEXTSPAN result, and the model of its run. */
export function poolSeenIn(db: ReadDb, textSpanId: number): (PoolSeen & { modelId: number }) | undefined {
  const row = db
    .prepare(
      `SELECT p.name, v.number AS version, v.hash, r.model_id AS modelId,
       EXISTS (SELECT 1 FROM proposal WHERE pool_version_id = v.id AND is_own_version = 1) AS isProposed
       FROM text_span s JOIN run r ON r.id = s.run_id JOIN pool_version v ON v.id = s.pool_version_id
       JOIN pool p ON p.id = v.pool_id WHERE s.id = ?`,
    )
    .get(textSpanId) as (Omit<PoolSeen, 'isProposed'> & { modelId: number; isProposed: number }) | undefined
  if (!row) return undefined
  const { isProposed, ...seen } = row
  return isProposed ? { ...seen, isProposed: true } : seen
}

export function hasPoolVersion(db: ReadDb, hash: string): boolean {
  return db.prepare('SELECT 1 FROM pool_version WHERE hash = ?').get(hash) !== undefined
}

/** A text as it stands in a pool version. */
export type ChosenText = {
  textId: number
  /** role tags */
  roles: string[]
  /** heads that its author had opened before writing it, such as "L5.H2" */
  afterHeads: string[]
}

/** The texts that a TEXTSPAN result chose, each once. */
export function chosenTexts(db: ReadDb, textSpanId: number): ChosenText[] {
  const rows = db
    .prepare(
      `SELECT DISTINCT p.text_id AS textId, p.role, p.after_heads AS afterHeads FROM text_span s
       JOIN text_span_step st ON st.text_span_id = s.id
       JOIN pool_text p ON p.version_id = s.pool_version_id AND p.text_id = st.text_id WHERE s.id = ?`,
    )
    .all(textSpanId) as { textId: number; role: string | null; afterHeads: string }[]
  return rows.map(({ textId, role, afterHeads }) => ({
    textId,
    roles: rolesOfText(role),
    afterHeads: JSON.parse(afterHeads) as string[],
  }))
}
