/** From drafts and files to versions. Every function works in one transaction, so that all of it is there or nothing. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { DraftRow } from '../../contract/pool.ts'
import {
  draftRows,
  findDraft,
  findNewestPoolVersion,
  findPoolByName,
  inTransaction,
  insertPool,
  insertPoolVersion,
  type NewPoolText,
  type PoolContent,
  poolTexts,
  type ReadDb,
  refreshDraft,
  type StoredPool,
  type WriteDb,
} from '../store/index.ts'
import { type DraftScope, ensureDraft, refuseLocked } from './draft.ts'
import { recordEdit } from './draft-edits.ts'
import { planReset } from './draft-reset.ts'
import { isSameContent, mergeTwins, poolHash } from './pool-text.ts'
import type { ReadText } from './read-pool.ts'

/**
 * Makes a version of the draft, unless the newest one holds the same. Rows that a version would merge are merged in
 * the draft too, as an edit that can be undone.
 * @returns the version's id
 * @throws HeadwiseError 'conflict' when the pool is locked, 'bad-input' when the draft has no rows
 */
export function commitDraft(scope: DraftScope, note: string): { versionId: number; isNew: boolean } {
  const { db, pool, annotator, nowMs } = scope
  return inTransaction(db, () => {
    refuseLocked(db, pool)
    ensureDraft(db, pool.id)
    const all = draftRows(db, pool.id)
    const { rows, merged } = mergeTwins(all)
    if (rows.length === 0) {
      throw new HeadwiseError(
        'bad-input',
        `A version must hold at least one text; the draft of "${pool.name}" has none.`,
      )
    }
    const newest = findNewestPoolVersion(db, pool.id)!
    const isNew = !isVersion(db, newest.id, rows)
    const versionId = isNew
      ? insertVersion(db, { poolId: pool.id, annotator, note, createdMs: nowMs }, rows)
      : newest.id
    if (merged.length > 0) recordMerge(scope, all, rows, merged)
    refreshDraft(db, pool.id)
    return { versionId, isNew }
  })
}

function recordMerge(scope: DraftScope, all: DraftRow[], rows: DraftRow[], merged: DraftRow[]): void {
  const byId = new Map(all.map((row) => [row.id, row]))
  recordEdit(scope, {
    kind: 'remove',
    summary: `merge ${merged.length === 1 ? 'a text that stands twice' : `${merged.length} texts that stand twice`}`,
    changed: rows
      .map((after) => ({ before: byId.get(after.id)!, after }))
      .filter(({ before, after }) => !isSameContent(before, after)),
    added: [],
    removed: merged,
  })
}

/** Whether a version holds these texts with all that is known of them, in this order. */
export function isVersion(db: ReadDb, versionId: number, rows: PoolContent[]): boolean {
  const texts = poolTexts(db, versionId)
  return texts.length === rows.length && texts.every((text, at) => isSameContent(text, rows[at]!))
}

/** A version of rows, whose lines are their places. Call inside a transaction. */
export function insertVersion(
  db: WriteDb,
  version: { poolId: number; annotator: string; note: string; createdMs: number },
  rows: PoolContent[],
): number {
  const texts = rows.map(({ text, roles, source, afterHeads }, at) => ({
    text,
    roles,
    source,
    afterHeads,
    line: at + 1,
  }))
  return insertPoolVersion(db, { ...version, hash: poolHash(texts) }, texts)
}

export type PoolSource = { name: string; fileName: string; texts: ReadText[]; annotator: string; nowMs: number }

/**
 * Makes a pool of a file's texts, or the newest version of the pool that has the name. Its draft goes along by an edit
 * that can be undone, so that nothing typed is lost. What the file does not know of a text stays as the pool had it.
 * @throws HeadwiseError 'conflict' when the pool is locked
 */
export function importPool(db: WriteDb, source: PoolSource): { pool: StoredPool; isUnchanged: boolean } {
  const { name, annotator, nowMs } = source
  return inTransaction(db, () => {
    const known = findPoolByName(db, name)
    if (known) refuseLocked(db, known)
    const pool = known ?? { id: insertPool(db, name), name }
    const newest = findNewestPoolVersion(db, pool.id)
    const texts = withKnownNotes(source.texts, newest ? poolTexts(db, newest.id) : [])
    if (newest && isVersion(db, newest.id, texts)) return { pool, isUnchanged: true }
    const version = { poolId: pool.id, hash: poolHash(texts), annotator, note: '', createdMs: nowMs }
    const versionId = insertPoolVersion(db, version, texts)
    if (findDraft(db, pool.id)) {
      const scope = { db, pool, annotator, nowMs }
      recordEdit(
        scope,
        planReset(scope, versionId, (number) => `go to version ${number}, read from "${source.fileName}"`),
      )
      refreshDraft(db, pool.id)
    }
    return { pool, isUnchanged: false }
  })
}

function withKnownNotes(texts: ReadText[], known: PoolContent[]): NewPoolText[] {
  const byText = new Map(known.map((row) => [row.text, row]))
  return texts.map(({ text, roles, source, afterHeads, line }) => {
    const before = byText.get(text)
    return {
      text,
      roles: roles ?? before?.roles ?? [],
      source: source ?? before?.source ?? '',
      afterHeads: afterHeads ?? before?.afterHeads ?? [],
      line,
    }
  })
}
