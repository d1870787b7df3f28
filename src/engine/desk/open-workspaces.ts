/**
 * The workspaces that are open: one engine a file, shared by every window that shows it, so that they see each other's
 * edits. The last window's leaving closes it after a while, and not while a job runs: a page that is loaded again or a
 * browser that is closed for the night stops nothing.
 */
import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import type { EngineOptions, OpenEngine } from '../open-engine.ts'
import { openEngine } from '../open-engine.ts'

export type OpenWorkspace = OpenEngine & { path: string; key: string }

type Entry = {
  opening: Promise<OpenWorkspace>
  opened: OpenWorkspace | undefined
  users: number
  timer: NodeJS.Timeout | undefined
  closing: Promise<void> | undefined
}

export type OpenOptions = Omit<EngineOptions, 'workspacePath' | 'mode' | 'resumeInterrupted'>

export class OpenWorkspaces {
  readonly #options: OpenOptions
  readonly #graceMs: number
  readonly #onChange: (paths: string[]) => void
  readonly #entries = new Map<string, Entry>()

  /** @param onChange gets the paths of what is open now */
  constructor(options: OpenOptions, graceMs: number, onChange: (paths: string[]) => void) {
    this.#options = options
    this.#graceMs = graceMs
    this.#onChange = onChange
  }

  /** Call `leave` with the same workspace when done. @throws HeadwiseError as `openEngine` */
  async enter(path: string, options: Pick<EngineOptions, 'mode' | 'resumeInterrupted'> = {}): Promise<OpenWorkspace> {
    const known = this.#entries.get(placeOf(path))
    if (known?.closing) {
      await known.closing
      return this.enter(path, options)
    }
    // A new workspace is never one that is open: making it says that the file exists.
    const entry = known && options.mode !== 'create' ? known : this.#open(path, options)
    entry.users++
    clearTimeout(entry.timer)
    try {
      return await entry.opening
    } catch (error) {
      entry.users--
      throw error
    }
  }

  leave(workspace: OpenWorkspace): void {
    const entry = this.#entries.get(workspace.path)
    if (!entry) return
    entry.users--
    if (entry.users === 0) this.#closeLater(workspace.path, entry)
  }

  byKey(key: string): OpenWorkspace | undefined {
    return [...this.#entries.values()].find(({ opened }) => opened?.key === key)?.opened
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([place, entry]) => this.#close(place, entry)))
  }

  #open(path: string, options: Pick<EngineOptions, 'mode' | 'resumeInterrupted'>): Entry {
    const opening = openEngine({ ...this.#options, ...options, workspacePath: path }).then((engine) => {
      const place = placeOf(path)
      const workspace = { ...engine, path: place, key: keyOf(place) }
      entry.opened = workspace
      this.#entries.set(place, entry)
      this.#tell()
      return workspace
    })
    const entry: Entry = { opening, opened: undefined, users: 0, timer: undefined, closing: undefined }
    const asked = placeOf(path)
    if (options.mode !== 'create') {
      this.#entries.set(asked, entry)
      opening.catch(() => this.#entries.delete(asked))
    }
    return entry
  }

  #closeLater(place: string, entry: Entry): void {
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => {
      if (entry.users > 0) return
      if (entry.opened?.isBusy()) this.#closeLater(place, entry)
      else void this.#close(place, entry)
    }, this.#graceMs)
  }

  #close(place: string, entry: Entry): Promise<void> {
    clearTimeout(entry.timer)
    entry.closing ??= entry.opening
      .then(
        (workspace) => workspace.close(),
        () => {},
      )
      .finally(() => {
        this.#entries.delete(place)
        this.#tell()
      })
    return entry.closing
  }

  #tell(): void {
    this.#onChange([...this.#entries.values()].flatMap(({ opened }) => opened?.path ?? []))
  }
}

/** The same for every way to write the path of a file. */
function placeOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function keyOf(path: string): string {
  const { dev, ino, birthtimeMs } = statSync(path)
  return createHash('sha256').update(`${path}:${dev}:${ino}:${birthtimeMs}`).digest('hex').slice(0, 12)
}
