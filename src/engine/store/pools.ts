/** Texts, pools, versions and embeddings. */
import type { PoolText, PoolVersion } from '../../contract/pool.ts'
import type { ReadDb, WriteDb } from './database.ts'
import { bytesOf, floatsOf } from './runs.ts'

export type StoredPool = { id: number; name: string }
export type NewPoolText = { text: string; role: string | null; line: number }

export function listPools(db: ReadDb): StoredPool[] {
  return db.prepare('SELECT id, name FROM pool ORDER BY id').all() as StoredPool[]
}

export function findPoolByName(db: ReadDb, name: string): StoredPool | undefined {
  return db.prepare('SELECT id, name FROM pool WHERE name = ?').get(name) as StoredPool | undefined
}

const versionColumns = 'id, number, hash, text_count AS texts, created_ms AS createdMs'

export function listPoolVersions(db: ReadDb, poolId: number): PoolVersion[] {
  return db
    .prepare(`SELECT ${versionColumns} FROM pool_version WHERE pool_id = ? ORDER BY number DESC`)
    .all(poolId) as PoolVersion[]
}

export function findPoolVersion(db: ReadDb, versionId: number): (PoolVersion & { poolId: number }) | undefined {
  return db.prepare(`SELECT ${versionColumns}, pool_id AS poolId FROM pool_version WHERE id = ?`).get(versionId) as
    (PoolVersion & { poolId: number }) | undefined
}

/** Makes the pool if its name is new, and a version of it. */
export function insertPoolVersion(
  db: WriteDb,
  name: string,
  hash: string,
  texts: NewPoolText[],
  createdMs: number,
): number {
  const insert = db.transaction(() => {
    db.prepare('INSERT INTO pool (name) VALUES (?) ON CONFLICT (name) DO NOTHING').run(name)
    const { id: poolId } = findPoolByName(db, name)!
    const number =
      1 +
      (db.prepare('SELECT coalesce(max(number), 0) FROM pool_version WHERE pool_id = ?').pluck().get(poolId) as number)
    const { lastInsertRowid: versionId } = db
      .prepare('INSERT INTO pool_version (pool_id, number, hash, text_count, created_ms) VALUES (?, ?, ?, ?, ?)')
      .run(poolId, number, hash, texts.length, createdMs)
    const place = db.prepare('INSERT INTO pool_text (version_id, ordinal, text_id, role, line) VALUES (?, ?, ?, ?, ?)')
    const ids = textIds(
      db,
      texts.map(({ text }) => text),
    )
    texts.forEach(({ role, line }, ordinal) => place.run(versionId, ordinal, ids[ordinal], role, line))
    return Number(versionId)
  })
  return insert()
}

export function poolTexts(db: ReadDb, versionId: number): PoolText[] {
  return db
    .prepare(
      `SELECT t.id, p.ordinal, t.content AS text, p.role, p.line FROM pool_text p JOIN text t ON t.id = p.text_id
       WHERE p.version_id = ? ORDER BY p.ordinal`,
    )
    .all(versionId) as PoolText[]
}

/** Ids of texts, made where they are new. Call inside a transaction. */
export function textIds(db: WriteDb, texts: string[]): number[] {
  const insert = db.prepare('INSERT INTO text (content) VALUES (?) ON CONFLICT (content) DO NOTHING')
  const find = db.prepare('SELECT id FROM text WHERE content = ?').pluck()
  return texts.map((text) => {
    insert.run(text)
    return find.get(text) as number
  })
}

export type StoredEmbedding = { textId: number; embedding: Float32Array; cutTokens: number }

export function embeddingsOf(db: ReadDb, modelId: number, ids: number[]): Map<number, StoredEmbedding> {
  const find = db.prepare(
    'SELECT embedding, cut_tokens AS cutTokens FROM text_embedding WHERE model_id = ? AND text_id = ?',
  )
  const found = new Map<number, StoredEmbedding>()
  for (const textId of ids) {
    const row = find.get(modelId, textId) as { embedding: Uint8Array; cutTokens: number } | undefined
    if (row) found.set(textId, { textId, embedding: floatsOf(row.embedding), cutTokens: row.cutTokens })
  }
  return found
}

export function saveEmbeddings(db: WriteDb, modelId: number, embeddings: StoredEmbedding[]): void {
  const insert = db.prepare(
    'INSERT OR IGNORE INTO text_embedding (model_id, text_id, embedding, cut_tokens) VALUES (?, ?, ?, ?)',
  )
  db.transaction(() => {
    for (const { textId, embedding, cutTokens } of embeddings)
      insert.run(modelId, textId, bytesOf(embedding), cutTokens)
  })()
}
