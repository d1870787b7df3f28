/** Drafts of pools: made from the newest version when they are first needed; locked pools keep theirs as it is. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { DraftRow, PoolLock } from '../../contract/pool.ts'
import {
  draftRows,
  findDraft,
  findNewestPoolVersion,
  findPoolLock,
  inTransaction,
  insertDraftRows,
  type ReadDb,
  rowsOfVersion,
  saveDraft,
  type StoredPool,
  type WriteDb,
} from '../store/index.ts'

/** Who edits which pool's draft, and when. */
export type DraftScope = { db: WriteDb; pool: StoredPool; annotator: string; nowMs: number }

/** @throws HeadwiseError 'conflict' */
export function refuseLocked(db: ReadDb, pool: StoredPool): void {
  const lock = findPoolLock(db, pool.id)
  if (lock) throw new HeadwiseError('conflict', `The pool "${pool.name}" is ${lockWords(lock)}. Unlock it to edit.`)
}

/** "locked by Ann since 2026-05-04: as published" */
export function lockWords({ annotator, madeMs, reason }: PoolLock): string {
  const since = new Date(madeMs).toISOString().slice(0, 10)
  return `locked by ${annotator} since ${since}${reason === '' ? '' : `: ${reason.replace(/[.\s]+$/, '')}`}`
}

/** The draft as it is, or as it would be made; nothing is written. */
export function readDraft(db: ReadDb, poolId: number): { rows: DraftRow[]; isChanged: boolean } {
  const draft = findDraft(db, poolId)
  if (draft) return { rows: draftRows(db, poolId), isChanged: draft.isChanged }
  return { rows: rowsOfVersion(db, findNewestPoolVersion(db, poolId)!), isChanged: false }
}

/** Makes the draft's rows where nobody has needed them yet, so that their ids stay from now on. */
export function ensureDraft(db: WriteDb, poolId: number): void {
  if (findDraft(db, poolId)) return
  inTransaction(db, () => {
    // Another process may have made it between the look and the lock.
    if (findDraft(db, poolId)) return
    const newest = findNewestPoolVersion(db, poolId)!
    insertDraftRows(db, poolId, rowsOfVersion(db, newest))
    saveDraft(db, poolId, { baseVersionId: newest.id, isChanged: false })
  })
}
