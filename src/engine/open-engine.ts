/**
 * Puts the engine together over one workspace file. With helper processes, jobs and heavy calls are done in them and
 * this process stays free for what people wait for; without, all of it is done here.
 */
import { EventEmitter } from 'node:events'
import { join, resolve } from 'node:path'
import { HeadwiseError } from '../contract/errors.ts'
import type { EventName, EventOf, WorkspaceEngine } from '../contract/index.ts'
import {
  allCalls,
  type CallContext,
  doWork,
  forgetModels,
  type KeptAnswers,
  keptAnswers,
  type Thumbnails,
  type Topic,
} from './calls/index.ts'
import { askedCalls, Helper, type HelperOptions, type StartHelper } from './helpers/index.ts'
import { JobRunner, type Perform } from './jobs/index.ts'
import {
  checkpoint,
  createDatabase,
  fileIdentity,
  openBeside,
  openDatabase,
  openReadOnly,
  type ReadDb,
  readMigrations,
  readThumbnail,
  ThumbnailWriter,
  translated,
  type WriteDb,
} from './store/index.ts'

export type EngineOptions = {
  workspacePath: string
  /** the folder with `migrations` and `queries` */
  databaseFolder: string
  /** for links to weights and other things that can be made again */
  cacheFolder: string
  /** what comes with the program, such as the starter pool */
  resourcesFolder?: string
  programVersion: string
  /** `read` opens beside a process that writes; `create` makes a new workspace and refuses an existing file */
  mode?: 'write' | 'read' | 'create'
  now?: () => number
  /** starts a process for jobs or heavy calls; without it they are done in this one */
  startHelper?: StartHelper
  /** asks again for the jobs that a crash of the process before this one left unfinished */
  resumeInterrupted?: boolean
}

export type OpenEngine = {
  engine: WorkspaceEngine
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void
  /** Whether a job runs or waits. */
  isBusy(): boolean
  /** Stops running jobs at their next safe point and closes the file. */
  close(): Promise<void>
}

type Handler = (input: unknown) => Promise<unknown>

/** @throws HeadwiseError as the store's openDatabase, createDatabase and openReadOnly do */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const { mode = 'write' } = options
  const path = resolve(options.workspacePath)
  const migrations = readMigrations(join(options.databaseFolder, 'migrations'))
  if (mode === 'read') return openForReading(options, path, openReadOnly(path, migrations))
  const store = mode === 'create' ? createDatabase(path, migrations) : openDatabase(path, migrations)
  return openForWriting(options, path, store)
}

function openForReading(options: EngineOptions, path: string, store: { db: ReadDb; close(): void }): OpenEngine {
  const refuse = () => {
    throw new HeadwiseError('conflict', `"${path}" was opened for reading only.`)
  }
  const context: CallContext = {
    ...contextParts(options, path),
    db: store.db,
    isReadOnly: true,
    write: refuse,
    jobs: refuse,
    thumbnails: unkept(store.db),
    changed: () => {},
  }
  return {
    engine: withWords(allCalls(context), path),
    on: () => () => {},
    isBusy: () => false,
    async close() {
      await forgetModels(store.db)
      store.close()
    },
  }
}

function openForWriting(
  options: EngineOptions,
  path: string,
  { db, close }: { db: WriteDb; close(): void },
): OpenEngine {
  const events = new EventEmitter().setMaxListeners(0)
  const emit = <Name extends EventName>(name: Name, event: EventOf<Name>) => void events.emit(name, event)
  const changed = (topic: Topic, ofId?: number) =>
    emit('workspace/changed', ofId === undefined ? { topic } : { topic, ofId })
  const file = new OpenFile(db, path)
  const helpers = startedHelpers(options, path, file, changed)
  const thumbnails = new ThumbnailWriter(db)
  const perform: Perform = helpers?.jobs.perform ?? ((request, job) => doWork(context, request, job))
  const jobs = new JobRunner({
    db,
    now: options.now ?? Date.now,
    onChange(job) {
      emit('job/progressed', job)
      if (job.state === 'running') file.whenMoved((error) => jobs.fail(error))
    },
    inWords: (error) => translated(error, path),
    perform,
    resume: (jobId) => void engine['job/resume']({ jobId }).catch(() => {}),
  })
  const context: CallContext = {
    ...contextParts(options, path),
    db,
    isReadOnly: false,
    write: () => file.toWrite(),
    jobs: () => jobs,
    thumbnails,
    changed,
  }
  const engine = withWords(withHelper(allCalls(context), helpers?.asks, keptAnswers(context)), path)
  if (options.resumeInterrupted) resumeAll(jobs, engine)
  let closing: Promise<void> | undefined
  const closeAll = async () => {
    await jobs.close()
    await Promise.all([helpers?.jobs.close(), helpers?.asks.close(), forgetModels(db)])
    thumbnails.close()
    file.beforeClosing()
    close()
  }
  return {
    engine,
    on(name, listener) {
      events.on(name, listener)
      return () => events.off(name, listener)
    },
    isBusy: () => jobs.isBusy,
    close: () => (closing ??= closeAll()),
  }
}

