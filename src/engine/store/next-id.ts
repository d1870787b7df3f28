/** Ids of rows that may be deleted while other places still name them: each is used once. */
import type { ReadDb } from './database.ts'

/** Above every id that a row of the table has or had. Call inside the transaction that inserts the row. */
export function nextId(db: ReadDb, table: 'text_span' | 'pool_version'): number {
  const largest = db.prepare(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck().get() as number
  const dropped = db.prepare('SELECT largest FROM dropped_id WHERE kind = ?').pluck().get(table) as number | undefined
  return Math.max(largest, dropped ?? 0) + 1
}
