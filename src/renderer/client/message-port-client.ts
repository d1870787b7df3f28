/** The engine of the desktop program: a message port straight to its process, handed over by the preload script. */
import { type Connection, connect, type OpenChannel } from './connection.ts'
import { pathMemory } from './path-memory.ts'

/** The shell hands a port over as soon as the engine runs; one that never comes is asked for again. */
const longestWaitMs = 5000

export function connectByPort(): Promise<Connection> {
  return connect(openPort, pathMemory)
}

const openPort: OpenChannel = async ({ receive, lost }) => {
  const port = await nextPort()
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => receive(data))
  port.addEventListener('close', lost)
  port.start()
  return { send: (message) => port.postMessage(message) }
}

function nextPort(): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer)
      window.removeEventListener('message', take)
    }
    const take = (event: MessageEvent) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== 'engine-port' || !port) return
      done()
      resolve(port)
    }
    const timer = setTimeout(() => {
      done()
      reject(new Error('No port came.'))
    }, longestWaitMs)
    window.addEventListener('message', take)
    window.postMessage('page-ready', window.location.origin)
  })
}
