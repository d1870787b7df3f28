/** Data sets and images of a workspace. */
import type { DataSetKind, ImageFilter } from '../../contract/data-set.ts'
import { inTransaction, type ReadDb, type WriteDb } from './database.ts'

export type StoredDataSet = {
  id: number
  name: string
  kind: DataSetKind
  /** as stored, see paths.ts */
  root: string
  hash: string
  imageCount: number
  addedMs: number
}

export type StoredImage = {
  id: number
  ordinal: number
  path: string
  label: string | null
  split: string | null
  sizeBytes: number
  modifiedMs: number
}

export type NewImage = Omit<StoredImage, 'id' | 'ordinal'> & { attributes: Record<string, string> }
export type NewDataSet = Omit<StoredDataSet, 'id' | 'imageCount'> & {
  columns: string[]
  images: NewImage[]
  problems: { where: string; reason: string }[]
}

const imageColumns = 'id, ordinal, path, label, split, size_bytes AS sizeBytes, modified_ms AS modifiedMs'
const dataSetColumns = 'id, name, kind, root, hash, image_count AS imageCount, added_ms AS addedMs'

/** All or nothing: a data set is never half there. */
export function insertDataSet(db: WriteDb, dataSet: NewDataSet): number {
  return inTransaction(db, () => {
    const { lastInsertRowid } = db
      .prepare('INSERT INTO data_set (name, kind, root, hash, image_count, added_ms) VALUES (?, ?, ?, ?, ?, ?)')
      .run(dataSet.name, dataSet.kind, dataSet.root, dataSet.hash, dataSet.images.length, dataSet.addedMs)
    const id = Number(lastInsertRowid)
    insertImages(db, id, dataSet)
    const problem = db.prepare('INSERT INTO data_set_problem (data_set_id, ordinal, place, reason) VALUES (?, ?, ?, ?)')
    dataSet.problems.forEach(({ where, reason }, ordinal) => problem.run(id, ordinal, where, reason))
    return id
  })
}

function insertImages(db: WriteDb, dataSetId: number, { columns, images }: NewDataSet): void {
  const column = db.prepare('INSERT INTO data_set_column (data_set_id, ordinal, name) VALUES (?, ?, ?)')
  columns.forEach((name, ordinal) => column.run(dataSetId, ordinal, name))
  const image = db.prepare(
    'INSERT INTO image (data_set_id, ordinal, path, label, split, size_bytes, modified_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const attribute = db.prepare('INSERT INTO image_attribute (image_id, column_ordinal, content) VALUES (?, ?, ?)')
  images.forEach(({ path, label, split, sizeBytes, modifiedMs, attributes }, ordinal) => {
    const { lastInsertRowid } = image.run(dataSetId, ordinal, path, label, split, sizeBytes, modifiedMs)
    columns.forEach((name, columnOrdinal) => {
      const content = attributes[name]
      if (content !== undefined) attribute.run(lastInsertRowid, columnOrdinal, content)
    })
  })
}

export function moveDataSet(db: WriteDb, id: number, root: string): void {
  db.prepare('UPDATE data_set SET root = ? WHERE id = ?').run(root, id)
}

export function saveModifiedTimes(db: WriteDb, times: { id: number; modifiedMs: number }[]): void {
  const update = db.prepare('UPDATE image SET modified_ms = ? WHERE id = ?')
  for (const { id, modifiedMs } of times) update.run(modifiedMs, id)
}

export function listDataSets(db: ReadDb): StoredDataSet[] {
  return db.prepare(`SELECT ${dataSetColumns} FROM data_set ORDER BY id`).all() as StoredDataSet[]
}

export function findDataSet(db: ReadDb, id: number): StoredDataSet | undefined {
  return db.prepare(`SELECT ${dataSetColumns} FROM data_set WHERE id = ?`).get(id) as StoredDataSet | undefined
}

export function dataSetColumnNames(db: ReadDb, dataSetId: number): string[] {
  return db
    .prepare('SELECT name FROM data_set_column WHERE data_set_id = ? ORDER BY ordinal')
    .pluck()
    .all(dataSetId) as string[]
}

export function dataSetProblems(db: ReadDb, dataSetId: number): { where: string; reason: string }[] {
  return db
    .prepare('SELECT place AS "where", reason FROM data_set_problem WHERE data_set_id = ? ORDER BY ordinal')
    .all(dataSetId) as { where: string; reason: string }[]
}

/** Distinct contents of `label` or `split` with their number of images, most first. */
export function countImagesBy(
  db: ReadDb,
  dataSetId: number,
  field: 'label' | 'split',
  limit: number,
): { content: string; images: number }[] {
  return db
    .prepare(
      `SELECT ${field} AS content, count(*) AS images FROM image WHERE data_set_id = ? AND ${field} IS NOT NULL
       GROUP BY ${field} ORDER BY images DESC, content LIMIT ?`,
    )
    .all(dataSetId, limit) as { content: string; images: number }[]
}

/** Distinct contents of an attribute with their number of images, in the order of the contents. */
export function countImagesByAttribute(
  db: ReadDb,
  dataSetId: number,
  attribute: string,
): { content: string; images: number }[] {
  return db
    .prepare(
      `SELECT a.content, count(*) AS images FROM image i JOIN image_attribute a ON a.image_id = i.id
       JOIN data_set_column c ON c.data_set_id = i.data_set_id AND c.ordinal = a.column_ordinal
       WHERE i.data_set_id = ? AND c.name = ? GROUP BY a.content ORDER BY a.content`,
    )
    .all(dataSetId, attribute) as { content: string; images: number }[]
}

export function imagesBetween(db: ReadDb, dataSetId: number, fromOrdinal: number, toOrdinal: number): StoredImage[] {
  return db
    .prepare(
      `SELECT ${imageColumns} FROM image WHERE data_set_id = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal`,
    )
    .all(dataSetId, fromOrdinal, toOrdinal) as StoredImage[]
}

export function findImage(db: ReadDb, imageId: number): (StoredImage & { dataSetId: number }) | undefined {
  return db.prepare(`SELECT ${imageColumns}, data_set_id AS dataSetId FROM image WHERE id = ?`).get(imageId) as
    (StoredImage & { dataSetId: number }) | undefined
}

/** Images by their places in the data set, in the order of `ordinals`. */
export function imagesByOrdinal(db: ReadDb, dataSetId: number, ordinals: number[]): StoredImage[] {
  const find = db.prepare(`SELECT ${imageColumns} FROM image WHERE data_set_id = ? AND ordinal = ?`)
  return ordinals.map((ordinal) => find.get(dataSetId, ordinal) as StoredImage)
}

/** Attribute name -> content, in the order of the data set's columns. */
export function imageAttributes(db: ReadDb, imageId: number): Record<string, string> {
  const rows = db
    .prepare(
      `SELECT c.name, a.content FROM image i JOIN image_attribute a ON a.image_id = i.id
       JOIN data_set_column c ON c.data_set_id = i.data_set_id AND c.ordinal = a.column_ordinal
       WHERE i.id = ? ORDER BY c.ordinal`,
    )
    .all(imageId) as { name: string; content: string }[]
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]))
}

