/** The engine of the desktop program: a message port straight to its process, handed over by the preload script. */
import { type Connection, connectionOver } from './connection.ts'

export function connectByPort(onLost: () => void): Promise<Connection> {
  return new Promise((resolve) => {
    window.addEventListener('message', (event) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== 'engine-port' || !port) return
      const { connection, receive, fail } = connectionOver({ send: (message) => port.postMessage(message) })
      port.addEventListener('message', ({ data }: MessageEvent<unknown>) => receive(data))
      port.addEventListener('close', () => {
        fail('The engine has stopped.')
        onLost()
      })
      port.start()
      resolve(connection)
    })
    window.postMessage('page-ready', window.location.origin === 'null' ? '*' : window.location.origin)
  })
}
