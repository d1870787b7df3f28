/**
 * Reference arrays in ../shared/golden beside the checkout. Where they are not there, the tests that need them skip
 * and one line says so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readNpy } from './npy.ts'

const folder = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'golden')

export const goldenFolder: string | undefined = existsSync(folder) ? folder : undefined

if (!goldenFolder) console.warn('SKIPPED: reference arrays (../shared/golden) are not beside this checkout.')

export function goldenPath(name: string): string {
  return join(folder, name)
}

export function readGolden<Data extends Float32Array | Int32Array = Float32Array>(name: string) {
  return readNpy<Data>(goldenPath(name))
}

export function goldenJson<Content>(name: string): Content {
  return JSON.parse(readFileSync(goldenPath(name), 'utf8')) as Content
}
