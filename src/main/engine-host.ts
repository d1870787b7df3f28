/** The engine's process, as the shell sees it: started with a workspace, given a port for the window, restarted when it dies. */
import { app, type MessagePortMain, MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { join } from 'node:path'

export class EngineProcess {
  readonly #workspacePath: string
  readonly #cacheFolder: string
  #child: UtilityProcess | undefined
  #isStopped = false

  constructor(workspacePath: string, cacheFolder: string) {
    this.#workspacePath = workspacePath
    this.#cacheFolder = cacheFolder
    this.#start()
  }

  /** @returns the window's end of a new channel to the engine */
  connect(): MessagePortMain | undefined {
    if (!this.#child) return undefined
    const { port1, port2 } = new MessageChannelMain()
    this.#child.postMessage('connect', [port1])
    return port2
  }

  stop(): void {
    this.#isStopped = true
    this.#child?.postMessage('close')
  }

  #start(): void {
    const child = utilityProcess.fork(join(import.meta.dirname, 'engine-process.js'), [
      this.#workspacePath,
      this.#cacheFolder,
      app.getVersion(),
    ])
    this.#child = child
    child.on('exit', () => {
      this.#child = undefined
      if (!this.#isStopped) this.#start()
    })
  }
}