/** What only looks on keeps nothing. */
function unkept(db: ReadDb): Thumbnails {
  return { read: (imageId) => readThumbnail(db, imageId), add: () => {} }
}

function contextParts({ cacheFolder, resourcesFolder, programVersion, now = Date.now }: EngineOptions, path: string) {
  return { path, cacheFolder, resourcesFolder, programVersion, now }
}

function startedHelpers(
  { startHelper, databaseFolder, cacheFolder, programVersion }: EngineOptions,
  workspacePath: string,
  { identity }: OpenFile,
  changed: (topic: Topic, ofId?: number) => void,
): { jobs: Helper; asks: Helper } | undefined {
  if (!startHelper) return undefined
  const options: HelperOptions = { workspacePath, fileIdentity: identity, databaseFolder, cacheFolder, programVersion }
  return {
    jobs: new Helper('jobs', startHelper, options, changed),
    asks: new Helper('asks', startHelper, options, changed),
  }
}

/** A job that cannot be asked again keeps its row, which says that it was interrupted. */
function resumeAll(jobs: JobRunner, engine: WorkspaceEngine): void {
  const ids = jobs.interruptedIds.filter((id) => jobs.mayResumeByItself(id))
  void ids.reduce(
    (before, jobId) =>
      before
        .then(() => engine['job/resume']({ jobId }))
        .then(
          () => {},
          () => {},
        ),
    Promise.resolve(),
  )
}

export type Assistant = { engine: WorkspaceEngine; perform: Perform; close(): void }

/** The workspace as a helper process has it: what it changes is told to the engine that started it. */
export function openAssistant(options: HelperOptions, changed: (topic: Topic, ofId?: number) => void): Assistant {
  const path = options.workspacePath
  const { db, close } = openBeside(path, readMigrations(join(options.databaseFolder, 'migrations')))
  const file = new OpenFile(db, path)
  if (file.identity !== options.fileIdentity) {
    close()
    throw movedError(path)
  }
  const context: CallContext = {
    ...contextParts(options, path),
    db,
    isReadOnly: false,
    write: () => file.toWrite(),
    jobs: () => {
      throw new Error('A helper process starts no jobs.')
    },
    thumbnails: unkept(db),
    changed,
  }
  return {
    engine: withWords(allCalls(context), path),
    async perform(request, job) {
      try {
        await doWork(context, request, job)
      } catch (error) {
        throw translated(error, path)
      }
    },
    close,
  }
}

/** How often a running job looks whether its file is still where it was. */
const lookEveryMs = 1000

/** The workspace's file and the path it was opened by, which may come to lead to another file or to none. */
class OpenFile {
  readonly identity: string
  readonly #db: WriteDb
  readonly #path: string
  #lookedMs = 0

  constructor(db: WriteDb, path: string) {
    this.#db = db
    this.#path = path
    this.identity = fileIdentity(path)!
  }

  /** @throws HeadwiseError 'changed' when the path leads elsewhere; what is committed is then in the file itself */
  toWrite(): WriteDb {
    if (!this.#isMoved()) return this.#db
    checkpoint(this.#db)
    throw movedError(this.#path)
  }

  whenMoved(tell: (error: HeadwiseError) => void): void {
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs < lookEveryMs) return
    this.#lookedMs = nowMs
    if (this.#isMoved()) tell(movedError(this.#path))
  }

  /** SQLite itself leaves the log of a moved file where it is. */
  beforeClosing(): void {
    if (this.#isMoved()) checkpoint(this.#db)
  }

  #isMoved(): boolean {
    return fileIdentity(this.#path) !== this.identity
  }
}

function movedError(path: string): HeadwiseError {
  return new HeadwiseError(
    'changed',
    `"${path}" was moved, replaced or deleted while it was open. Everything until then is in the file that was opened; open that one where it is now. Nothing more is written.`,
  )
}

/** Heavy calls are answered beside this process, but for what was worked out before: that waits for nothing. */
function withHelper(engine: WorkspaceEngine, asks: Helper | undefined, kept: KeptAnswers): WorkspaceEngine {
  if (!asks) return engine
  const known = kept as Partial<Record<string, (input: unknown) => unknown>>
  const asked = askedCalls.map((name) => [
    name,
    async (input: unknown) => known[name]?.(input) ?? (await asks.ask(name, input)),
  ])
  return { ...engine, ...(Object.fromEntries(asked) as Partial<WorkspaceEngine>) }
}

/** A failing disk is told in words, whichever call meets it. */
function withWords(engine: WorkspaceEngine, path: string): WorkspaceEngine {
  const wrapped = Object.entries(engine).map(([name, handler]) => {
    const call = handler as Handler
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
  return Object.fromEntries(wrapped) as WorkspaceEngine
}
