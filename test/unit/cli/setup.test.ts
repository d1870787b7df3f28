import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Place, projectFolder, temporaryFolder } from '../../support/sample.ts'

let place: Place
beforeEach(() => {
  place = temporaryFolder()
  mkdirSync(join(place.folder, 'src', 'cli'), { recursive: true })
  cpSync(join(projectFolder, 'src', 'cli', 'setup.mjs'), join(place.folder, 'src', 'cli', 'setup.mjs'))
})
afterEach(() => place.remove())

function setup(): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/setup.mjs'], { cwd: place.folder, encoding: 'utf8' })
  return { status, stderr }
}

describe('setup', () => {
  it('does nothing in the project, which is set up', () => {
    // Were it not, this test would install everything under the feet of the others.
    expect(existsSync(join(projectFolder, 'node_modules', '.headwise-setup')), 'Run "npm run setup" first.').toBe(true)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/setup.mjs'], {
      cwd: projectFolder,
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('says in one sentence what is wrong when packages cannot be installed', () => {
    writeFileSync(join(place.folder, 'package.json'), '{"name": "x", "dependencies": {"y": "1.0.0"}}')
    writeFileSync(join(place.folder, 'package-lock.json'), 'no lock file')
    const { status, stderr } = setup()
    expect(status).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'headwise setup: Packages could not be installed; the lines above say why. Check the network and the disk, then run the command again.',
    )
  })
})
