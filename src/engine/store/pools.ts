/**
 * Texts, pools, versions and embeddings. Versions that belong to a proposal are seen by their id alone: every list
 * leaves them out, and they have the numbers after all others'.
 */
import type { PoolLock, PoolText, PoolVersion } from '../../contract/pool.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'
import { nextId } from './next-id.ts'
import { rolesOfText, textOfRoles } from './role-text.ts'
import { bytesOf, floatsOf } from './runs.ts'

export type StoredPool = { id: number; name: string }
export type StoredPoolVersion = PoolVersion & { poolId: number; isProposed: boolean }
/** What makes two rows of pools the same, wherever they stand. */
export type PoolContent = Pick<PoolText, 'text' | 'roles' | 'source' | 'afterHeads'>
export type NewPoolText = PoolContent & { line: number }
export type NewPoolVersion = { poolId: number; hash: string; annotator: string; note: string; createdMs: number }

export function listPools(db: ReadDb): StoredPool[] {
  return db.prepare('SELECT id, name FROM pool ORDER BY id').all() as StoredPool[]
}

export function findPool(db: ReadDb, id: number): StoredPool | undefined {
  return db.prepare('SELECT id, name FROM pool WHERE id = ?').get(id) as StoredPool | undefined
}

export function findPoolByName(db: ReadDb, name: string): StoredPool | undefined {
  return db.prepare('SELECT id, name FROM pool WHERE name = ?').get(name) as StoredPool | undefined
}

export function insertPool(db: WriteDb, name: string): number {
  return Number(db.prepare('INSERT INTO pool (name) VALUES (?)').run(name).lastInsertRowid)
}

export function renamePool(db: WriteDb, id: number, name: string): void {
  db.prepare('UPDATE pool SET name = ? WHERE id = ?').run(name, id)
}

export function findPoolLock(db: ReadDb, poolId: number): PoolLock | undefined {
  return db.prepare('SELECT annotator, reason, made_ms AS madeMs FROM pool_lock WHERE pool_id = ?').get(poolId) as
    PoolLock | undefined
}

export function insertPoolLock(db: WriteDb, poolId: number, { annotator, reason, madeMs }: PoolLock): void {
  const insert = 'INSERT INTO pool_lock (pool_id, annotator, reason, made_ms) VALUES (?, ?, ?, ?)'
  db.prepare(insert).run(poolId, annotator, reason, Math.round(madeMs))
}

export function deletePoolLock(db: WriteDb, poolId: number): void {
  db.prepare('DELETE FROM pool_lock WHERE pool_id = ?').run(poolId)
}

const isProposed = 'EXISTS (SELECT 1 FROM proposal WHERE pool_version_id = v.id AND is_own_version = 1)'
const versionColumns = `v.id, v.number, v.hash, v.text_count AS texts, v.created_ms AS createdMs, v.annotator, v.note,
  v.added, v.removed`

/** Newest first. */
export function listPoolVersions(db: ReadDb, poolId: number): PoolVersion[] {
  return db
    .prepare(
      `SELECT ${versionColumns} FROM pool_version v WHERE v.pool_id = ? AND NOT ${isProposed} ORDER BY v.number DESC`,
    )
    .all(poolId) as PoolVersion[]
}

/** @returns undefined for a pool that is just being made */
export function findNewestPoolVersion(db: ReadDb, poolId: number): PoolVersion | undefined {
  return db
    .prepare(
      `SELECT ${versionColumns} FROM pool_version v WHERE v.pool_id = ? AND NOT ${isProposed}
       ORDER BY v.number DESC LIMIT 1`,
    )
    .get(poolId) as PoolVersion | undefined
}

export function findPoolVersion(db: ReadDb, versionId: number): StoredPoolVersion | undefined {
  const row = db
    .prepare(
      `SELECT ${versionColumns}, v.pool_id AS poolId, ${isProposed} AS isProposed FROM pool_version v WHERE v.id = ?`,
    )
    .get(versionId) as (Omit<StoredPoolVersion, 'isProposed'> & { isProposed: number }) | undefined
  return row && { ...row, isProposed: row.isProposed === 1 }
}

