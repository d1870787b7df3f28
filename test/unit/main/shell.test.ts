/** The real main modules against a double of Electron's API. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'

type Listener = (...args: never[]) => unknown
const double = vi.hoisted(() => {
  const handlers = new Map<string, Listener>()
  const windows: { options: { webPreferences: object }; url: string; closed?: () => void; id: number }[] = []
  const forks: { args: string[]; posted: unknown[]; exit?: () => void }[] = []
  const state = { userData: '', dialogPath: [] as string[] }
  const on = (prefix: string) => (name: string, listener: Listener) => void handlers.set(`${prefix}:${name}`, listener)
  class BrowserWindow {
    static getAllWindows = () => windows
    webContents: { id: number }
    record: (typeof windows)[number]
    constructor(options: { webPreferences: object }) {
      this.record = { options, url: '', id: windows.length + 1 }
      this.webContents = { id: this.record.id }
      windows.push(this.record)
    }
    on(name: string, listener: () => void) {
      if (name === 'closed') this.record.closed = listener
    }
    setTitle() {}
    getBounds = () => ({ x: 0, y: 0, width: 800, height: 600 })
    loadURL(url: string) {
      this.record.url = url
      return Promise.resolve()
    }
  }
  const electron = {
    app: {
      requestSingleInstanceLock: () => true,
      on: on('app'),
      whenReady: () => Promise.resolve(),
      getPath: () => state.userData,
      getVersion: () => '0.1.0',
      quit: vi.fn(),
    },
    BrowserWindow,
    dialog: { showOpenDialog: () => Promise.resolve({ filePaths: state.dialogPath }) },
    ipcMain: { on: on('ipc'), handle: on('ipc') },
    Menu: { setApplicationMenu: vi.fn(), buildFromTemplate: (template: unknown) => template },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler: Listener) => handlers.set('permission', handler),
        setPermissionCheckHandler: (handler: Listener) => handlers.set('permission-check', handler),
      },
    },
    utilityProcess: {
      fork: (_path: string, args: string[]) => {
        const fork: (typeof forks)[number] = { args, posted: [] }
        forks.push(fork)
        return {
          postMessage: (message: unknown) => fork.posted.push(message),
          on: (_: string, listener: () => void) => (fork.exit = listener),
        }
      },
    },
    MessageChannelMain: class {
      port1 = 'engine end'
      port2 = 'window end'
    },
  }
  return { electron, handlers, windows, forks, state }
})
vi.mock('electron', () => double.electron)

beforeEach(async () => {
  vi.resetModules()
  double.handlers.clear()
  double.windows.length = 0
  double.forks.length = 0
  double.state.userData = mkdtempSync(join(tmpdir(), 'headwise-shell-'))
  double.state.dialogPath = ['/data/a.headwise']
  await import('../../../src/main/index.ts')
  await vi.waitFor(() => expect(double.windows).toHaveLength(1))
  return () => rmSync(double.state.userData, { recursive: true, force: true })
})

const event = (url: string, { isTop = true } = {}) => {
  const mainFrame = { url }
  const postMessage = vi.fn()
  return { sender: { id: 1, mainFrame, postMessage }, senderFrame: isTop ? mainFrame : { url } }
}
const handler = (name: string) => double.handlers.get(name) as (...args: unknown[]) => unknown

describe('the window', () => {
  it('has no Node, an own context and the sandbox', () => {
    expect(double.windows[0]!.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    })
    expect(double.windows[0]!.url).toMatch(/^file:.*\/renderer\/index\.html$/)
  })

  it('may not navigate, open windows or ask for permissions', () => {
    const contents = { on: vi.fn(), setWindowOpenHandler: vi.fn() }
    handler('app:web-contents-created')({}, contents)
    const prevented = vi.fn()
    for (const [, listener] of contents.on.mock.calls as [string, (event: object) => void][])
      listener({ preventDefault: prevented })
    expect(contents.on.mock.calls.map(([name]) => name as string)).toEqual(['will-navigate', 'will-attach-webview'])
    expect(prevented).toHaveBeenCalledTimes(2)
    expect((contents.setWindowOpenHandler.mock.calls[0]![0] as () => unknown)()).toEqual({ action: 'deny' })
    const decide = vi.fn()
    handler('permission')({}, 'camera', decide)
    expect(decide).toHaveBeenCalledWith(false)
    expect(handler('permission-check')()).toBe(false)
  })
})

describe('the engine', () => {
  it('runs in its own process and gets a port for our own top frame alone', () => {
    expect(double.forks[0]!.args[0]).toBe('/data/a.headwise')
    const ours = event(double.windows[0]!.url)
    handler('ipc:engine/connect')(ours)
    expect(double.forks[0]!.posted).toEqual(['connect'])
    expect(ours.sender.postMessage).toHaveBeenCalledWith('engine/port', null, ['window end'])
    for (const stranger of [event('https://evil.example/'), event(double.windows[0]!.url, { isTop: false })]) {
      handler('ipc:engine/connect')(stranger)
      expect(stranger.sender.postMessage).not.toHaveBeenCalled()
    }
  })

  it('is started again when it dies, and not after its window was closed', () => {
    double.forks[0]!.exit!()
    expect(double.forks).toHaveLength(2)
    double.windows[0]!.closed!()
    expect(double.forks[1]!.posted).toEqual(['close'])
    double.forks[1]!.exit!()
    expect(double.forks).toHaveLength(2)
  })
})

describe('dialogs', () => {
  it('answer our own page, and only for the known kinds', async () => {
    expect(await handler('ipc:dialog/open')(event(double.windows[0]!.url), 'folder')).toBe('/data/a.headwise')
    expect(await handler('ipc:dialog/open')(event(double.windows[0]!.url), 'toString')).toBeNull()
    expect(await handler('ipc:dialog/open')(event('https://evil.example/'), 'folder')).toBeNull()
  })
})

describe('what the shell remembers', () => {
  it('survives a damaged file and puts the newest first', async () => {
    const { RecentFiles, WindowState } = await import('../../../src/main/saved-state.ts')
    const path = join(double.state.userData, 'x.json')
    writeFileSync(path, '{"half')
    expect(new WindowState(path).read()).toBeUndefined()
    const recent = new RecentFiles(path)
    recent.add('/a.headwise')
    recent.add('/b.headwise')
    recent.add('/a.headwise')
    expect(recent.list()).toEqual(['/a.headwise', '/b.headwise'])
  })
})
