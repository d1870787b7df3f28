/** The workbench in a real browser, served by the real server over a real workspace. */
import { join } from 'node:path'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type Served } from '../../src/server/index.ts'
import { launchBrowser } from '../support/chromium.ts'
import { demoWorkspace } from '../support/demo-workspace.ts'
import { type Place, projectFolder, temporaryFolder, type TestEngine, testEngine } from '../support/sample.ts'
import { WorkbenchPage } from './workbench-page.ts'

let place: Place
let engine: TestEngine
let served: Served
let browser: Browser
let context: BrowserContext
let workbench: WorkbenchPage

beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(await demoWorkspace(place), place.cacheFolder, 'write')
  served = await serve({ opened: engine, rendererFolder: join(projectFolder, 'out', 'renderer') })
  browser = await launchBrowser()
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  workbench = new WorkbenchPage(await context.newPage())
  await workbench.open(served.link)
})

afterAll(async () => {
  await browser?.close()
  await served?.close()
  await engine?.close()
  place?.remove()
})

describe('the workbench', () => {
  it('walks to L5.H3 by keyboard and shows what the engine found there', async () => {
    await workbench.goTo('Heads')
    await workbench.grid.waitFor()
    expect(await workbench.selectedHead()).toBe('L5.H0')
    await workbench.walk('ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowUp')
    expect(await workbench.selectedHead()).toBe('L5.H3')
    const texts = await workbench.texts()
    // Known from the reference implementation: golden/textspan.json, layer 5, head 3.
    expect(texts).toHaveLength(20)
    expect(texts[0]).toEqual({ text: 'a mushroom in the snow', adds: '24 %', soFar: '24 %' })
    expect(texts[1]).toEqual({ text: 'a cat in the city', adds: '32 %', soFar: '56 %' })
  })

  it('keeps the selected head in the address, and goes back', async () => {
    expect(workbench.page.url()).toContain('head=L5.H3')
    await workbench.page.goBack()
    expect(await workbench.selectedHead()).toBe('L4.H3')
    await workbench.page.goForward()
    await workbench.page.reload()
    await workbench.grid.waitFor()
    expect(await workbench.selectedHead()).toBe('L5.H3')
  })

  it('shows the images of a split', async () => {
    await workbench.page.keyboard.press('d')
    await workbench.page.getByRole('button', { name: /^birds/ }).click()
    await workbench.page.getByLabel('Split').selectOption('valid')
    await workbench.page.getByText('1 to 60 of 120').waitFor()
    expect(await workbench.shownThumbnails()).toBe(60)
    expect(await workbench.page.getByRole('cell', { name: '600 of 600' }).count()).toBe(1)
  })

  it('finds texts in a pool', async () => {
    await workbench.page.keyboard.press('p')
    await workbench.page.getByLabel('Find in texts and roles').fill('mushroom in the snow')
    await workbench.page.getByText('1 of 307').waitFor()
  })

  it('meets no error in the page on the way', () => {
    expect(workbench.failures).toEqual([])
  })
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
