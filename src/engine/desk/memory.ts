/** What screens remember for each workspace: layouts, filters, sort orders. A file a workspace, beside the settings. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Remembered } from '../../contract/app.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { readJson, replaceJson } from './saved-json.ts'

export const mostRememberedBytes = 64 * 1024

export class ScreenMemory {
  readonly #folder: string

  constructor(settingsFolder: string) {
    this.#folder = join(settingsFolder, 'screens')
  }

  /** @param workspacePath null for the start screen */
  recall(workspacePath: string | null): Remembered {
    return readJson(this.#fileOf(workspacePath), Remembered) ?? {}
  }

  /**
   * @param content undefined or null forgets the key
   * @throws HeadwiseError 'bad-input' when all of it would be more than 64 KB
   */
  remember(workspacePath: string | null, key: string, content: unknown): void {
    const all = { ...this.recall(workspacePath), [key]: content }
    if (content === undefined || content === null) delete all[key]
    const bytes = Buffer.byteLength(JSON.stringify(all))
    if (bytes > mostRememberedBytes) {
      throw new HeadwiseError(
        'bad-input',
        `What screens remember must be at most ${mostRememberedBytes} bytes; with "${key}" it would be ${bytes}.`,
      )
    }
    replaceJson(this.#fileOf(workspacePath), all)
  }

  #fileOf(workspacePath: string | null): string {
    const name = createHash('sha256')
      .update(workspacePath ?? '')
      .digest('hex')
      .slice(0, 16)
    return join(this.#folder, `${name}.json`)
  }
}
