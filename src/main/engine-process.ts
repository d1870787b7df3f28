/** The engine in its own process: one desk that answers every window's port. */
import type { MessagePortMain } from 'electron'
import { attachSession, Desk, type HelperProcess, type HelperRole, readImage } from '../engine/index.ts'
import type { FromEngine, ToEngine } from './process-messages.ts'

let desk: Desk | undefined

process.parentPort.on('message', ({ data, ports }) => {
  const message = data as ToEngine
  if (message.kind === 'start') start(message.options)
  else if (message.kind === 'connect') connect(message.windowId, message.path, ports[0]!)
  else if (message.kind === 'helper') helpers.get(message.id)?.take(ports[0]!)
  else if (message.kind === 'helper-exit') helpers.get(message.id)?.gone(message.how)
  else if (message.kind === 'close') void end()
  else if (desk) {
    void readImage(desk, message.request, logFailure).then((reply) => post({ kind: 'image', id: message.id, reply }))
  }
})

function post(message: FromEngine): void {
  process.parentPort.postMessage(message)
}

function start(options: Extract<ToEngine, { kind: 'start' }>['options']): void {
  desk = new Desk({
    ...options,
    home: 'desktop',
    startHelper,
    onError: logFailure,
    onOpenChange: (paths) => post({ kind: 'opened', paths }),
  })
  void desk.start()
}

function connect(windowId: number, path: string | null | undefined, port: MessagePortMain): void {
  const session = desk!.session(path)
  const attached = attachSession(session, (message) => port.postMessage(message), logFailure)
  const off = session.onWorkspace((shown) => post({ kind: 'shown', windowId, path: shown }))
  port.on('close', () => {
    off()
    attached.close()
  })
  port.on('message', ({ data }) => void attached.receive(data))
  port.start()
}

/** A helper that the main process starts: only it can. Messages wait until its port is here. */
type RemoteHelper = { take(port: MessagePortMain): void; gone(how: string): void }

const helpers = new Map<number, RemoteHelper>()
let nextHelper = 0

function startHelper(role: HelperRole): HelperProcess {
  const id = nextHelper++
  let port: MessagePortMain | undefined
  let hear: Parameters<HelperProcess['onMessage']>[0] = () => {}
  let onExit: (how: string) => void = () => {}
  const waiting: unknown[] = []
  helpers.set(id, {
    take(taken) {
      port = taken
      port.on('message', ({ data }) => hear(data as Parameters<typeof hear>[0]))
      port.start()
      for (const message of waiting.splice(0)) port.postMessage(message)
    },
    gone(how) {
      helpers.delete(id)
      onExit(how)
    },
  })
  post({ kind: 'start-helper', id, role })
  return {
    post: (message) => (port ? port.postMessage(message) : void waiting.push(message)),
    onMessage: (listener) => (hear = listener),
    onExit: (listener) => (onExit = listener),
    kill: () => post({ kind: 'kill-helper', id }),
  }
}

async function end(): Promise<void> {
  await desk?.close()
  process.exit(0)
}

function logFailure(name: string, error: unknown): void {
  console.error(name, error)
}
