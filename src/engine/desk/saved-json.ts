/** Small things that the program remembers, each a JSON file that is replaced whole, so that a crash leaves the old one. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

/** undefined when there is none or it is damaged: what is remembered is never worth a failing start */
export function readJson<Kind extends z.ZodType>(path: string, kind: Kind): z.output<Kind> | undefined {
  try {
    return kind.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

export function replaceJson(path: string, content: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(`${path}.new`, 'w')
  try {
    writeFileSync(file, JSON.stringify(content))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}
