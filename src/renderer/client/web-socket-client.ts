/** The engine behind `headwise serve`. */
import { decodeMessage, encodeMessage } from '../../contract/wire.ts'
import { type Connection, connect, type OpenChannel } from './connection.ts'
import { pathMemory } from './path-memory.ts'

export function connectByWebSocket(url: string): Promise<Connection> {
  return connect(openSocket(url), pathMemory)
}

function openSocket(url: string): OpenChannel {
  return ({ receive, lost }) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url)
      socket.binaryType = 'arraybuffer'
      socket.addEventListener('message', (event: MessageEvent<ArrayBuffer>) =>
        receive(decodeMessage(new Uint8Array(event.data))),
      )
      socket.addEventListener('open', () => resolve({ send: (message) => socket.send(encodeMessage(message)) }))
      socket.addEventListener('close', () => {
        reject(new Error('The engine cannot be reached.'))
        lost()
      })
    })
}
