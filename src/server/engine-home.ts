/** Where the server's engine is: in a process of its own, or for tests in this one. */
import type { RawData, WebSocket } from 'ws'
import type { Reply } from '../contract/index.ts'
import { decodeMessage, encodeMessage } from '../contract/wire.ts'
import { attachSession, type Desk, type ImageRequest, readImage } from '../engine/index.ts'

export type EngineHome = {
  /** Gives a page's socket a session of its own. */
  attach(socket: WebSocket): void
  image(request: ImageRequest): Promise<Reply>
}

export const refusedCode = 1007
export const refusedReason = 'Not a request of the contract.'

export function deskHome(desk: Desk, onError?: (name: string, error: unknown) => void): EngineHome {
  return {
    attach(socket) {
      const send = (message: unknown) => {
        if (socket.readyState === socket.OPEN) socket.send(encodeMessage(message))
      }
      const session = attachSession(desk.session(), send, onError)
      socket.on('close', () => session.close())
      socket.on('error', () => socket.terminate())
      socket.on('message', (data: RawData) => {
        if (!session.receive(messageOf(data))) socket.close(refusedCode, refusedReason)
      })
    },
    image: (request) => readImage(desk, request, onError),
  }
}

export function bytesOf(data: RawData): Uint8Array {
  return Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as ArrayBuffer)
}

function messageOf(data: RawData): unknown {
  try {
    return decodeMessage(bytesOf(data))
  } catch {
    return undefined
  }
}
