/** The program's windows: what each shows, where it stands, and bringing them back at the next start. */
import { BrowserWindow } from 'electron'
import { basename } from 'node:path'
import { pageUrl } from './app-protocol.ts'
import type { MenuCommand } from './menu.ts'
import { windowOptions } from './page.ts'
import { SavedWindows, type WindowState } from './saved-state.ts'

/** Moving a window tells of every pixel. */
const saveAfterMs = 500

type Shown = {
  window: BrowserWindow
  /** what it shows; undefined until the engine said so, and then whatever is usual */
  path: string | null | undefined
}

export class Windows {
  readonly #saved: SavedWindows
  readonly #shown = new Map<number, Shown>()
  #timer: NodeJS.Timeout | undefined
  #isQuitting = false

  constructor(statePath: string) {
    this.#saved = new SavedWindows(statePath)
  }

  get count(): number {
    return this.#shown.size
  }

  /** The windows of the last time; one with `path` when that is asked for, one with the start screen when there were none. */
  restore(path: string | undefined): void {
    const states = this.#saved.read()
    if (path !== undefined) return void this.open(path, states[0])
    if (states.length === 0) return void this.open(undefined, undefined)
    for (const state of states) this.open(state.path, state)
  }

  /** @param path null for the start screen, undefined for what was opened last */
  open(path: string | null | undefined, state?: WindowState): BrowserWindow {
    const window = new BrowserWindow(windowOptions(state?.bounds))
    // Taken now: the contents are gone once the window is closed.
    const id = window.webContents.id
    this.#shown.set(id, { window, path })
    if (state?.isMaximized) window.maximize()
    for (const name of ['resize', 'move', 'maximize', 'unmaximize'] as const) {
      window.on(name as 'resize', () => this.#saveSoon())
    }
    window.on('close', () => this.#save())
    window.on('closed', () => {
      this.#shown.delete(id)
      // The last window comes back at the next start.
      if (this.#shown.size > 0 && !this.#isQuitting) this.#save()
    })
    void window.loadURL(pageUrl)
    return window
  }

  /** What a window's new connection shows first. */
  pathOf(id: number): string | null | undefined {
    return this.#shown.get(id)?.path
  }

  /** The engine says what a window shows. */
  note(id: number, path: string | null): void {
    const shown = this.#shown.get(id)
    if (!shown) return
    shown.path = path
    shown.window.setTitle(path === null ? 'Headwise' : `${basename(path, '.headwise')} - Headwise`)
    shown.window.setRepresentedFilename(path ?? '')
    this.#saveSoon()
  }

  /** A workspace that a window shows is brought to the front; a window without one takes it; else it gets its own. */
  openWorkspace(path: string): void {
    const all = [...this.#shown.values()]
    const same = all.find((shown) => shown.path === path)
    if (same) return focus(same.window)
    const free = all.find((shown) => shown.path === null)
    if (!free) return void this.open(path)
    focus(free.window)
    tell(free.window, 'open', path)
  }

  focusOrOpen(): void {
    const [first] = this.#shown.values()
    if (first) focus(first.window)
    else this.open(undefined)
  }

  /** The preload script keeps what comes before the page listens. */
  tell(command: MenuCommand, path?: string): void {
    const front = BrowserWindow.getFocusedWindow() ?? [...this.#shown.values()][0]?.window
    if (front) return tell(front, command, path)
    const window = this.open(null)
    window.webContents.once('dom-ready', () => tell(window, command, path))
  }

  /** All windows are about to close, and all of them come back. */
  quit(): void {
    this.#save()
    this.#isQuitting = true
  }

  #saveSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#save(), saveAfterMs)
  }

  #save(): void {
    clearTimeout(this.#timer)
    if (this.#isQuitting) return
    const open = [...this.#shown.values()].filter(({ window }) => !window.isDestroyed())
    this.#saved.save(
      open.map(({ window, path }) => ({
        bounds: window.getNormalBounds(),
        isMaximized: window.isMaximized(),
        path: path ?? null,
      })),
    )
  }
}

function tell(window: BrowserWindow, command: MenuCommand, path?: string): void {
  window.webContents.send('menu/command', command, path)
}

function focus(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.focus()
}
