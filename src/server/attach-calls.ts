/** One page's WebSocket: requests go through `answer`, events go out as they come. */
import type { RawData, WebSocket } from 'ws'
import { type EventName, events } from '../contract/index.ts'
import { Request } from '../contract/messages.ts'
import { decodeMessage, encodeMessage } from '../contract/wire.ts'
import { answer, type OpenEngine } from '../engine/index.ts'

export function attachCalls(
  socket: WebSocket,
  opened: OpenEngine,
  onError?: (name: string, error: unknown) => void,
): void {
  const send = (message: unknown) => {
    if (socket.readyState === socket.OPEN) socket.send(encodeMessage(message))
  }
  const offs = (Object.keys(events) as EventName[]).map((event) =>
    opened.on(event, (content) => send({ event, content })),
  )
  socket.on('close', () => offs.forEach((off) => off()))
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: RawData) => {
    const request = requestOf(data)
    // What is no request at all cannot be answered; a page of ours never sends it.
    if (!request) return socket.close(1007, 'Not a request of the contract.')
    void answer(opened.engine, request.name, request.input, onError).then((reply) => send({ id: request.id, reply }))
  })
}

function requestOf(data: RawData): Request | undefined {
  try {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as ArrayBuffer)
    return Request.safeParse(decodeMessage(bytes)).data
  } catch {
    return undefined
  }
}
