/** The desktop shell: one instance, one window a workspace, the engine in a process of its own. */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  Menu,
  session,
} from 'electron'
import { join } from 'node:path'
import { EngineProcess } from './engine-host.ts'
import { menuTemplate } from './menu.ts'
import { pageUrl, refuseEverythingElse, windowOptions } from './page.ts'
import { RecentFiles, WindowState } from './saved-state.ts'

const engines = new Map<number, EngineProcess>()

function start(): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.on('second-instance', (_, argv) => {
    const workspace = workspaceIn(argv)
    if (workspace) openWorkspace(workspace)
    else BrowserWindow.getAllWindows()[0]?.focus()
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    void app.whenReady().then(() => openWorkspace(path))
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  ipcMain.on('engine/connect', (event) => connect(event))
  ipcMain.handle('dialog/open', (event, kind: unknown) => openDialog(event, kind))
  void app.whenReady().then(() => {
    refuseEverythingElse(session.defaultSession)
    buildMenu()
    const workspace = workspaceIn(process.argv) ?? recent().list()[0]
    if (workspace) openWorkspace(workspace)
    else void chooseWorkspace()
  })
}

function recent(): RecentFiles {
  return new RecentFiles(join(app.getPath('userData'), 'recent.json'))
}

function workspaceIn(argv: string[]): string | undefined {
  return argv.slice(1).find((argument) => argument.endsWith('.headwise'))
}

function buildMenu(): void {
  const template = menuTemplate({ recent: recent().list(), open: openWorkspace, choose: () => void chooseWorkspace() })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

async function chooseWorkspace(): Promise<void> {
  const filters = [{ name: 'Headwise workspace', extensions: ['headwise'] }]
  const { filePaths } = await dialog.showOpenDialog({ title: 'Open a workspace', filters, properties: ['openFile'] })
  if (filePaths[0]) openWorkspace(filePaths[0])
  else if (BrowserWindow.getAllWindows().length === 0) app.quit()
}

function openWorkspace(path: string): void {
  const state = new WindowState(join(app.getPath('userData'), 'window.json'))
  const window = new BrowserWindow(windowOptions(state.read()))
  // Taken now: the contents are gone once the window is closed.
  const contentsId = window.webContents.id
  engines.set(contentsId, new EngineProcess(path, app.getPath('userData')))
  window.on('close', () => state.save(window.getBounds()))
  window.on('closed', () => {
    engines.get(contentsId)?.stop()
    engines.delete(contentsId)
  })
  window.setTitle(`${path} - Headwise`)
  void window.loadURL(pageUrl())
  recent().add(path)
  buildMenu()
}

/** Messages count only when they come from the top frame of our own page. */
function isOurs(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame === event.sender.mainFrame && frame.url.startsWith(pageUrl())
}

function connect(event: IpcMainEvent): void {
  if (!isOurs(event)) return
  const port = engines.get(event.sender.id)?.connect()
  if (port) event.sender.postMessage('engine/port', null, [port])
}

const dialogProperties: Record<string, ('openFile' | 'openDirectory')[]> = {
  workspace: ['openFile'],
  folder: ['openDirectory'],
  file: ['openFile'],
}

async function openDialog(event: IpcMainInvokeEvent, kind: unknown): Promise<string | null> {
  if (!isOurs(event) || typeof kind !== 'string' || !Object.hasOwn(dialogProperties, kind)) return null
  const { filePaths } = await dialog.showOpenDialog({ properties: dialogProperties[kind] })
  return filePaths[0] ?? null
}

start()
