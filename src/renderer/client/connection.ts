/** The engine as a page sees it, whichever way the messages go. */
import type { CallName, Client, ErrorCode, EventName, EventOf, Reply } from '../../contract/index.ts'
import { HeadwiseError } from '../../contract/errors.ts'

export type Connection = {
  client: Client
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void
}

/** Sends one message; the answers and notices come back through `receive`. */
export type Channel = { send(message: unknown): void }

export type ConnectionParts = { connection: Connection; receive(message: unknown): void; fail(reason: string): void }

export function connectionOver(channel: Channel): ConnectionParts {
  let nextId = 0
  let broken: string | undefined
  const waiting = new Map<number, (reply: Reply) => void>()
  const listeners = new Map<string, Set<(event: never) => void>>()

  function ask(name: CallName, input: unknown): Promise<unknown> {
    if (broken !== undefined) return Promise.reject(new HeadwiseError('internal', broken))
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(id, (reply) =>
        reply.ok ? resolve(reply.value) : reject(new HeadwiseError(reply.code, reply.message)),
      )
      channel.send({ id, name, input })
    })
  }

  return {
    connection: {
      client: new Proxy({} as Client, { get: (_, name: CallName) => (input: unknown) => ask(name, input) }),
      on(name, listener) {
        const set = listeners.get(name) ?? new Set()
        listeners.set(name, set.add(listener as (event: never) => void))
        return () => set.delete(listener as (event: never) => void)
      },
    },
    receive(message) {
      const { id, reply, event, content } = message as { id?: number; reply?: Reply; event?: string; content?: unknown }
      if (id !== undefined && reply) {
        waiting.get(id)?.(reply)
        waiting.delete(id)
      } else if (event !== undefined) listeners.get(event)?.forEach((listener) => listener(content as never))
    },
    fail(reason) {
      broken = reason
      const code: ErrorCode = 'internal'
      for (const settle of waiting.values()) settle({ ok: false, code, message: reason })
      waiting.clear()
    },
  }
}
