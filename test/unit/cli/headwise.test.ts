import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectFolder } from '../../support/sample.ts'

it('says in one sentence that Node is too old, before anything else is loaded', () => {
  const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(older)}`,
    join(projectFolder, 'src', 'cli', 'headwise.mjs'),
    'info',
  ]
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: `headwise: Node 24 or newer is needed; this is 20.20.2. "npm run headwise -- ..." in the project's folder brings its own.\n`,
  })
})
