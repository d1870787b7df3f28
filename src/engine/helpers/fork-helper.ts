/** Helpers of an engine that runs in plain Node: forked processes of this program. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { HelperProcess, HelperRole } from './messages.ts'

export function forkHelper(role: HelperRole): HelperProcess {
  const child = fork(join(import.meta.dirname, 'forked-helper.ts'), [role], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    // A message to a process that has just died is no error of its own: its exit is told anyway.
    post: (message) => void (child.connected && child.send(message, () => {})),
    onMessage: (listener) => child.on('message', listener),
    onExit(listener) {
      child.on('exit', (code, signal) => listener(signal ? `signal ${signal}` : `code ${code}`))
      child.on('error', ({ message }) => child.pid === undefined && listener(message))
    },
    kill: () => child.kill('SIGKILL'),
  }
}
