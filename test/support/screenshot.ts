/**
 * Pictures of every place, in both sizes and both schemes: node test/support/screenshot.ts FOLDER.
 * The README's pictures are heads, image, pools and segments at 1440 pixels in light colours.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { segmentMethods } from '../../src/contract/segment.ts'
import { launchBrowser } from './chromium.ts'
import { demoWorkspace } from './demo-workspace.ts'
import { sampleFolder, testEngine } from './sample.ts'
import { servedWorkspace } from './served-workspace.ts'

type Shown = { name: string; address: string; prepare?: (page: Page) => Promise<void> }

const shown: Shown[] = [
  { name: 'heads', address: '/heads?head=L5.H2' },
  { name: 'image', address: '/image/17?text=a+boat+on+water' },
  { name: 'data', address: '/data' },
  { name: 'pools', address: '/pools?text=a+scene+on+water' },
  { name: 'segments', address: '/segments' },
  { name: 'roles', address: '/roles' },
  { name: 'jobs', address: '/jobs' },
  { name: 'palette', address: '/heads', prepare: (page) => page.keyboard.press('Control+k') },
  { name: 'keys', address: '/heads', prepare: (page) => page.keyboard.press('?') },
]

const folder = resolve(process.argv[2] ?? 'screenshots')
mkdirSync(folder, { recursive: true })
const workspace = await demoWorkspace({ folder, cacheFolder: join(folder, 'cache'), remove: () => {} })
await fill(workspace)
const browser = await launchBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  const served = await servedWorkspace(workspace, folder)
  const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(served.link)
  await page.getByRole('grid').first().waitFor()
  for (const [width, height] of [
    [1440, 900],
    [1024, 700],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const place of shown) await show(page, new URL(served.link).origin, place, `${width}-${colorScheme}`)
  }
  await context.close()
  await served.close()
}
await browser.close()

async function show(page: Page, origin: string, { name, address, prepare }: Shown, suffix: string): Promise<void> {
  await page.goto(`${origin}/#${address}`)
  await page.waitForTimeout(1500)
  const hint = page.getByRole('button', { name: 'Got it' })
  if ((await hint.count()) > 0) await hint.click()
  await page.mouse.move(0, 0)
  await prepare?.(page)
  await page.waitForTimeout(1000)
  await page.screenshot({ path: join(folder, `${name}-${suffix}.png`) })
  await page.keyboard.press('Escape')
}

/** Some labels, and the five methods on the sample's masks. */
async function fill(path: string): Promise<void> {
  const engine = await testEngine(path, join(folder, 'cache'), 'write')
  const { client, finish } = engine
  const roles = new Map((await client['role/list']({})).map(({ id, name }) => [name, id]))
  // What the sample's README says of these heads.
  const known: [role: string, heads: [number, number][]][] = [
    [
      'place',
      [
        [5, 0],
        [5, 3],
        [5, 6],
        [5, 7],
      ],
    ],
    ['color', [[3, 3]]],
    [
      'position',
      [
        [4, 5],
        [4, 7],
      ],
    ],
    ['count', [[5, 2]]],
  ]
  for (const [role, places] of known) {
    const heads = places.map(([layer, head]) => ({ layer, head }))
    const change = { roleId: roles.get(role)!, confidence: 3, state: 'reviewed' as const }
    await client['label/set']({ modelId: 1, annotator: userInfo().username, heads, change, textSpanId: 1 })
  }
  const { objects, templates } = JSON.parse(readFileSync(join(sampleFolder, 'classes.json'), 'utf8')) as {
    objects: string[]
    templates: string[]
  }
  const dataSetId = (await client['data-set/list']({})).find(({ kind }) => kind === 'mat')!.id
  const settings = segmentMethods.map((method) => ({ method }))
  await finish(client['segment/evaluate']({ modelId: 1, dataSetId, task: { classes: objects, templates }, settings }))
  await engine.close()
}
