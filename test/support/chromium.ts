/** A browser for the end-to-end tests: on Linux the one that an npm package brings, elsewhere an installed Chrome. */
import { type Browser, chromium } from 'playwright-core'

export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux') return chromium.launch({ channel: 'chrome' })
  const { default: packed } = await import('@sparticuz/chromium')
  return chromium.launch({ args: packed.args, executablePath: await packed.executablePath() })
}
