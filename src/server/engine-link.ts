/**
 * The engine in a process of its own, which this one starts, hands pages' bytes to, and starts again when it dies. The
 * pages then connect anew by themselves; what was open is opened again and its jobs go on.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { RawData, WebSocket } from 'ws'
import { HeadwiseError } from '../contract/errors.ts'
import type { Reply } from '../contract/index.ts'
import { type ImageRequest, RestartDelay } from '../engine/index.ts'
import { bytesOf, type EngineHome, refusedCode, refusedReason } from './engine-home.ts'
import type { EngineStart, FromEngine, ToEngine } from './engine-messages.ts'

/** WebSocket's "service restart". */
const restartCode = 1012
/** A job that runs stops at its next safe point. */
const closeWithinMs = 30_000

export type EngineLink = EngineHome & {
  /** of the engine's process now; undefined between its death and its next start */
  pid(): number | undefined
  close(): Promise<void>
}

/** @throws HeadwiseError when the workspace to show cannot be opened */
export async function startEngine(options: EngineStart, onRestart: (how: string) => void): Promise<EngineLink> {
  const supervisor = new Supervisor(options, onRestart)
  await supervisor.start()
  return {
    attach: (socket) => supervisor.attach(socket),
    image: (request) => supervisor.image(request),
    pid: () => supervisor.pid,
    close: () => supervisor.close(),
  }
}

class Supervisor {
  readonly #options: EngineStart
  readonly #onRestart: (how: string) => void
  readonly #sockets = new Map<number, WebSocket>()
  readonly #images = new Map<number, (reply: Reply) => void>()
  readonly #delay = new RestartDelay(Date.now())
  #child: ChildProcess | undefined
  #openPaths: string[] = []
  #nextId = 0
  #isClosing = false
  #hasStarted = false
  #onStarted: { resolve(): void; reject(error: Error): void } | undefined
  #onExit = () => {}

  constructor(options: EngineStart, onRestart: (how: string) => void) {
    this.#options = options
    this.#onRestart = onRestart
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onStarted = { resolve, reject }
      this.#fork(this.#options)
    })
  }

  attach(socket: WebSocket): void {
    // The page tries again; the engine is back in a moment.
    if (!this.#child) return socket.close(restartCode)
    const id = this.#nextId++
    this.#sockets.set(id, socket)
    this.#post({ kind: 'attach', id })
    socket.on('message', (data: RawData) => this.#post({ kind: 'bytes', id, bytes: bytesOf(data) }))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      if (this.#sockets.delete(id)) this.#post({ kind: 'detach', id })
    })
  }

  image(request: ImageRequest): Promise<Reply> {
    if (!this.#child) return Promise.resolve(lostReply)
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#images.set(id, resolve)
      this.#post({ kind: 'image', id, request })
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => (this.#onExit = resolve))
    this.#post({ kind: 'close' })
    const timer = setTimeout(() => child.kill('SIGKILL'), closeWithinMs)
    await gone
    clearTimeout(timer)
  }

  #fork(options: EngineStart): void {
    const child = fork(join(import.meta.dirname, 'engine-process.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.on('message', (message: FromEngine) => this.#hear(message))
    child.on('exit', (code, signal) => this.#lost(signal ? `signal ${signal}` : `code ${code}`))
    child.on('error', ({ message }) => child.pid === undefined && this.#lost(message))
    this.#post({ kind: 'start', options })
  }

  #post(message: ToEngine): void {
    // A message to a process that has just died is no error of its own: its exit is told anyway.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  #hear(message: FromEngine): void {
    if (message.kind === 'started') {
      this.#hasStarted = true
      this.#onStarted?.resolve()
    } else if (message.kind === 'unstarted') this.#refuseStart(message.failure)
    else if (message.kind === 'opened') this.#openPaths = message.paths
    else if (message.kind === 'image') {
      this.#images.get(message.id)?.(message.reply)
      this.#images.delete(message.id)
    } else {
      const socket = this.#sockets.get(message.id)
      if (message.kind === 'refuse') socket?.close(refusedCode, refusedReason)
      else if (socket?.readyState === socket?.OPEN) socket?.send(message.bytes)
    }
  }

  #refuseStart({ code, message }: { code: HeadwiseError['code']; message: string }): void {
    this.#isClosing = true
    this.#onExit = () => this.#onStarted?.reject(new HeadwiseError(code, message))
    this.#post({ kind: 'close' })
  }

  #lost(how: string): void {
    this.#child = undefined
    for (const answer of this.#images.values()) answer(lostReply)
    this.#images.clear()
    const sockets = [...this.#sockets.values()]
    this.#sockets.clear()
    for (const socket of sockets) socket.close(restartCode, 'The engine is started again.')
    this.#onExit()
    if (this.#isClosing) return
    if (!this.#hasStarted) {
      this.#onStarted?.reject(new HeadwiseError('internal', `The engine ended (${how}) before it answered.`))
      return
    }
    this.#onRestart(how)
    const afterCrash = { openPaths: this.#openPaths }
    setTimeout(() => {
      if (!this.#isClosing) this.#fork({ ...this.#options, afterCrash })
    }, this.#delay.afterDeathMs(Date.now()))
  }
}

const lostReply: Reply = { ok: false, code: 'engine-lost', message: 'The engine is being started again.' }
