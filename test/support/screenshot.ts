/**
 * Pictures of every place, in both sizes and both schemes: node test/support/screenshot.ts WORKSPACE FOLDER.
 * The README's picture is heads-1440-light.png of the demo's workspace.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serve } from '../../src/server/index.ts'
import { launchBrowser } from './chromium.ts'
import { projectFolder, testEngine } from './sample.ts'

const [workspace, folder] = process.argv.slice(2) as [string, string]
mkdirSync(folder, { recursive: true })
const engine = await testEngine(resolve(workspace), join(resolve(folder), 'cache'), 'write')
const browser = await launchBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  const served = await serve({ opened: engine, rendererFolder: join(projectFolder, 'out', 'renderer') })
  const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(served.link)
  for (const [width, height] of [
    [1440, 900],
    [1024, 700],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const place of ['Heads', 'Data', 'Pools']) {
      await page.getByRole('link', { name: place }).click()
      await page.waitForTimeout(700)
      await page.screenshot({ path: join(folder, `${place.toLowerCase()}-${width}-${colorScheme}.png`) })
    }
  }
  await context.close()
  await served.close()
}
await browser.close()
await engine.close()