/** The newest version, counted against the one before. */
export function insertPoolVersion(db: WriteDb, version: NewPoolVersion, texts: NewPoolText[]): number {
  const { poolId, hash, annotator, note, createdMs } = version
  return inTransaction(db, () => {
    const counts = countsAgainst(db, findNewestPoolVersion(db, poolId), texts)
    const versionId = nextId(db, 'pool_version')
    withNextNumber(db, poolId, undefined, (number) =>
      db
        .prepare(
          `INSERT INTO pool_version (id, pool_id, number, hash, text_count, created_ms, annotator, note, added, removed)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(versionId, poolId, number, hash, texts.length, Math.round(createdMs), annotator, note, ...counts),
    )
    insertPoolTexts(db, versionId, texts)
    return versionId
  })
}

/** Makes a proposed version the newest one. Call inside a transaction, while its proposal is there. */
export function keepPoolVersion(db: WriteDb, { id, poolId }: StoredPoolVersion, note: string): void {
  const counts = countsAgainst(db, findNewestPoolVersion(db, poolId), poolTexts(db, id))
  withNextNumber(db, poolId, id, (number) =>
    db
      .prepare('UPDATE pool_version SET number = ?, note = ?, added = ?, removed = ? WHERE id = ?')
      .run(number, note, ...counts, id),
  )
}

/** Numbers are unique, so proposed versions step aside, and then take the numbers after the next one. */
function withNextNumber(db: WriteDb, poolId: number, keptId: number | undefined, work: (number: number) => void): void {
  const all = db
    .prepare(`SELECT v.id, v.number, ${isProposed} AS isProposed FROM pool_version v WHERE v.pool_id = ? ORDER BY v.id`)
    .all(poolId) as { id: number; number: number; isProposed: number }[]
  const proposed = all.filter((version) => version.isProposed === 1 && version.id !== keptId)
  const seen = all.filter((version) => version.isProposed === 0)
  const setNumber = db.prepare('UPDATE pool_version SET number = ? WHERE id = ?')
  const number = Math.max(0, ...seen.map((version) => version.number)) + 1
  const aside = 1_000_000_000
  for (const { id } of proposed) setNumber.run(aside + id, id)
  work(number)
  proposed.forEach(({ id }, at) => setNumber.run(number + 1 + at, id))
}

/** [added, removed], by text */
function countsAgainst(db: ReadDb, before: PoolVersion | undefined, texts: { text: string }[]): [number, number] {
  if (!before) return [texts.length, 0]
  const find = db
    .prepare('SELECT 1 FROM pool_text p JOIN text t ON t.id = p.text_id WHERE p.version_id = ? AND t.content = ?')
    .pluck()
  const shared = texts.filter(({ text }) => find.get(before.id, text) !== undefined).length
  return [texts.length - shared, before.texts - shared]
}

function insertPoolTexts(db: WriteDb, versionId: number, texts: NewPoolText[]): void {
  const place = db.prepare(
    'INSERT INTO pool_text (version_id, ordinal, text_id, role, line, source, after_heads) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const ids = textIds(
    db,
    texts.map(({ text }) => text),
  )
  texts.forEach(({ roles, line, source, afterHeads }, ordinal) =>
    place.run(versionId, ordinal, ids[ordinal], textOfRoles(roles), line, source, JSON.stringify(afterHeads)),
  )
}

/** Call inside a transaction, when nothing refers to the version any more. Its texts stay for other pools. */
export function deletePoolVersion(db: WriteDb, versionId: number): void {
  db.prepare('DELETE FROM pool_text WHERE version_id = ?').run(versionId)
  db.prepare('DELETE FROM pool_version WHERE id = ?').run(versionId)
}

type PoolTextRow = Omit<PoolText, 'roles' | 'afterHeads'> & { role: string | null; afterHeads: string }

export function poolTexts(db: ReadDb, versionId: number): PoolText[] {
  const rows = db
    .prepare(
      `SELECT t.id, p.ordinal, t.content AS text, p.role, p.source, p.after_heads AS afterHeads, p.line FROM pool_text p
       JOIN text t ON t.id = p.text_id WHERE p.version_id = ? ORDER BY p.ordinal`,
    )
    .all(versionId) as PoolTextRow[]
  return rows.map(({ role, afterHeads, ...row }) => ({
    ...row,
    roles: rolesOfText(role),
    afterHeads: headsOf(afterHeads),
  }))
}

/** Nearly every text has none, so that case is quick. */
export function headsOf(json: string): string[] {
  return json === '[]' ? [] : (JSON.parse(json) as string[])
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
  inTransaction(db, () => {
    for (const { textId, embedding, cutTokens } of embeddings)
      insert.run(modelId, textId, bytesOf(embedding), cutTokens)
  })
}

/** How many texts a model has embedded; embeddings are only ever added. */
export function embeddingCount(db: ReadDb, modelId: number): number {
  return db.prepare('SELECT count(*) FROM text_embedding WHERE model_id = ?').pluck().get(modelId) as number
}

export type EmbeddedRows = {
  /** places in the texts that were asked for, ascending */
  places: number[]
  textIds: number[]
  cutTokens: number[]
  /** [places, d] */
  embeddings: Float32Array
}

/** Of texts by their spelling, those that the model has embedded; one array, whatever their number. */
export function embeddedRows(db: ReadDb, modelId: number, texts: string[], d: number): EmbeddedRows {
  const find = db.prepare(
    `SELECT t.id, e.embedding, e.cut_tokens AS cutTokens FROM text t
     JOIN text_embedding e ON e.text_id = t.id AND e.model_id = ? WHERE t.content = ?`,
  )
  const places: number[] = []
  const ids: number[] = []
  const cutTokens: number[] = []
  const embeddings = new Float32Array(texts.length * d)
  texts.forEach((text, place) => {
    const row = find.get(modelId, text) as { id: number; embedding: Uint8Array; cutTokens: number } | undefined
    if (!row) return
    embeddings.set(floatsOf(row.embedding), places.length * d)
    places.push(place)
    ids.push(row.id)
    cutTokens.push(row.cutTokens)
  })
  return { places, textIds: ids, cutTokens, embeddings: embeddings.subarray(0, places.length * d) }
}
