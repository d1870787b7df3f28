/** Where the program's own files are, and where it may keep what can be made again. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The repository's or the package's root. */
export const programFolder = resolve(import.meta.dirname, '..', '..')
export const databaseFolder = join(programFolder, 'db')
/** The sample and the starter pool. */
export const resourcesFolder = join(programFolder, 'resources')
export const sampleFolder = join(resourcesFolder, 'sample')
export const rendererFolder = join(programFolder, 'out', 'renderer')

export const programVersion = (
  JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8')) as { version: string }
).version

/** The system's folder for settings, or HEADWISE_SETTINGS. */
export function settingsFolder(): string {
  if (process.env.HEADWISE_SETTINGS) return process.env.HEADWISE_SETTINGS
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Headwise', 'Settings')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Headwise', 'Settings')
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'headwise')
}

/** The system's folder for what a program makes, or HEADWISE_DATA. */
export function dataFolder(): string {
  if (process.env.HEADWISE_DATA) return process.env.HEADWISE_DATA
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Headwise', 'Data')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Headwise', 'Data')
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'headwise')
}

/** The system's folder for caches, or HEADWISE_CACHE. */
export function cacheFolder(): string {
  if (process.env.HEADWISE_CACHE) return process.env.HEADWISE_CACHE
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Headwise', 'Cache')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Headwise')
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'headwise')
}
