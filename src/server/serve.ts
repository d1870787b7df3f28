/**
 * The workbench for a browser on the same machine, or through an SSH tunnel: the built page and pictures over HTTP, the
 * contract over one WebSocket a page. Loopback only. The printed link carries a token that works once and is exchanged
 * for a cookie; Host and Origin are checked, so that no other page can reach the engine through the browser.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { HeadwiseError } from '../contract/errors.ts'
import { type ImageRequest, imageRequestOf } from '../engine/index.ts'
import { imageHeaders, pageFileAt, type PageFile, readPage, securityHeaders, uncached } from '../engine/page/index.ts'
import { Admission } from './admission.ts'
import { compressed } from './compressed.ts'
import type { EngineHome } from './engine-home.ts'

export type ServeOptions = {
  home: EngineHome
  /** the built page, out/renderer */
  rendererFolder: string
  /** 0 takes any free one */
  port?: number
}

export type Served = {
  /** with the token that works once */
  link: string
  close(): Promise<void>
}

const address = '127.0.0.1'
/** A pool that somebody pastes or imports travels in one message. */
const largestMessageBytes = 128 * 1024 * 1024
const callsPath = '/calls'

/** @throws HeadwiseError 'not-found' when the page is not built, 'conflict' when the port is taken */
export async function serve({ home, rendererFolder, port = 0 }: ServeOptions): Promise<Served> {
  const site: Site = { page: readPage(rendererFolder), admission: new Admission(), home }
  const server = createServer((request, response) => {
    respond(request, response, site).catch(() => response.destroy())
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever hangs up on the answer must not end the server: nobody else listens to this socket's errors yet.
    socket.on('error', () => socket.destroy())
    if (request.url !== callsPath || !site.admission.admitsSocket(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => home.attach(webSocket))
  })
  const { port: taken } = await listen(server, port)
  site.admission.port = taken
  return {
    link: `http://${address}:${taken}/?token=${site.admission.token}`,
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

type Site = { page: Map<string, PageFile>; admission: Admission; home: EngineHome }

async function respond(request: IncomingMessage, response: ServerResponse, { page, admission, home }: Site) {
  const send = (status: number, text: string, headers: Record<string, string> = {}) => {
    const plain = { ...securityHeaders, ...uncached, 'content-type': 'text/plain; charset=utf-8' }
    response.writeHead(status, { ...plain, ...headers }).end(text)
  }
  if (!admission.isOwnHost(request)) return send(403, 'This address is not the workbench.')
  if (request.method !== 'GET') return send(405, 'Only GET is answered here.')
  const url = URL.parse(`http://${address}${request.url ?? '/'}`)
  if (!url) return send(400, 'This is no address of a page.')
  const token = url.searchParams.get('token')
  if (token !== null && !admission.hasCookie(request)) {
    const cookie = admission.exchange(token)
    if (!cookie)
      return send(403, 'This link has been used or is not the printed one. Start "headwise serve" again for a new one.')
    return send(303, '', { location: '/', 'set-cookie': cookie })
  }
  if (!admission.hasCookie(request)) return send(403, 'Open the link that "headwise serve" printed.')
  const image = imageRequestOf(url)
  if (image) return sendImage(response, home, image, send)
  const file = pageFileAt(page, url.pathname)
  if (!file) return send(404, 'There is no such page.')
  const { content, encoding } = await compressed(file, request.headers['accept-encoding'])
  response
    .writeHead(200, {
      ...securityHeaders,
      ...uncached,
      'content-type': file.type,
      vary: 'accept-encoding',
      ...(encoding && { 'content-encoding': encoding }),
    })
    .end(content)
}

async function sendImage(
  response: ServerResponse,
  home: EngineHome,
  request: ImageRequest,
  send: (status: number, text: string) => void,
): Promise<void> {
  const reply = await home.image(request)
  if (reply.ok) response.writeHead(200, imageHeaders).end(reply.value)
  else send(reply.code === 'engine-lost' ? 503 : 404, reply.message)
}
