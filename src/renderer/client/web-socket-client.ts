/** The engine behind `headwise serve`. */
import { decodeMessage, encodeMessage } from '../../contract/wire.ts'
import { type Connection, connectionOver } from './connection.ts'

export function connectByWebSocket(url: string, onLost: () => void): Promise<Connection> {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const { connection, receive, fail } = connectionOver({ send: (message) => socket.send(encodeMessage(message)) })
  socket.addEventListener('message', (event: MessageEvent<ArrayBuffer>) =>
    receive(decodeMessage(new Uint8Array(event.data))),
  )
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(connection))
    socket.addEventListener('close', () => {
      fail('The connection to the engine is lost.')
      reject(new Error('The engine cannot be reached.'))
      onLost()
    })
  })
}
