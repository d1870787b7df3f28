/** Where the program's own files are, and where it may keep what can be made again. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The repository's or the package's root. */
export const programFolder = resolve(import.meta.dirname, '..', '..')
export const databaseFolder = join(programFolder, 'db')
export const sampleFolder = join(programFolder, 'resources', 'sample')
export const starterPoolPath = join(programFolder, 'resources', 'pools', 'starter.csv')
export const rendererFolder = join(programFolder, 'out', 'renderer')

export const programVersion = (
  JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8')) as { version: string }
).version

/** The system's folder for caches, or HEADWISE_CACHE. */
export function cacheFolder(): string {
  if (process.env.HEADWISE_CACHE) return process.env.HEADWISE_CACHE
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Headwise', 'Cache')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Headwise')
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'headwise')
}
