/** The page's own connection, over Node's WebSocket instead of the browser's. */
import { WebSocket } from 'ws'
import type { Job } from '../../src/contract/job.ts'
import { decodeMessage, encodeMessage } from '../../src/contract/wire.ts'
import { connect, type Connection } from '../../src/renderer/client/connection.ts'

export type PageConnection = {
  connection: Connection
  /** codes of the sockets that were closed, oldest first */
  closes: number[]
  close(): void
}

/** @param link of the server; its token may have been used */
export async function pageConnection(link: string, cookie: string): Promise<PageConnection> {
  const { host } = new URL(link)
  const closes: number[] = []
  const sockets: WebSocket[] = []
  let kept: string | null | undefined
  const connection = await connect(
    ({ receive, lost }) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://${host}/calls`, { headers: { cookie, origin: `http://${host}` } })
        sockets.push(socket)
        socket.on('open', () => resolve({ send: (message) => socket.send(encodeMessage(message)) }))
        socket.on('message', (data: Buffer) => receive(decodeMessage(new Uint8Array(data))))
        socket.on('error', reject)
        socket.on('close', (code) => {
          closes.push(code)
          lost()
        })
      }),
    { read: () => kept, write: (path) => void (kept = path) },
    { pausesMs: [50], attemptsUntilLost: 200 },
  )
  return { connection, closes, close: () => sockets.forEach((socket) => socket.terminate()) }
}

/** Exchanges the link's token. */
export async function cookieOf(link: string): Promise<string> {
  const response = await fetch(link, { redirect: 'manual' })
  const [cookie] = response.headers.getSetCookie()
  if (!cookie) throw new Error(`The link gave no cookie: ${response.status} ${await response.text()}`)
  return cookie.split(';')[0]!
}

export function endOfJob({ on }: Connection, fits: (job: Job) => boolean): Promise<Job> {
  return new Promise((resolve) => {
    const off = on('job/progressed', (job) => {
      if (job.finishedMs === null || !fits(job)) return
      off()
      resolve(job)
    })
  })
}
