/** Drafts of pools in a workspace of their own. */
import { join } from 'node:path'
import type { DraftRow, PoolEdit } from '../../src/contract/pool.ts'
import { createDatabase, draftRows, readMigrations, type WriteDb } from '../../src/engine/store/index.ts'
import { type DraftScope, ensureDraft, importPool } from '../../src/engine/text-pool/index.ts'
import { databaseFolder, temporaryFolder } from './sample.ts'

export type DraftWorkspace = {
  db: WriteDb
  /** A pool with a name of its own and a draft. */
  newPool(texts: string[]): DraftScope
  newName(): string
  /** The same pool, a millisecond later. */
  by(scope: DraftScope, annotator: string): DraftScope
  rowsOf(scope: DraftScope): DraftRow[]
  textsOf(scope: DraftScope): string[]
  close(): void
}

export function draftWorkspace(): DraftWorkspace {
  const place = temporaryFolder()
  const { db, close } = createDatabase(
    join(place.folder, 'a.headwise'),
    readMigrations(join(databaseFolder, 'migrations')),
  )
  // The tests ask what is committed, not whether it outlives a power cut.
  db.pragma('synchronous = OFF')
  let pools = 0
  let nowMs = 1000
  const newName = () => `pool ${(pools += 1)}`
  const rowsOf = ({ pool }: DraftScope) => draftRows(db, pool.id)
  return {
    db,
    newName,
    newPool(texts) {
      const entries = texts.map((text, at) => ({ text, roles: [], line: at + 1 }))
      const source = { name: newName(), fileName: 'a.txt', texts: entries, annotator: 'ann', nowMs }
      const { pool } = importPool(db, source)
      ensureDraft(db, pool.id)
      return { db, pool, annotator: 'ann', nowMs }
    },
    by: (scope, annotator) => ({ ...scope, annotator, nowMs: (nowMs += 1) }),
    rowsOf,
    textsOf: (scope) => rowsOf(scope).map(({ text }) => text),
    close() {
      close()
      place.remove()
    },
  }
}

export function addEdit(texts: string[], afterRowId?: number): PoolEdit {
  const rows = texts.map((text) => ({ text, roles: [], source: '' }))
  return { kind: 'add', rows, afterRowId, afterHeads: [] }
}

export function contentOf({
  text,
  roles,
  source,
  afterHeads,
}: Pick<DraftRow, 'text' | 'roles' | 'source' | 'afterHeads'>) {
  return { text, roles, source, afterHeads }
}
