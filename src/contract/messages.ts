/** What a page and an engine say to each other, over a WebSocket or a message port. */
import { z } from 'zod'

export const Request = z.strictObject({ id: z.int().min(0), name: z.string(), input: z.unknown() })
export type Request = z.output<typeof Request>

export const Answer = z.object({ id: z.int().min(0), reply: z.unknown() })
export type Answer = z.output<typeof Answer>

export const Notice = z.object({ event: z.string(), content: z.unknown() })
export type Notice = z.output<typeof Notice>
