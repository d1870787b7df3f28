/** Builds the page where it is not built yet: a fresh clone's first `headwise serve`. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HeadwiseError } from '../contract/errors.ts'
import { programFolder, rendererFolder } from './folders.ts'

export function ensureRenderer(): void {
  if (existsSync(join(rendererFolder, 'index.html'))) return
  process.stderr.write('Building the page, once.\n')
  const vite = join(programFolder, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', 'src/renderer', '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, args, { cwd: programFolder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new HeadwiseError('internal', 'The page could not be built; the lines above say why.')
}
