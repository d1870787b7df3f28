/** Puts the engine together over one workspace file. */
import { EventEmitter } from 'node:events'
import { join, resolve } from 'node:path'
import { HeadwiseError } from '../contract/errors.ts'
import type { Engine, EventName, EventOf } from '../contract/index.ts'
import { allCalls, type CallContext } from './calls/index.ts'
import { JobRunner } from './jobs/index.ts'
import {
  createDatabase,
  openDatabase,
  openReadOnly,
  type ReadDb,
  readMigrations,
  translated,
  type WriteDb,
} from './store/index.ts'

export type EngineOptions = {
  workspacePath: string
  /** the folder with `migrations` and `queries` */
  databaseFolder: string
  /** for links to weights and other things that can be made again */
  cacheFolder: string
  programVersion: string
  /** `read` opens beside a process that writes; `create` makes a new workspace and refuses an existing file */
  mode?: 'write' | 'read' | 'create'
  now?: () => number
}

export type OpenEngine = {
  engine: Engine
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void
  /** Stops running jobs at their next safe point and closes the file. */
  close(): Promise<void>
}

/** @throws HeadwiseError as the store's openDatabase, createDatabase and openReadOnly do */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const { mode = 'write', now = Date.now } = options
  const path = resolve(options.workspacePath)
  const { db, writable, close } = openStore(path, options.databaseFolder, mode)
  const events = new EventEmitter().setMaxListeners(0)
  const jobs =
    writable &&
    new JobRunner(
      writable,
      now,
      (job) => events.emit('job/progressed', job),
      (error) => translated(error, path),
    )
  const forWriting = <Thing>(thing: Thing | undefined): Thing => {
    if (thing !== undefined) return thing
    throw new HeadwiseError('conflict', `"${path}" was opened for reading only.`)
  }
  const context: CallContext = {
    path,
    db,
    isReadOnly: writable === undefined,
    write: () => forWriting(writable),
    jobs: () => forWriting(jobs),
    cacheFolder: options.cacheFolder,
    programVersion: options.programVersion,
    now,
    changed: (topic) => events.emit('workspace/changed', { topic }),
  }
  return {
    engine: withWords(allCalls(context), path),
    on(name, listener) {
      events.on(name, listener)
      return () => events.off(name, listener)
    },
    async close() {
      await jobs?.close()
      close()
    },
  }
}

type Store = { db: ReadDb; writable: WriteDb | undefined; close: () => void }

function openStore(path: string, databaseFolder: string, mode: 'write' | 'read' | 'create'): Store {
  const migrations = readMigrations(join(databaseFolder, 'migrations'))
  if (mode === 'read') return { ...openReadOnly(path, migrations), writable: undefined }
  const { db, close } = mode === 'create' ? createDatabase(path, migrations) : openDatabase(path, migrations)
  return { db, writable: db, close }
}

/** A failing disk is told in words, whichever call meets it. */
function withWords(engine: Engine, path: string): Engine {
  const wrapped = Object.entries(engine).map(([name, handler]) => {
    const call = handler as (input: unknown) => Promise<unknown>
    return [
      name,
      async (input: unknown) => {
        try {
          return await call(input)
        } catch (error) {
          throw translated(error, path)
        }
      },
    ]
  })
  return Object.fromEntries(wrapped) as Engine
}
