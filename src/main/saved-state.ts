/** Small things that the shell remembers, each a JSON file that is replaced whole, so that a crash leaves the old one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Rectangle } from 'electron'
import { z } from 'zod'

const Bounds = z.object({ x: z.number(), y: z.number(), width: z.number().min(200), height: z.number().min(200) })
const Paths = z.array(z.string())
const mostRecent = 10

/** undefined when there is none or it is damaged: what is remembered is never worth a failing start */
function read<Kind extends z.ZodType>(path: string, kind: Kind): z.output<Kind> | undefined {
  try {
    return kind.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

function replace(path: string, content: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(content))
  renameSync(`${path}.new`, path)
}

export class WindowState {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(): Rectangle | undefined {
    return read(this.#path, Bounds)
  }

  save(bounds: Rectangle): void {
    replace(this.#path, bounds)
  }
}

export class RecentFiles {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** newest first */
  list(): string[] {
    return read(this.#path, Paths) ?? []
  }

  add(path: string): void {
    replace(this.#path, [path, ...this.list().filter((known) => known !== path)].slice(0, mostRecent))
  }
}
