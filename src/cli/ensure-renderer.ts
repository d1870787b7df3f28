/** Builds the page where it is not built yet, or older than its sources: a fresh clone, or one that was updated. */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HeadwiseError } from '../contract/errors.ts'
import { programFolder, rendererFolder } from './folders.ts'

export function ensureRenderer(): void {
  const built = statSync(join(rendererFolder, 'index.html'), { throwIfNoEntry: false })
  const sources = ['renderer', 'contract'].map((layer) => join(programFolder, 'src', layer))
  if (built && built.mtimeMs >= Math.max(...sources.map(newestMs))) return
  process.stderr.write('Building the page.\n')
  const vite = join(programFolder, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', 'src/renderer', '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, args, { cwd: programFolder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new HeadwiseError('internal', 'The page could not be built; the lines above say why.')
}

/** When the newest file below a folder was changed; 0 where there is no such folder, as in a packed program. */
function newestMs(folder: string): number {
  if (!statSync(folder, { throwIfNoEntry: false })) return 0
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}
