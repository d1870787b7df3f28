/**
 * The engine as a page sees it, whichever way the messages go. A connection that breaks is made again by itself: the
 * engine's process died and is being started again, or a tunnel was cut. The page then gets back the workspace that it
 * had open before anything else is asked.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { App } from '../../contract/app.ts'
import type { CallName, Client, EventName, EventOf, Reply } from '../../contract/index.ts'

/** `restarting`: it was open, broke, and is being made again; `lost`: that has not worked for a while. */
export type ConnectionState = 'connecting' | 'open' | 'restarting' | 'lost'

export type Connection = {
  client: Client
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void
  /** Hears the state, now and whenever it changes. */
  onState(listener: (state: ConnectionState) => void): () => void
  /** Where an image of the open workspace is, for `<img src>`; cached by the browser. */
  imageUrl(imageId: number, kind: 'thumbnail' | 'picture'): string
}

export type ChannelEvents = { receive(message: unknown): void; lost(): void }
export type Channel = { send(message: unknown): void }
/** Makes a new channel to the engine; rejects when it cannot be reached now. */
export type OpenChannel = (events: ChannelEvents) => Promise<Channel>

/** Which workspace this page had open, kept over reloads: null is the start screen, undefined the first time. */
export type PathMemory = { read(): string | null | undefined; write(path: string | null): void }

export type ConnectOptions = {
  /** pauses between attempts, the last one again and again */
  pausesMs?: number[]
  /** attempts without success after which the connection counts as lost; they go on */
  attemptsUntilLost?: number
}

/** @throws HeadwiseError 'engine-lost' when the engine cannot be reached at first */
export function connect(open: OpenChannel, memory: PathMemory, options: ConnectOptions = {}): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const line = new Line(open, memory, options)
    const connection = line.connection()
    const off = connection.onState((state) => {
      if (state === 'open') resolve(connection)
      else if (state === 'lost') reject(lostError('The engine cannot be reached.'))
      else return
      // The state is told before `off` exists when it is open at once.
      queueMicrotask(() => off())
    })
    line.start()
  })
}

const usualPausesMs = [0, 200, 500, 1000, 2000, 3000]
const usualAttemptsUntilLost = 10

type Waiting = { name: CallName; settle(reply: Reply): void }
type Queued = { name: CallName; input: unknown; settle(reply: Reply): void }

class Line {
  readonly #open: OpenChannel
  readonly #memory: PathMemory
  readonly #options: Required<ConnectOptions>
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, Set<(event: never) => void>>()
  readonly #stateListeners = new Set<(state: ConnectionState) => void>()
  #queue: Queued[] = []
  #state: ConnectionState = 'connecting'
  #channel: Channel | undefined
  #workspaceKey = ''
  #nextId = 0
  #attempts = 0

  constructor(open: OpenChannel, memory: PathMemory, options: ConnectOptions) {
    const { pausesMs = usualPausesMs, attemptsUntilLost = usualAttemptsUntilLost } = options
    this.#open = open
    this.#memory = memory
    this.#options = { pausesMs, attemptsUntilLost }
  }

  start(): void {
    void this.#attempt()
  }

  connection(): Connection {
    return {
      client: new Proxy({} as Client, { get: (_, name: CallName) => (input: unknown) => this.#ask(name, input) }),
      on: (name, listener) => {
        const set = this.#listeners.get(name) ?? new Set()
        this.#listeners.set(name, set.add(listener as (event: never) => void))
        return () => set.delete(listener as (event: never) => void)
      },
      onState: (listener) => {
        this.#stateListeners.add(listener)
        listener(this.#state)
        return () => this.#stateListeners.delete(listener)
      },
      imageUrl: (imageId, kind) => `/image/${imageId}/${kind}?w=${this.#workspaceKey}`,
    }
  }

  /** What is asked while the engine is away waits for it; what it worked on when it died fails. */
  #ask(name: CallName, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply) =>
        reply.ok ? resolve(reply.value) : reject(new HeadwiseError(reply.code, reply.message))
      if (this.#state === 'open') this.#send(name, input, settle)
      else if (this.#state === 'lost') reject(lostError('The engine cannot be reached.'))
      else this.#queue.push({ name, input, settle })
    })
  }

  #send(name: CallName, input: unknown, settle: (reply: Reply) => void): void {
    const id = this.#nextId++
    this.#waiting.set(id, { name, settle })
    this.#channel!.send({ id, name, input })
  }

  async #attempt(): Promise<void> {
    let isLost = false
    const lost = () => {
      if (isLost) return
      isLost = true
      this.#broken()
    }
    try {
      this.#channel = await this.#open({ receive: (message) => !isLost && this.#receive(message), lost })
    } catch {
      return lost()
    }
    if (isLost) return
    await this.#openAgain()
    if (isLost) return
    this.#attempts = 0
    this.#become('open')
    for (const { name, input, settle } of this.#queue.splice(0)) this.#send(name, input, settle)
  }

  /** A new connection shows what the shell was started with; this page may have had something else open, or nothing. */
  async #openAgain(): Promise<void> {
    const path = this.#memory.read()
    if (path === undefined) return
    await new Promise<void>((resolve) => {
      const settle = () => resolve()
      if (path === null) this.#send('app/close', {}, settle)
      else this.#send('app/open', { path }, settle)
    })
  }

  #receive(message: unknown): void {
    const { id, reply, event, content } = message as { id?: number; reply?: Reply; event?: string; content?: unknown }
    if (id !== undefined && reply) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (waiting && reply.ok) this.#note(waiting.name, reply.value)
      waiting?.settle(reply)
    } else if (event !== undefined) this.#listeners.get(event)?.forEach((listener) => listener(content as never))
  }

  /** Which workspace is open is read from every answer that tells it. */
  #note(name: CallName, content: unknown): void {
    const app = content as Partial<App> | null
    if (!name.startsWith('app/') || typeof app !== 'object' || app?.workspacePath === undefined) return
    this.#workspaceKey = app.workspaceKey ?? ''
    this.#memory.write(app.workspacePath)
  }

  #broken(): void {
    this.#channel = undefined
    const isFirst = this.#state === 'connecting'
    const { pausesMs, attemptsUntilLost } = this.#options
    const pauseMs = pausesMs[Math.min(this.#attempts, pausesMs.length - 1)]!
    this.#attempts++
    const isLong = this.#attempts >= attemptsUntilLost
    if (isLong) this.#become('lost')
    else if (!isFirst && this.#state !== 'lost') this.#become('restarting')
    const asked = [...this.#waiting.values()]
    this.#waiting.clear()
    const failed = isLong ? [...asked, ...this.#queue.splice(0)] : asked
    const message = 'The engine stopped while it worked on this; what was saved is saved.'
    for (const { settle } of failed) settle({ ok: false, code: 'engine-lost', message })
    setTimeout(() => void this.#attempt(), pauseMs)
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#stateListeners.forEach((listener) => listener(state))
  }
}

function lostError(message: string): HeadwiseError {
  return new HeadwiseError('engine-lost', message)
}
