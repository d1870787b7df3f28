/** A workspace with models and TEXTSPAN results as rows alone: enough for labels, without a checkpoint or an image. */
import { join } from 'node:path'
import { calls, type Client, type EventOf } from '../../src/contract/index.ts'
import type { CallContext } from '../../src/engine/calls/context.ts'
import { labelCalls } from '../../src/engine/calls/label-calls.ts'
import { reportCalls } from '../../src/engine/calls/report-calls.ts'
import { roleCalls } from '../../src/engine/calls/role-calls.ts'
import {
  createDatabase,
  insertModel,
  type OpenDatabase,
  openDatabase,
  readMigrations,
  type WriteDb,
} from '../../src/engine/store/index.ts'
import { databaseFolder } from './sample.ts'

const migrations = readMigrations(join(databaseFolder, 'migrations'))

export type LabelWorkspace = {
  readonly db: WriteDb
  client: Client
  events: EventOf<'workspace/changed'>[]
  clock: { nowMs: number }
  /** Closes the file and opens it again, as a new start of the program does. */
  reopen(): void
  close(): void
}

/** @param thumbnails WebP by image id; other images are not to be had */
export function labelWorkspace(path: string, thumbnails: Map<number, Uint8Array> = new Map()): LabelWorkspace {
  let opened: OpenDatabase = createDatabase(path, migrations)
  const events: LabelWorkspace['events'] = []
  const clock = { nowMs: 1_000 }
  const engine = () => {
    const context = {
      path,
      db: opened.db,
      isReadOnly: false,
      write: () => opened.db,
      programVersion: 'test',
      now: () => clock.nowMs,
      changed: (topic: EventOf<'workspace/changed'>['topic'], ofId?: number) =>
        void events.push(ofId === undefined ? { topic } : { topic, ofId }),
      thumbnails: { read: (imageId: number) => thumbnails.get(imageId), add: () => {} },
    } as Partial<CallContext> as CallContext
    return { ...roleCalls(context), ...labelCalls(context), ...reportCalls(context) }
  }
  let handlers = engine()
  const client = new Proxy({} as Client, {
    get: (_, name: keyof typeof handlers) => async (input: unknown) =>
      (handlers[name] as (input: unknown) => Promise<unknown>)(calls[name].input.parse(input)),
  })
  return {
    get db() {
      return opened.db
    },
    client,
    events,
    clock,
    reopen() {
      opened.close()
      opened = openDatabase(path, migrations)
      handlers = engine()
    },
    close: () => opened.close(),
  }
}

/** A model of so many layers and heads a layer. */
export function addModel(
  db: WriteDb,
  made: { name?: string; hash?: string; layers?: number; heads?: number } = {},
): number {
  const { name = 'sample', hash = 'a'.repeat(64), layers = 6, heads = 12 } = made
  const tower = { width: heads * 4, layers, heads, mlpWidth: 16, epsilon: 1e-5, activation: 'gelu' as const }
  return insertModel(db, {
    hash,
    name,
    folder: 'model',
    config: {
      layout: 'open-clip',
      jointWidth: 8,
      vision: { ...tower, imageSizePx: 32, patchSizePx: 16, headWidth: 4, tokens: 5 },
      text: { ...tower, contextLength: 8, vocabularySize: 16 },
      preprocessing: { sizePx: 32, mean: [0, 0, 0], standardDeviation: [1, 1, 1] },
    },
    weightsBytes: 1,
    addedMs: 0,
  })
}

export type MadeText = { text: string; role: string | null; afterHeads?: string[] }
export type MadeHead = { layer: number; head: number; steps: { text: string; explained: number; margin?: number }[] }

/** A data set of so many images, a run, a pool and a TEXTSPAN result with these heads. @returns the result's id */
export function addTextSpan(
  db: WriteDb,
  modelId: number,
  made: { pool?: string; digit?: string; dataSet?: string; paths?: string[]; texts: MadeText[]; heads: MadeHead[] },
): number {
  const { pool = 'words', digit = 'b', dataSet = `images ${digit}`, paths = ['0.jpg', '1.jpg'], texts, heads } = made
  const insert = (sql: string, ...values: unknown[]) => Number(db.prepare(sql).run(...values).lastInsertRowid)
  const dataSetId = insert(
    "INSERT INTO data_set (name, kind, root, hash, image_count, added_ms) VALUES (?, 'folder', 'images', ?, ?, 0)",
    dataSet,
    digit.repeat(64),
    paths.length,
  )
  paths.forEach((path, ordinal) =>
    insert(
      'INSERT INTO image (data_set_id, ordinal, path, label, split, size_bytes, modified_ms) VALUES (?, ?, ?, ?, NULL, 1, 0)',
      dataSetId,
      ordinal,
      path,
      `label of ${path}`,
    ),
  )
  const runId = insert(
    `INSERT INTO run (key, model_id, data_set_id, store, provider, class_to_class, image_count, block_images, tolerance,
     program_version, created_ms) VALUES (?, ?, ?, 'float16', 'cpu', 1, ?, 256, 1e-5, 'test', 0)`,
    `00000000-0000-4000-8000-00000000000${digit}`,
    modelId,
    dataSetId,
    paths.length,
  )
  insert(
    'INSERT INTO run_block (run_id, number, row_count, ordinals, computed_error, stored_error) VALUES (?, 0, ?, ?, 3e-7, 2e-4)',
    runId,
    paths.length,
    new Uint8Array(Int32Array.from(paths.keys()).buffer),
  )
  const poolId = insert('INSERT INTO pool (name) VALUES (?)', pool)
  const versionId = insert(
    'INSERT INTO pool_version (pool_id, number, hash, text_count, created_ms) VALUES (?, 1, ?, ?, 0)',
    poolId,
    digit.repeat(64),
    texts.length,
  )
  const idOf = new Map(
    texts.map(({ text, role, afterHeads = [] }, ordinal) => {
      db.prepare('INSERT INTO text (content) VALUES (?) ON CONFLICT DO NOTHING').run(text)
      const textId = db.prepare('SELECT id FROM text WHERE content = ?').pluck().get(text) as number
      insert(
        'INSERT INTO pool_text (version_id, ordinal, text_id, role, line, after_heads) VALUES (?, ?, ?, ?, ?, ?)',
        versionId,
        ordinal,
        textId,
        role,
        ordinal + 1,
        JSON.stringify(afterHeads),
      )
      return [text, textId]
    }),
  )
  const textSpanId = insert(
    `INSERT INTO text_span (run_id, pool_version_id, layer_count, text_count, rank, filter, image_count, program_version,
     created_ms) VALUES (?, ?, 4, 20, 80, '{}', ?, 'test', 0)`,
    runId,
    versionId,
    paths.length,
  )
  for (const { layer, head, steps } of heads) {
    insert('INSERT INTO text_span_head VALUES (?, ?, ?, 7, 0.0123)', textSpanId, layer, head)
    steps.forEach(({ text, explained, margin = 0.5 }, step) =>
      insert(
        'INSERT INTO text_span_step VALUES (?, ?, ?, ?, ?, ?, ?)',
        textSpanId,
        layer,
        head,
        step,
        idOf.get(text),
        explained,
        margin,
      ),
    )
  }
  return textSpanId
}
