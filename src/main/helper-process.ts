/** A helper of the engine in its own process; it talks to the engine over the port that it is handed first. */
import { serveHelper } from '../engine/helpers/serve-helper.ts'
import type { ToHelper } from '../engine/helpers/messages.ts'

process.parentPort.once('message', ({ ports }) => {
  const port = ports[0]!
  // The other end is gone when the engine is.
  port.on('close', () => process.exit(0))
  serveHelper({
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', ({ data }) => listener(data as ToHelper)),
    exit: () => process.exit(0),
  })
  port.start()
})
