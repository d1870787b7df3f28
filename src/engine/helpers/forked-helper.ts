/** The first file of a forked helper process. */
import type { ToHelper } from './messages.ts'
import { serveHelper } from './serve-helper.ts'

process.title = `headwise ${process.argv[2]}`
// Ctrl+C in a terminal reaches every process of the group; when to end is the engine's decision.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))

serveHelper({
  // What cannot be sent any more has nobody who waits for it; the end of the connection ends this process.
  post: (message) => void process.send!(message, undefined, undefined, () => {}),
  onMessage: (listener) => process.on('message', (message) => listener(message as ToHelper)),
  exit: () => process.exit(0),
})