type Where = { sql: string; parameters: (string | number)[] }

function whereOf(dataSetId: number, filter: ImageFilter): Where {
  const parts = ['data_set_id = ?']
  const parameters: (string | number)[] = [dataSetId]
  for (const field of ['split', 'label'] as const) {
    if (filter[field] === undefined) continue
    parts.push(`${field} = ?`)
    parameters.push(filter[field])
  }
  for (const [name, content] of Object.entries(filter.attributes ?? {})) {
    parts.push(`EXISTS (SELECT 1 FROM image_attribute a JOIN data_set_column c ON c.ordinal = a.column_ordinal
      WHERE a.image_id = image.id AND c.data_set_id = image.data_set_id AND c.name = ? AND a.content = ?)`)
    parameters.push(name, content)
  }
  if (filter.path !== undefined) {
    const spellings = spellingsOf(filter.path)
    parts.push(`(${spellings.map(() => "path LIKE ? ESCAPE '\\'").join(' OR ')})`)
    parameters.push(...spellings.map((spelling) => `%${spelling.replace(/[\\%_]/g, '\\$&')}%`))
  }
  return { sql: parts.join(' AND '), parameters }
}

/** LIKE ignores the case of the letters a to z only; of others the usual spellings are tried. */
function spellingsOf(part: string): string[] {
  return [...new Set([part, part.toLowerCase(), part.toUpperCase()])]
}

export function pageOfImages(
  db: ReadDb,
  dataSetId: number,
  filter: ImageFilter,
  offset: number,
  limit: number,
): { total: number; images: StoredImage[] } {
  const { sql, parameters } = whereOf(dataSetId, filter)
  const total = db
    .prepare(`SELECT count(*) FROM image WHERE ${sql}`)
    .pluck()
    .get(...parameters) as number
  const images = db
    .prepare(`SELECT ${imageColumns} FROM image WHERE ${sql} ORDER BY ordinal LIMIT ? OFFSET ?`)
    .all(...parameters, limit, offset) as StoredImage[]
  return { total, images }
}

/** Ordinals of the images that fit, ascending. */
export function filteredOrdinals(db: ReadDb, dataSetId: number, filter: ImageFilter): number[] {
  const { sql, parameters } = whereOf(dataSetId, filter)
  return db
    .prepare(`SELECT ordinal FROM image WHERE ${sql} ORDER BY ordinal`)
    .pluck()
    .all(...parameters) as number[]
}

/** Ordinal -> content of an attribute, or of the label when `attribute` is absent. */
export function contentsByOrdinal(db: ReadDb, dataSetId: number, attribute: string | undefined): Map<number, string> {
  const sql =
    attribute === undefined
      ? 'SELECT ordinal, label AS content FROM image WHERE data_set_id = ? AND label IS NOT NULL'
      : `SELECT i.ordinal, a.content FROM image i JOIN image_attribute a ON a.image_id = i.id
         JOIN data_set_column c ON c.data_set_id = i.data_set_id AND c.ordinal = a.column_ordinal
         WHERE i.data_set_id = ? AND c.name = ?`
  const parameters = attribute === undefined ? [dataSetId] : [dataSetId, attribute]
  const rows = db.prepare(sql).all(...parameters) as { ordinal: number; content: string }[]
  return new Map(rows.map(({ ordinal, content }) => [ordinal, content]))
}

export function readThumbnail(db: ReadDb, imageId: number): Uint8Array | undefined {
  return db.prepare('SELECT webp FROM thumbnail WHERE image_id = ?').pluck().get(imageId) as Uint8Array | undefined
}

export function saveThumbnail(db: WriteDb, imageId: number, webp: Uint8Array): void {
  db.prepare('INSERT OR REPLACE INTO thumbnail (image_id, webp) VALUES (?, ?)').run(imageId, webp)
}
