/** One window's view of the desk: the calls about the program, and those of the workspace that it has open. */
import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { App } from '../../contract/app.ts'
import {
  type AppEngine,
  type Engine,
  type EventName,
  type EventOf,
  events,
  HeadwiseError,
  type WorkspaceCallName,
  workspaceCallNames,
} from '../../contract/index.ts'
import type { DeskOptions } from './desk.ts'
import type { ScreenMemory } from './memory.ts'
import type { OpenWorkspace, OpenWorkspaces } from './open-workspaces.ts'
import { absolute, inspectPlace, listFolder } from './places.ts'
import type { RecentWorkspaces } from './recent.ts'
import { ensureSample } from './sample.ts'

export type DeskSession = {
  engine: Engine
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void
  /** Hears which workspace the session shows, now and whenever it is another one. */
  onWorkspace(listener: (path: string | null) => void): () => void
  close(): void
}

export type SessionParts = {
  options: DeskOptions
  recent: RecentWorkspaces
  memory: ScreenMemory
  workspaces: OpenWorkspaces
  samplePath: string
  noteOpened: (workspace: OpenWorkspace) => void
}

export function startSession(parts: SessionParts, path: string | null): DeskSession {
  const session = new Session(parts)
  if (path !== null) session.begin(path)
  return {
    engine: { ...appCalls(parts, session), ...workspaceCalls(session) },
    on: (name, listener) => session.on(name, listener),
    onWorkspace: (listener) => session.onWorkspace(listener),
    close: () => session.close(),
  }
}

class Session {
  failure: App['openFailure'] = null
  readonly #parts: SessionParts
  readonly #events = new EventEmitter().setMaxListeners(0)
  #current: OpenWorkspace | undefined
  #offs: (() => void)[] = []
  /** One after another: a window shows one workspace. */
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false
  /** Somebody asked for what is shown; else it is what windows show first. */
  #isChosen = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** What a window shows first may not be there: it then says so, and shows the start screen. */
  begin(path: string): void {
    this.open(path)
      .then(() => (this.#isChosen = false))
      .catch(() => {})
  }

  open(
    path: string,
    mode: 'write' | 'create' = 'write',
    prepare?: (workspace: OpenWorkspace) => Promise<void>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const workspace = await this.#parts.workspaces.enter(path, { mode })
        try {
          await prepare?.(workspace)
        } catch (error) {
          this.#parts.workspaces.leave(workspace)
          throw error
        }
        this.#show(workspace)
        this.#parts.noteOpened(workspace)
      } catch (error) {
        const code = error instanceof HeadwiseError ? error.code : 'internal'
        // What nobody chose must not stand where something else was asked for.
        if (!this.#isChosen) this.#show(undefined)
        if (!this.#current) this.failure = { path, code, message: (error as Error).message }
        throw error
      }
    })
  }

  leave(): Promise<void> {
    return this.#inTurn(async () => this.#show(undefined))
  }

  close(): void {
    this.#isClosed = true
    void this.#inTurn(async () => this.#show(undefined))
  }

  /**
   * The workspace that is shown; while there is none, the one that is being opened. What a page asks while another
   * one is opened is about the one that it still shows: an edit must never go to the other.
   */
  async current(): Promise<OpenWorkspace | undefined> {
    if (!this.#current) await this.#turn.catch(() => {})
    return this.#current
  }

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    this.#events.on(name, listener)
    return () => this.#events.off(name, listener)
  }

  onWorkspace(listener: (path: string | null) => void): () => void {
    listener(this.#current?.path ?? null)
    this.#events.on('shown', listener)
    return () => this.#events.off('shown', listener)
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work, work)
    this.#turn = result.catch(() => {})
    return result
  }

  #show(workspace: OpenWorkspace | undefined): void {
    const { workspaces } = this.#parts
    this.#offs.forEach((off) => off())
    if (this.#current) workspaces.leave(this.#current)
    this.failure = null
    this.#offs = []
    this.#current = workspace
    this.#isChosen = workspace !== undefined
    // The window may have gone while its workspace was being opened.
    if (workspace && this.#isClosed) {
      this.#current = undefined
      return workspaces.leave(workspace)
    }
    if (workspace) {
      const names = Object.keys(events) as EventName[]
      this.#offs = names.map((name) => workspace.on(name, (event) => this.#events.emit(name, event)))
    }
    this.#events.emit('shown', workspace?.path ?? null)
  }
}

function appCalls(parts: SessionParts, session: Session): AppEngine {
  const { recent, memory, options, samplePath } = parts
  const described = async () => describe(parts, session)
  const after = async (work: Promise<void>) => {
    await work
    return described()
  }
  return {
    'app/describe': described,
    'app/open': ({ path }) => after(session.open(absolute(path))),
    'app/create': ({ path }) => after(session.open(withExtension(absolute(path)), 'create')),
    'app/open-sample': () => {
      mkdirSync(dirname(samplePath), { recursive: true })
      const mode = existsSync(samplePath) ? 'write' : 'create'
      return after(
        session.open(samplePath, mode, (workspace) => ensureSample(workspace, join(options.resourcesFolder, 'sample'))),
      )
    },
    'app/close': () => after(session.leave()),
    'app/forget': async ({ path }) => {
      recent.forget(path)
      return described()
    },
    'app/list-folder': async ({ path }) => listFolder(path),
    'app/inspect-place': async ({ path }) => inspectPlace(path),
    'app/recall': async () => memory.recall((await session.current())?.path ?? null),
    'app/remember': async ({ key, content }) => {
      memory.remember((await session.current())?.path ?? null, key, content)
      return {}
    },
  }
}

async function describe({ options, recent }: SessionParts, session: Session): Promise<App> {
  const workspace = await session.current()
  return {
    programVersion: options.programVersion,
    home: options.home,
    machine: hostname(),
    userName: userName(),
    workspacePath: workspace?.path ?? null,
    workspaceKey: workspace?.key ?? null,
    openFailure: session.failure,
    recent: recent.list(),
  }
}

/** Some systems have users without a name. */
function userName(): string {
  try {
    return userInfo().username || 'someone'
  } catch {
    return 'someone'
  }
}

function withExtension(path: string): string {
  return path.endsWith('.headwise') ? path : `${path}.headwise`
}

function workspaceCalls(session: Session): Pick<Engine, WorkspaceCallName> {
  const entries = workspaceCallNames.map((name) => [
    name,
    async (input: never) => {
      const workspace = await session.current()
      if (!workspace) {
        throw new HeadwiseError('no-workspace', 'A workspace must be open in this window; open or make one first.')
      }
      return (workspace.engine[name] as (input: never) => Promise<unknown>)(input)
    },
  ])
  return Object.fromEntries(entries) as Pick<Engine, WorkspaceCallName>
}
