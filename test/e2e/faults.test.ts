/** The engine's process is really killed in the middle of a job, while somebody works in the browser. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { type Place, temporaryFolder } from '../support/sample.ts'
import { serveByCli, type ServingCli } from '../support/serve-cli.ts'
import { HeadsPage } from './heads-page.ts'
import { WorkbenchPage } from './workbench-page.ts'

let place: Place
let serving: ServingCli
let browser: Browser
let workbench: WorkbenchPage
let heads: HeadsPage

beforeAll(async () => {
  place = temporaryFolder()
  serving = await serveByCli([], place.folder)
  browser = await launchBrowser()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  workbench = new WorkbenchPage(await context.newPage())
  heads = new HeadsPage(workbench)
  await workbench.open(serving.link)
})

afterAll(async () => {
  await browser?.close()
  await serving?.stop()
  place?.remove()
})

describe.skipIf(process.platform === 'win32')('an engine that dies', () => {
  it('opens the sample from the start screen and describes it', async () => {
    await workbench.page.getByRole('button', { name: /^Open the sample/ }).click()
    await heads.grid.waitFor({ timeout: 120_000 })
    await expect.poll(() => heads.cell('L5.H3').getAttribute('aria-label'), { timeout: 120_000 }).toContain('mushroom')
    await heads.select('L5.H3')
    // Known from the reference implementation: golden/textspan.json, layer 5, head 3.
    expect((await heads.texts())[0]).toEqual({ text: 'a mushroom in the snow', adds: '24 %', total: '24 %' })
  })

  it('comes back by itself with the label that was given and goes on with its job', async () => {
    await heads.walk('1')
    await expect.poll(() => heads.cellWords('L5.H3')).toBe('place, draft')
    await workbench.goTo('Data')
    await workbench.page.getByRole('button', { name: /^birds/ }).click()
    await workbench.page.getByRole('button', { name: /^Decompose these images/ }).click()
    await workbench.page
      .getByRole('dialog')
      .getByRole('button', { name: /^Decompose/ })
      .click()
    await workbench.goTo('Jobs')
    const job = workbench.page.getByRole('article', { name: 'decompose birds with sample' })
    // After the first block, so that there is something to go on from.
    await job.getByText(/^(2[6-9]\d|[3-6]\d\d) of 720 images/).waitFor({ timeout: 60_000 })
    process.kill(serving.enginePid()!, 'SIGKILL')
    await workbench.connectionNote.waitFor({ timeout: 20_000 })
    await workbench.connectionNote.waitFor({ state: 'detached', timeout: 60_000 })
    await job.getByText('720 of 720 images').waitFor({ timeout: 60_000 })
    await job
      .filter({ hasText: 'interrupted' })
      .getByText(/went on as job \d+/)
      .waitFor()
    await heads.open()
    await heads.select('L5.H3')
    expect(await heads.cellWords('L5.H3')).toBe('place, draft')
  })

  it('meets no error in the page but the lost connection', () => {
    const others = workbench.failures.filter((failure) => !/WebSocket|ERR_CONNECTION|503/.test(failure))
    expect(others).toEqual([])
  })
})
