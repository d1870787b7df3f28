/**
 * How paths of models and data sets are kept: relative to the workspace's folder when they lie in it or beside it, so
 * that they can be moved together; absolute otherwise.
 */
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'

export function storedPath(workspacePath: string, path: string): string {
  const folder = dirname(resolve(workspacePath))
  const fromFolder = relative(folder, resolve(path))
  const isNear = !isAbsolute(fromFolder) && !fromFolder.startsWith(`..${sep}..`)
  return isNear ? fromFolder.split(sep).join('/') || '.' : resolve(path)
}

export function resolvedPath(workspacePath: string, stored: string): string {
  return isAbsolute(stored) ? stored : resolve(dirname(resolve(workspacePath)), stored)
}
