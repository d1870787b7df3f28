/** Models of a workspace. */
import { ModelConfig } from '../../contract/model.ts'
import type { ReadDb, WriteDb } from './database.ts'

export type StoredModel = {
  id: number
  hash: string
  name: string
  /** as stored, see paths.ts */
  folder: string
  config: ModelConfig
  weightsBytes: number
  addedMs: number
}

type Row = {
  id: number
  hash: string
  name: string
  folder: string
  config: string
  weights_bytes: number
  added_ms: number
}

export function insertModel(db: WriteDb, model: Omit<StoredModel, 'id'>): number {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO model (hash, name, folder, config, weights_bytes, added_ms) VALUES (?, ?, ?, ?, ?, ?)')
    .run(model.hash, model.name, model.folder, JSON.stringify(model.config), model.weightsBytes, model.addedMs)
  return Number(lastInsertRowid)
}

export function moveModel(db: WriteDb, id: number, folder: string): void {
  db.prepare('UPDATE model SET folder = ? WHERE id = ?').run(folder, id)
}

export function listModels(db: ReadDb): StoredModel[] {
  return (db.prepare('SELECT * FROM model ORDER BY id').all() as Row[]).map(fromRow)
}

export function findModelByHash(db: ReadDb, hash: string): StoredModel | undefined {
  const row = db.prepare('SELECT * FROM model WHERE hash = ?').get(hash) as Row | undefined
  return row && fromRow(row)
}

export function findModel(db: ReadDb, id: number): StoredModel | undefined {
  const row = db.prepare('SELECT * FROM model WHERE id = ?').get(id) as Row | undefined
  return row && fromRow(row)
}

function fromRow(row: Row): StoredModel {
  return {
    id: row.id,
    hash: row.hash,
    name: row.name,
    folder: row.folder,
    config: ModelConfig.parse(JSON.parse(row.config)),
    weightsBytes: row.weights_bytes,
    addedMs: row.added_ms,
  }
}
