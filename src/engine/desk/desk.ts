/**
 * The program around its workspaces: every window has a session with it, and each session has at most one workspace
 * open. All windows of the program share one desk.
 */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../../contract/app.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { ScreenMemory } from './memory.ts'
import { type OpenOptions, type OpenWorkspace, OpenWorkspaces } from './open-workspaces.ts'
import { RecentWorkspaces } from './recent.ts'
import { describeSample } from './sample.ts'
import { type DeskSession, startSession } from './session.ts'

export type DeskOptions = OpenOptions & {
  home: Home
  /** recent workspaces and what screens remember */
  settingsFolder: string
  /** the program's own folder for the sample's workspace */
  dataFolder: string
  /** what comes with the program: the sample's model, images and pool, the starter pool */
  resourcesFolder: string
  /** what new windows show first; it stays open until the desk closes */
  workspacePath?: string
  /** the process before this one died: what it had open is opened again, and its jobs go on */
  afterCrash?: { openPaths: string[] }
  /** how long a workspace stays open behind its last window */
  graceMs?: number
  /** sees what happens behind the answers: failures with their cause */
  onError?: (what: string, error: unknown) => void
  onOpenChange?: (paths: string[]) => void
}

const usualGraceMs = 20_000

export class Desk {
  readonly #options: DeskOptions
  readonly #recent: RecentWorkspaces
  readonly #memory: ScreenMemory
  readonly #workspaces: OpenWorkspaces
  #lastPath: string | undefined
  #describingSample: Promise<void> | undefined

  constructor(options: DeskOptions) {
    this.#options = options
    this.#recent = new RecentWorkspaces(options.settingsFolder)
    this.#memory = new ScreenMemory(options.settingsFolder)
    const { onOpenChange = () => {}, graceMs = usualGraceMs } = options
    this.#workspaces = new OpenWorkspaces(options, graceMs, onOpenChange)
  }

  /** Opens what it was started with, or what a crash closed. @throws HeadwiseError when the first cannot be opened */
  async start(): Promise<void> {
    const { workspacePath, afterCrash } = this.#options
    for (const path of afterCrash?.openPaths ?? []) await this.#reopen(path)
    if (workspacePath === undefined) return
    try {
      // Never left: it stays open for as long as the desk.
      this.#noteOpened(await this.#workspaces.enter(workspacePath))
    } catch (error) {
      // After a crash the program stays, and its windows say what is wrong with the workspace.
      if (!afterCrash) throw error
      this.#options.onError?.('reopen', error)
    }
  }

  /** Windows come back to it within seconds; its jobs do not wait for them. */
  async #reopen(path: string): Promise<void> {
    try {
      const opened = await this.#workspaces.enter(path, { resumeInterrupted: true })
      this.#afterOpening(opened)
      this.#workspaces.leave(opened)
    } catch (error) {
      this.#options.onError?.('reopen', error)
    }
  }

  /** @param path what this window shows first; null for the start screen; absent for what the desk shows usually */
  session(path: string | null = this.#options.workspacePath ?? this.#lastPath ?? null): DeskSession {
    return startSession(
      {
        options: this.#options,
        recent: this.#recent,
        memory: this.#memory,
        workspaces: this.#workspaces,
        samplePath: samplePathOf(this.#options),
        noteOpened: (workspace) => this.#noteOpened(workspace),
      },
      path,
    )
  }

  /** Calls of an open workspace by its key, for the pictures of pages. */
  workspace(key: string): OpenWorkspace | undefined {
    return this.#workspaces.byKey(key)
  }

  async close(): Promise<void> {
    await this.#workspaces.close()
  }

  #noteOpened(workspace: OpenWorkspace): void {
    this.#lastPath = workspace.path
    try {
      this.#recent.add(workspace.path, (this.#options.now ?? Date.now)())
    } catch (error) {
      // Settings that cannot be written keep nobody from working.
      this.#options.onError?.('recent', error)
    }
    this.#afterOpening(workspace)
  }

  /** The sample's numbers are made when it is opened, whichever way. */
  #afterOpening(workspace: OpenWorkspace): void {
    if (workspace.path !== realPath(samplePathOf(this.#options))) return
    this.#describingSample ??= describeSample(workspace)
      .catch((error: unknown) => {
        // Whoever cancels the sample's job, or closes it, wants just that.
        if (!(error instanceof HeadwiseError && error.code === 'cancelled')) this.#options.onError?.('sample', error)
      })
      .finally(() => (this.#describingSample = undefined))
  }
}

function samplePathOf({ dataFolder }: DeskOptions): string {
  return join(dataFolder, 'sample.headwise')
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
