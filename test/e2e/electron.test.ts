/** The desktop program itself, wherever Electron's binary is. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { _electron } from 'playwright-core'
import { demoWorkspace } from '../support/demo-workspace.ts'
import { projectFolder, temporaryFolder } from '../support/sample.ts'
import { HeadsPage } from './heads-page.ts'
import { WorkbenchPage } from './workbench-page.ts'

const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
const names: Record<string, string> = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }
const binary = join(folder, 'dist', names[process.platform] ?? 'electron')
const canRun = existsSync(binary) && existsSync(join(projectFolder, 'out', 'main', 'index.js'))
if (!canRun)
  console.warn(`SKIPPED: the desktop program is not tested; there is no "${binary}", or "npm run build" was not run.`)

describe.skipIf(!canRun)('the desktop program', () => {
  it('opens a workspace and shows its heads', async () => {
    const place = temporaryFolder()
    try {
      const workspace = await demoWorkspace(place)
      const args = [projectFolder, workspace, ...(process.platform === 'linux' ? ['--no-sandbox'] : [])]
      const program = await _electron.launch({ executablePath: binary, args })
      const workbench = new WorkbenchPage(await program.firstWindow())
      const heads = new HeadsPage(workbench)
      await heads.head.waitFor()
      expect(await heads.selected()).toBe('L5.H0')
      expect((await heads.texts())[0]!.text).toBe('waves on a lake')
      await program.close()
    } finally {
      place.remove()
    }
  })
})
