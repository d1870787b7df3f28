/**
 * The workbench for a browser on the same machine, or through an SSH tunnel: the built page over HTTP, the contract
 * over one WebSocket. Loopback only. The printed link carries a token that works once and is exchanged for a cookie;
 * Host and Origin are checked, so that no other page can reach the engine through the browser.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { HeadwiseError } from '../contract/errors.ts'
import type { OpenEngine } from '../engine/index.ts'
import { Admission } from './admission.ts'
import { attachCalls } from './attach-calls.ts'
import { readPage, type PageFile } from './page-files.ts'

export type ServeOptions = {
  opened: OpenEngine
  /** the built page, out/renderer */
  rendererFolder: string
  /** 0 takes any free one */
  port?: number
  /** sees failures of calls with their cause */
  onError?: (name: string, error: unknown) => void
}

export type Served = {
  /** with the token that works once */
  link: string
  close(): Promise<void>
}

const address = '127.0.0.1'
const largestMessageBytes = 16 * 1024 * 1024
const callsPath = '/calls'

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** @throws HeadwiseError 'not-found' when the page is not built, 'conflict' when the port is taken */
export async function serve({ opened, rendererFolder, port = 0, onError }: ServeOptions): Promise<Served> {
  const page = readPage(rendererFolder)
  const admission = new Admission()
  const server = createServer((request, response) => respond(request, response, admission, page))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== callsPath || !admission.admitsSocket(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => attachCalls(webSocket, opened, onError))
  })
  const { port: taken } = await listen(server, port)
  admission.port = taken
  return {
    link: `http://${address}:${taken}/?token=${admission.token}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      reject(
        isTaken
          ? new HeadwiseError('conflict', `Port ${port} is taken by another program; choose another with --port.`)
          : error,
      )
    })
    server.listen(port, address, () => resolve(server.address() as AddressInfo))
  })
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
  page: Map<string, PageFile>,
): void {
  const send = (status: number, text: string, headers: Record<string, string> = {}) => {
    response
      .writeHead(status, { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', ...headers })
      .end(text)
  }
  if (!admission.isOwnHost(request)) return send(403, 'This address is not the workbench.')
  if (request.method !== 'GET') return send(405, 'Only GET is answered here.')
  const url = new URL(request.url ?? '/', `http://${address}`)
  const token = url.searchParams.get('token')
  if (token !== null && !admission.hasCookie(request)) {
    const cookie = admission.exchange(token)
    if (!cookie)
      return send(403, 'This link has been used or is not the printed one. Start "headwise serve" again for a new one.')
    return send(303, '', { location: '/', 'set-cookie': cookie })
  }
  if (!admission.hasCookie(request)) return send(403, 'Open the link that "headwise serve" printed.')
  // Only files that were listed at the start are known, so no path leads out of the folder.
  const file = page.get(url.pathname === '/' ? '/index.html' : url.pathname)
  if (!file) return send(404, 'There is no such page.')
  response.writeHead(200, { ...securityHeaders, 'content-type': file.type }).end(file.content)
}
