/** The engine in its own process: opens the workspace it was started with and answers every window's port. */
import type { MessagePortMain } from 'electron'
import { join } from 'node:path'
import { type EventName, events } from '../contract/index.ts'
import { Request } from '../contract/messages.ts'
import { answer, openEngine, type OpenEngine } from '../engine/index.ts'

const [workspacePath, cacheFolder, programVersion] = process.argv.slice(2) as [string, string, string]

const opening = openEngine({
  workspacePath,
  databaseFolder: join(import.meta.dirname, '..', '..', 'db'),
  cacheFolder: join(cacheFolder, 'engine-cache'),
  programVersion,
})
opening.catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})

process.parentPort.on('message', ({ data, ports }) => {
  if (data === 'connect' && ports[0]) void opening.then((opened) => attach(ports[0]!, opened))
  if (data === 'close') void opening.then((opened) => opened.close()).finally(() => process.exit(0))
})

function attach(port: MessagePortMain, opened: OpenEngine): void {
  const names = Object.keys(events) as EventName[]
  const offs = names.map((event) => opened.on(event, (content) => port.postMessage({ event, content })))
  port.on('close', () => offs.forEach((off) => off()))
  port.on('message', ({ data }) => {
    const request = Request.safeParse(data)
    if (!request.success) return
    const { id, name, input } = request.data
    void answer(opened.engine, name, input).then((reply) => port.postMessage({ id, reply }))
  })
  port.start()
}
