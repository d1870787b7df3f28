/** The first file of the engine's own process: a desk, answering pages whose bytes the serving process hands on. */
import { HeadwiseError } from '../contract/errors.ts'
import { decodeMessage, encodeMessage } from '../contract/wire.ts'
import { type AttachedSession, attachSession, Desk, forkHelper, readImage } from '../engine/index.ts'
import type { EngineStart, FromEngine, ToEngine } from './engine-messages.ts'
import { logFailure } from './log-failure.ts'

process.title = 'headwise engine'
// Ctrl+C in a terminal reaches every process of the group; when to end is the serving process's decision.
process.on('SIGINT', () => {})
process.on('disconnect', () => void end())

let desk: Desk | undefined
const sessions = new Map<number, AttachedSession>()

process.on('message', (message: ToEngine) => {
  if (message.kind === 'start') void start(message.options)
  else if (message.kind === 'attach') attach(message.id)
  else if (message.kind === 'bytes') receive(message.id, message.bytes)
  else if (message.kind === 'detach') detach(message.id)
  else if (message.kind === 'close') void end()
  else if (desk) {
    void readImage(desk, message.request, logFailure).then((reply) => post({ kind: 'image', id: message.id, reply }))
  }
})

function post(message: FromEngine): void {
  // What cannot be sent any more has nobody who waits for it.
  process.send!(message, undefined, undefined, () => {})
}

async function start(options: EngineStart): Promise<void> {
  desk = new Desk({
    ...options,
    home: 'browser',
    startHelper: forkHelper,
    onError: logFailure,
    onOpenChange: (paths) => post({ kind: 'opened', paths }),
  })
  try {
    await desk.start()
    post({ kind: 'started' })
  } catch (error) {
    const code = error instanceof HeadwiseError ? error.code : 'internal'
    post({ kind: 'unstarted', failure: { code, message: (error as Error).message } })
  }
}

function attach(id: number): void {
  const send = (message: unknown) => post({ kind: 'bytes', id, bytes: encodeMessage(message) })
  sessions.set(id, attachSession(desk!.session(), send, logFailure))
}

function detach(id: number): void {
  sessions.get(id)?.close()
  sessions.delete(id)
}

function receive(id: number, bytes: Uint8Array): void {
  const session = sessions.get(id)
  if (!session || session.receive(messageOf(bytes))) return
  detach(id)
  post({ kind: 'refuse', id })
}

function messageOf(bytes: Uint8Array): unknown {
  try {
    return decodeMessage(bytes)
  } catch {
    return undefined
  }
}

/** Jobs stop at their next safe point, and everything is closed. */
async function end(): Promise<void> {
  await desk?.close()
  process.exit(0)
}
