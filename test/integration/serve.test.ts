/** The server over real sockets: whom it answers, and what it gives out. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Desk } from '../../src/engine/index.ts'
import { deskHome, serve, type Served, startEngine } from '../../src/server/index.ts'
import { cookieOf, endOfJob, pageConnection } from '../support/page-connection.ts'
import { databaseFolder, type Place, projectFolder, sampleFolder, temporaryFolder } from '../support/sample.ts'

const script = `export const words = '${'many words '.repeat(300)}'`

let place: Place
let served: Served
let closing: (() => Promise<void>)[]

beforeEach(() => {
  place = temporaryFolder()
  closing = []
  mkdirSync(join(place.folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(place.folder, 'page', 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(place.folder, 'page', 'assets', 'main.js'), script)
  writeFileSync(join(place.folder, 'secret.txt'), 'secret')
})
afterEach(async () => {
  for (const close of closing) await close()
  place.remove()
})

const folders = () => ({
  databaseFolder,
  cacheFolder: place.cacheFolder,
  programVersion: 'test',
  settingsFolder: join(place.folder, 'settings'),
  dataFolder: join(place.folder, 'data'),
  resourcesFolder: join(projectFolder, 'resources'),
})

async function serveHere(): Promise<Desk> {
  const desk = new Desk({ ...folders(), home: 'browser' })
  served = await serve({ home: deskHome(desk), rendererFolder: join(place.folder, 'page') })
  closing.push(served.close, () => desk.close())
  return desk
}

type Got = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

/** Paths go out as they are written here; fetch would tidy them. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  const { hostname, port } = new URL(served.link)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, headers, method }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', reject).end()
  })
}

describe('the server', () => {
  it('takes the link once and answers nobody without the cookie', async () => {
    await serveHere()
    expect((await get('/')).status).toBe(403)
    expect((await get('/?token=wrong')).status).toBe(403)
    const { search } = new URL(served.link)
    const first = await get(`/${search}`)
    expect([first.status, first.headers.location]).toEqual([303, '/'])
    expect((first.headers['set-cookie'] as string[])[0]).toMatch(
      /^headwise-\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
    )
    const cookie = (first.headers['set-cookie'] as string[])[0]!.split(';')[0]!
    expect((await get(`/${search}`)).status).toBe(403)
    expect((await get('/', { cookie })).status).toBe(200)
    expect((await get('/', { cookie: cookie.slice(0, -1) })).status).toBe(403)
    expect((await get('/', { cookie, host: 'evil.example' })).status).toBe(403)
    expect((await get('/', { cookie }, 'POST')).status).toBe(405)
  })

  it('gives out the page with its policy, compressed where the browser takes it, and nothing beside it', async () => {
    await serveHere()
    const cookie = await cookieOf(served.link)
    const plain = await get('/assets/main.js', { cookie })
    expect(plain.body.toString()).toBe(script)
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    expect(plain.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    const brotli = await get('/assets/main.js', { cookie, 'accept-encoding': 'gzip, deflate, br' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script)
    const gzip = await get('/assets/main.js', { cookie, 'accept-encoding': 'gzip, br;q=0' })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).toString()).toBe(script)
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets',
      '/assets/../../secret.txt',
      '/index.html%00.js',
      '//secret.txt',
    ]) {
      expect((await get(path, { cookie })).status, path).toBe(404)
    }
  })

  it('gives pictures by workspace and id alone, cached for the person who may see them', async () => {
    await serveHere()
    const cookie = await cookieOf(served.link)
    const { connection, close } = await pageConnection(served.link, cookie)
    closing.unshift(async () => close())
    await connection.client['app/create']({ path: join(place.folder, 'a') })
    const ended = endOfJob(connection, (job) => job.kind === 'import')
    await connection.client['data-set/add']({ path: join(sampleFolder, 'scenes') })
    await ended
    const url = connection.imageUrl(1, 'thumbnail')
    const { status, headers, body } = await get(url, { cookie })
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=86400',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body.subarray(8, 12).toString()).toBe('WEBP')
    expect((await get(connection.imageUrl(2, 'picture'), { cookie })).body.subarray(8, 12).toString()).toBe('WEBP')
    expect((await get(url)).status).toBe(403)
    expect((await get(url, { cookie, host: 'evil.example' })).status).toBe(403)
    const { search } = new URL(url, served.link)
    for (const path of [
      `/image/99999/thumbnail${search}`,
      `/image/0/thumbnail${search}`,
      `/image/1/thumbnail/..${search}`,
      `/image/1/original${search}`,
      `/image/1e3/thumbnail${search}`,
      `/image/..%2f..%2fsecret.txt/thumbnail${search}`,
      '/image/1/thumbnail?w=other',
      // Without the workspace's key an answer could be kept for another one's picture.
      '/image/1/thumbnail',
    ]) {
      expect((await get(path, { cookie })).status, path).toBe(404)
    }
  })

  it('refuses sockets of other origins, and bytes that are no request', async () => {
    await serveHere()
    const cookie = await cookieOf(served.link)
    const { host, port } = new URL(served.link)
    const open = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${host}/calls`, { headers })
        socket.on('open', () => socket.send('no message at all'))
        socket.on('close', (code) => resolve(code))
        socket.on('error', () => resolve('refused'))
      })
    expect(await open({ cookie, origin: `http://${host}` })).toBe(1007)
    expect(await open({ cookie, origin: 'http://evil.example' })).toBe('refused')
    expect(await open({ origin: `http://${host}` })).toBe('refused')
    expect(await open({ cookie, origin: `http://${host}`, host: `evil.example:${port}` })).toBe('refused')
  })

  it('outlives strangers who ask for a socket and hang up on the answer', async () => {
    await serveHere()
    const { port } = new URL(served.link)
    const head = 'GET /calls HTTP/1.1\r\nhost: evil.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
    for (let stranger = 0; stranger < 20; stranger++) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), stranger % 3))
        })
        socket.on('error', () => {}).on('close', () => resolve())
      })
    }
    expect((await get('/')).status).toBe(403)
  })

  it('says before anything is served why a workspace cannot be opened', async () => {
    const workspacePath = join(place.folder, 'missing.headwise')
    await expect(startEngine({ ...folders(), workspacePath }, () => {})).rejects.toMatchObject({
      code: 'not-found',
      message: `There is no workspace "${workspacePath}".`,
    })
  })
})
