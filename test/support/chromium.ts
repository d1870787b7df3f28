/** A browser for the end-to-end tests: on Linux the one that an npm package brings, elsewhere an installed Chrome. */
import { type Browser, chromium } from 'playwright-core'

export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux') return chromium.launch({ channel: 'chrome' })
  const { default: packed } = await import('@sparticuz/chromium')
  // Its own arguments are for one-shot functions: a single process that dies with its first context, and a page
  // without the web's security, which is what some of these tests are about.
  const unwanted = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content']
  const args = packed.args.filter((argument) => !unwanted.includes(argument))
  return chromium.launch({ args, executablePath: await packed.executablePath() })
}
