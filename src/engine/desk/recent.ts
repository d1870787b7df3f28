/** Workspaces that were opened on this machine, newest first. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RecentWorkspace } from '../../contract/app.ts'
import { readJson, replaceJson } from './saved-json.ts'

const Entries = z.array(z.object({ path: z.string(), openedMs: z.number().min(0) }))
const mostRecent = 10

export class RecentWorkspaces {
  readonly #path: string

  constructor(settingsFolder: string) {
    this.#path = join(settingsFolder, 'recent.json')
  }

  list(): RecentWorkspace[] {
    return this.#entries().map((entry) => {
      const found = statSync(entry.path, { throwIfNoEntry: false })
      return { ...entry, isPresent: found?.isFile() === true, sizeBytes: found?.size ?? 0 }
    })
  }

  add(path: string, openedMs: number): void {
    const others = this.#entries().filter((entry) => entry.path !== path)
    replaceJson(this.#path, [{ path, openedMs }, ...others].slice(0, mostRecent))
  }

  forget(path: string): void {
    replaceJson(
      this.#path,
      this.#entries().filter((entry) => entry.path !== path),
    )
  }

  #entries(): z.output<typeof Entries> {
    return readJson(this.#path, Entries) ?? []
  }
}
