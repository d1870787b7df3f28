/**
 * The engine's process, as the shell sees it: one for all windows, with its helper processes beside it. When it dies it
 * is started again; the pages then ask for new ports by themselves, what was open is opened again and its jobs go on.
 */
import { type MessagePortMain, MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { join } from 'node:path'
import type { Reply } from '../contract/index.ts'
import type { ImageRequest } from '../engine/desk/image-request.ts'
import { RestartDelay } from '../engine/desk/restart-delay.ts'
import type { EngineStart, FromEngine, ToEngine } from './process-messages.ts'

/** A job that runs stops at its next safe point. */
const closeWithinMs = 15_000

const lostReply: Reply = { ok: false, code: 'engine-lost', message: 'The engine is being started again.' }

/** A window shows another workspace, or none. */
export type OnShown = (windowId: number, path: string | null) => void

export class EngineHost {
  readonly #options: EngineStart
  readonly #onShown: OnShown
  readonly #helpers = new Map<number, UtilityProcess>()
  readonly #images = new Map<number, (reply: Reply) => void>()
  readonly #delay = new RestartDelay(Date.now())
  /** windows that asked while there was no engine */
  #waiting: (() => void)[] = []
  #child: UtilityProcess | undefined
  #openPaths: string[] = []
  #nextImage = 0
  #isClosing = false
  #onGone = () => {}

  constructor(options: EngineStart, onShown: OnShown) {
    this.#options = options
    this.#onShown = onShown
    this.#fork()
  }

  /** @returns the window's end of a new channel to the engine, as soon as there is one */
  async connect(windowId: number, path: string | null | undefined): Promise<MessagePortMain> {
    if (!this.#child) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const { port1, port2 } = new MessageChannelMain()
    this.#post({ kind: 'connect', windowId, path }, [port1])
    return port2
  }

  image(request: ImageRequest): Promise<Reply> {
    if (!this.#child) return Promise.resolve(lostReply)
    const id = this.#nextImage++
    return new Promise((resolve) => {
      this.#images.set(id, resolve)
      this.#post({ kind: 'image', id, request })
    })
  }

  /** Ends when the engine has closed every workspace. */
  async close(): Promise<void> {
    this.#isClosing = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => (this.#onGone = resolve))
    this.#post({ kind: 'close' })
    const timer = setTimeout(() => child.kill(), closeWithinMs)
    await gone
    clearTimeout(timer)
  }

  #post(message: ToEngine, ports: MessagePortMain[] = []): void {
    this.#child?.postMessage(message, ports)
  }

  #fork(afterCrash?: EngineStart['afterCrash']): void {
    const child = utilityProcess.fork(join(import.meta.dirname, 'engine-process.js'), [], {
      serviceName: 'Headwise engine',
    })
    this.#child = child
    child.on('message', (message: FromEngine) => this.#hear(message))
    child.on('exit', (code) => this.#lost(code))
    this.#post({ kind: 'start', options: { ...this.#options, afterCrash } })
    for (const go of this.#waiting.splice(0)) go()
  }

  #hear(message: FromEngine): void {
    if (message.kind === 'opened') this.#openPaths = message.paths
    else if (message.kind === 'shown') this.#onShown(message.windowId, message.path)
    else if (message.kind === 'start-helper') this.#startHelper(message.id, message.role)
    else if (message.kind === 'kill-helper') this.#helpers.get(message.id)?.kill()
    else {
      this.#images.get(message.id)?.(message.reply)
      this.#images.delete(message.id)
    }
  }

  /** The engine and its helper talk over a port of their own, so that arrays do not pass through this process. */
  #startHelper(id: number, role: string): void {
    const helper = utilityProcess.fork(join(import.meta.dirname, 'helper-process.js'), [], {
      serviceName: `Headwise ${role}`,
    })
    const { port1, port2 } = new MessageChannelMain()
    this.#helpers.set(id, helper)
    helper.postMessage('port', [port2])
    this.#post({ kind: 'helper', id }, [port1])
    helper.on('exit', (code) => {
      if (this.#helpers.get(id) !== helper) return
      this.#helpers.delete(id)
      this.#post({ kind: 'helper-exit', id, how: `code ${code}` })
    })
  }

  #lost(code: number): void {
    this.#child = undefined
    // Ids of helpers begin anew with the next engine.
    for (const helper of this.#helpers.values()) helper.kill()
    this.#helpers.clear()
    for (const answer of this.#images.values()) answer(lostReply)
    this.#images.clear()
    this.#onGone()
    if (this.#isClosing) return
    console.error(`The engine ended (code ${code}) and is started again.`)
    const afterCrash = { openPaths: this.#openPaths }
    setTimeout(() => {
      if (!this.#isClosing) this.#fork(afterCrash)
    }, this.#delay.afterDeathMs(Date.now()))
  }
}
