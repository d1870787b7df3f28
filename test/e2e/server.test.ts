/** Who the server lets in, and what it gives out. */
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { type Place, temporaryFolder } from '../support/sample.ts'
import { type ServedWorkspace, servedWorkspace } from '../support/served-workspace.ts'
import { WorkbenchPage } from './workbench-page.ts'

let place: Place
let served: ServedWorkspace
let browser: Browser
let context: BrowserContext

beforeAll(async () => {
  place = temporaryFolder()
  served = await servedWorkspace(undefined, place.folder)
  browser = await launchBrowser()
  context = await browser.newContext()
  await new WorkbenchPage(await context.newPage()).open(served.link)
})

afterAll(async () => {
  await browser?.close()
  await served?.close()
  place?.remove()
})

describe('the server', () => {
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(new URL(path, served.link), { headers, redirect: 'manual' })).status

  it('takes the link once and answers nobody without the cookie', async () => {
    expect(await status(served.link)).toBe(403)
    expect(await status('/?token=wrong')).toBe(403)
    expect(await status('/')).toBe(403)
    expect(await status('/', { cookie: 'headwise-1=guess' })).toBe(403)
  })

  it('serves the page and nothing beside it', async () => {
    const [cookie] = await context.cookies()
    const headers = { cookie: `${cookie!.name}=${cookie!.value}` }
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    expect(await status('/', headers)).toBe(200)
    for (const path of [
      '/../package.json',
      '/%2e%2e/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets',
      '/index.html%00.js',
    ]) {
      expect(await status(path, headers), path).toBe(404)
    }
  })

  it('refuses a page of another origin and another name for its address', async () => {
    const [cookie] = await context.cookies()
    const cookieHeader = `${cookie!.name}=${cookie!.value}`
    const { host, port } = new URL(served.link)
    expect(await openSocket(host, { origin: `http://${host}`, cookie: cookieHeader })).toBe('open')
    expect(await openSocket(host, { origin: 'http://evil.example', cookie: cookieHeader })).toBe('refused')
    expect(await openSocket(host, { origin: `http://${host}` })).toBe('refused')
    expect(
      await openSocket(host, { origin: `http://${host}`, cookie: cookieHeader, host: `evil.example:${port}` }),
    ).toBe('refused')
  })
})

async function openSocket(host: string, headers: Record<string, string>): Promise<'open' | 'refused'> {
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(`ws://${host}/calls`, { headers })
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.close()
      resolve('open')
    })
    socket.on('error', () => resolve('refused'))
  })
}
