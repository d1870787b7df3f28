/**
 * headwise://app: the built page's own files, and pictures of open workspaces by id. Nothing else has an address, so no
 * path leads to any other file of the machine.
 */
import { protocol, type Session } from 'electron'
import type { Reply } from '../contract/index.ts'
import { type ImageRequest, imageRequestOf } from '../engine/desk/image-request.ts'
import { imageHeaders, pageFileAt, type PageFile, readPage, securityHeaders, uncached } from '../engine/page/index.ts'

const scheme = 'headwise'
export const pageOrigin = `${scheme}://app`
export const pageUrl = `${pageOrigin}/index.html`

/** Call before the program is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

export function serveScheme(
  session: Session,
  rendererFolder: string,
  readImage: (request: ImageRequest) => Promise<Reply>,
): void {
  const page = readPage(rendererFolder)
  session.protocol.handle(scheme, (request) => responseTo(request, page, readImage))
}

export async function responseTo(
  { url: address, method }: { url: string; method: string },
  page: Map<string, PageFile>,
  readImage: (request: ImageRequest) => Promise<Reply>,
): Promise<Response> {
  const url = new URL(address)
  if (method !== 'GET') return text(405, 'Only GET is answered here.')
  if (url.host !== 'app') return text(404, 'There is no such page.')
  const image = imageRequestOf(url)
  if (image) return imageResponse(await readImage(image))
  const file = pageFileAt(page, url.pathname)
  if (!file) return text(404, 'There is no such page.')
  return new Response(file.content, { headers: { ...securityHeaders, ...uncached, 'content-type': file.type } })
}

function imageResponse(reply: Reply): Response {
  if (!reply.ok) return text(reply.code === 'engine-lost' ? 503 : 404, reply.message)
  return new Response(reply.value as Uint8Array<ArrayBuffer>, { headers: imageHeaders })
}

function text(status: number, content: string): Response {
  const headers = { ...securityHeaders, ...uncached, 'content-type': 'text/plain; charset=utf-8' }
  return new Response(content, { status, headers })
}
