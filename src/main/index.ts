/** The desktop shell: one instance, windows over one engine in a process of its own. */
import { app, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, Menu, session } from 'electron'
import { join, resolve } from 'node:path'
import { RecentWorkspaces } from '../engine/desk/recent.ts'
import { pageOrigin, registerScheme, serveScheme } from './app-protocol.ts'
import { openDialog, saveDialog } from './dialogs.ts'
import { EngineHost } from './engine-host.ts'
import { menuTemplate } from './menu.ts'
import { refuseEverythingElse } from './page.ts'
import { Windows } from './windows.ts'

type Shell = { host: EngineHost; windows: Windows; recent: RecentWorkspaces }

let shell: Shell | undefined
/** A workspace that the system asked for before there were windows. */
let wantedPath: string | undefined
let isClosed = false

function start(): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  registerScheme()
  app.on('second-instance', (_, argv, folder) => {
    const path = workspaceIn(argv, folder)
    if (path) shell?.windows.openWorkspace(path)
    else shell?.windows.focusOrOpen()
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (shell) shell.windows.openWorkspace(path)
    else wantedPath = path
  })
  app.on('activate', () => shell?.windows.focusOrOpen())
  app.on('before-quit', () => shell?.windows.quit())
  app.on('will-quit', closeEngineFirst)
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  ipcMain.on('engine/connect', (event) => void connect(event))
  ipcMain.handle('dialog/open', (event, kind: unknown) => (isOurs(event) ? openDialog(event, kind) : null))
  ipcMain.handle('dialog/save', (event, kind: unknown) => (isOurs(event) ? saveDialog(event, kind) : null))
  void app.whenReady().then(ready)
}

function ready(): void {
  const userData = app.getPath('userData')
  const settingsFolder = join(userData, 'settings')
  // Packed, what comes with the program lies beside the archive.
  const programFolder = app.isPackaged ? process.resourcesPath : app.getAppPath()
  refuseEverythingElse(session.defaultSession)
  const windows = new Windows(join(settingsFolder, 'windows.json'))
  const recent = new RecentWorkspaces(settingsFolder)
  const options = {
    databaseFolder: join(programFolder, 'db'),
    resourcesFolder: join(programFolder, 'resources'),
    cacheFolder: join(userData, 'engine-cache'),
    settingsFolder,
    dataFolder: join(userData, 'data'),
    programVersion: app.getVersion(),
  }
  const host = new EngineHost(options, (id, path) => {
    windows.note(id, path)
    if (path !== null) app.addRecentDocument(path)
    buildMenu(windows, recent)
  })
  serveScheme(session.defaultSession, join(import.meta.dirname, '..', 'renderer'), (request) => host.image(request))
  shell = { host, windows, recent }
  buildMenu(windows, recent)
  windows.restore(wantedPath ?? workspaceIn(process.argv, process.cwd()))
}

function workspaceIn(argv: string[], folder: string): string | undefined {
  const named = argv.slice(1).find((argument) => argument.endsWith('.headwise'))
  return named === undefined ? undefined : resolve(folder, named)
}

function buildMenu(windows: Windows, recent: RecentWorkspaces): void {
  const template = menuTemplate({
    recent: recent
      .list()
      .filter(({ isPresent }) => isPresent)
      .map(({ path }) => path),
    isMac: process.platform === 'darwin',
    tell: (command, path) => windows.tell(command, path),
    newWindow: () => void windows.open(null),
  })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

/** Messages count only when they come from the top frame of our own page. */
function isOurs(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame === event.sender.mainFrame && frame.url.startsWith(`${pageOrigin}/`)
}

async function connect(event: IpcMainEvent): Promise<void> {
  if (!shell || !isOurs(event)) return
  const { sender } = event
  const port = await shell.host.connect(sender.id, shell.windows.pathOf(sender.id))
  if (sender.isDestroyed()) port.close()
  else sender.postMessage('engine/port', null, [port])
}

/** Workspaces are closed in order before the program ends. */
function closeEngineFirst(event: { preventDefault(): void }): void {
  if (isClosed || !shell) return
  event.preventDefault()
  void shell.host.close().finally(() => {
    isClosed = true
    app.quit()
  })
}

start()
