/** One page's messages: requests go through `answer`, events go out as they come. Both shells use it. */
import { type EventName, events } from '../../contract/index.ts'
import { Request } from '../../contract/messages.ts'
import { answer } from '../answer.ts'
import type { DeskSession } from './session.ts'

export type AttachedSession = {
  /** @returns false for what is no request at all: a page of ours never sends it */
  receive(raw: unknown): boolean
  close(): void
}

export function attachSession(
  session: DeskSession,
  send: (message: unknown) => void,
  onError?: (name: string, error: unknown) => void,
): AttachedSession {
  const names = Object.keys(events) as EventName[]
  const offs = names.map((event) => session.on(event, (content) => send({ event, content })))
  return {
    receive(raw) {
      const request = Request.safeParse(raw)
      if (!request.success) return false
      const { id, name, input } = request.data
      void answer(session.engine, name, input, onError).then((reply) => send({ id, reply }))
      return true
    },
    close() {
      offs.forEach((off) => off())
      session.close()
    },
  }
}
