/** What the shell uses of Electron, remembering what it was told: windows, processes, handlers, the menu. */
import { vi } from 'vitest'

export type Listener = (...args: unknown[]) => unknown
export type MenuItem = { label?: string; accelerator?: string; submenu?: MenuItem[]; click?: () => void }

export const handlers = new Map<string, Listener>()
export const state = {
  userData: '',
  programFolder: '',
  /** what people choose in dialogs */
  dialogPath: [] as string[],
  menu: [] as MenuItem[],
}
const on = (prefix: string) => (name: string, listener: Listener) => void handlers.set(`${prefix}:${name}`, listener)

export class Window {
  static all: Window[] = []
  static getFocusedWindow = () => Window.all.find((window) => window.isFocused) ?? null
  static fromWebContents = (contents: { id: number }) => Window.all.find(({ id }) => id === contents.id) ?? null
  static made = 0
  readonly id = ++Window.made
  readonly listeners = new Map<string, () => void>()
  readonly sent: unknown[][] = []
  readonly webContents
  options
  title = ''
  url = ''
  isFocused = false
  constructor(options: { webPreferences: object; x?: number }) {
    this.options = options
    this.webContents = {
      id: this.id,
      send: (...args: unknown[]) => this.sent.push(args),
      once: (_: string, go: () => void) => go(),
    }
    Window.all.push(this)
  }
  on = (name: string, listener: () => void) => void this.listeners.set(name, listener)
  setTitle = (title: string) => void (this.title = title)
  setRepresentedFilename = () => {}
  getNormalBounds = () => ({ x: 10 * this.id, y: 0, width: 800, height: 600 })
  isMaximized = () => false
  isMinimized = () => false
  isDestroyed = () => !Window.all.includes(this)
  maximize = () => {}
  focus = () => {
    for (const window of Window.all) window.isFocused = window === this
  }
  close = () => {
    this.listeners.get('close')?.()
    Window.all.splice(Window.all.indexOf(this), 1)
    this.listeners.get('closed')?.()
  }
  loadURL = (url: string) => {
    this.url = url
    return Promise.resolve()
  }
}

export class Fork {
  static all: Fork[] = []
  readonly posted: { message: unknown; ports: unknown[] }[] = []
  readonly listeners = new Map<string, (content: unknown) => void>()
  file: string
  isKilled = false
  constructor(file: string) {
    this.file = file
    Fork.all.push(this)
  }
  postMessage = (message: unknown, ports: unknown[] = []) => void this.posted.push({ message, ports })
  on = (name: string, listener: (content: unknown) => void) => void this.listeners.set(name, listener)
  kill = () => {
    this.isKilled = true
    return true
  }
  say = (message: unknown) => this.listeners.get('message')!(message)
  exit = (code = 9) => this.listeners.get('exit')!(code)
}

let channels = 0
export const electron = {
  app: {
    requestSingleInstanceLock: () => true,
    on: on('app'),
    whenReady: () => Promise.resolve(),
    getPath: () => state.userData,
    getAppPath: () => state.programFolder,
    getVersion: () => '0.1.0',
    isPackaged: false,
    addRecentDocument: vi.fn(),
    quit: vi.fn(),
  },
  BrowserWindow: Window,
  dialog: {
    showOpenDialog: vi.fn(() => Promise.resolve({ filePaths: state.dialogPath })),
    showSaveDialog: vi.fn(() => Promise.resolve({ filePath: '/data/new.headwise' })),
  },
  ipcMain: { on: on('ipc'), handle: on('ipc') },
  Menu: { setApplicationMenu: vi.fn(), buildFromTemplate: (template: MenuItem[]) => (state.menu = template) },
  protocol: { registerSchemesAsPrivileged: vi.fn() },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (handler: Listener) => handlers.set('permission', handler),
      setPermissionCheckHandler: (handler: Listener) => handlers.set('permission-check', handler),
      setDevicePermissionHandler: (handler: Listener) => handlers.set('device', handler),
      webRequest: { onBeforeRequest: (handler: Listener) => handlers.set('request', handler) },
      protocol: { handle: (scheme: string, handler: Listener) => handlers.set(`protocol:${scheme}`, handler) },
    },
  },
  utilityProcess: { fork: (file: string) => new Fork(file) },
  MessageChannelMain: class {
    readonly number = ++channels
    port1 = { end: `engine ${this.number}` }
    port2 = { end: `other ${this.number}`, close: vi.fn() }
  },
}
