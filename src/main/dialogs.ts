/** Native dialogs, for our own page. */
import { BrowserWindow, dialog, type IpcMainInvokeEvent, type OpenDialogOptions } from 'electron'

const workspaceFilter = { name: 'Headwise workspace', extensions: ['headwise'] }

const openOptions: Record<string, OpenDialogOptions> = {
  workspace: { title: 'Open a workspace', filters: [workspaceFilter], properties: ['openFile'] },
  folder: { title: 'Choose a folder', properties: ['openDirectory'] },
  file: { title: 'Choose a file', properties: ['openFile'] },
  // Only macOS shows files and folders in one dialog; elsewhere folders are what data sets mostly are.
  'data-set': {
    title: 'Choose a folder of images',
    properties: process.platform === 'darwin' ? ['openFile', 'openDirectory'] : ['openDirectory'],
  },
}

/** @returns the chosen path, or null when nothing was chosen or `kind` is none of ours */
export async function openDialog(event: IpcMainInvokeEvent, kind: unknown): Promise<string | null> {
  if (typeof kind !== 'string' || !Object.hasOwn(openOptions, kind)) return null
  const window = BrowserWindow.fromWebContents(event.sender)
  if (!window) return null
  const { filePaths } = await dialog.showOpenDialog(window, openOptions[kind]!)
  return filePaths[0] ?? null
}

export async function saveDialog(event: IpcMainInvokeEvent, kind: unknown): Promise<string | null> {
  if (kind !== 'workspace') return null
  const window = BrowserWindow.fromWebContents(event.sender)
  if (!window) return null
  const options = { title: 'New workspace', defaultPath: 'workspace.headwise', filters: [workspaceFilter] }
  const { filePath } = await dialog.showSaveDialog(window, options)
  return filePath || null
}
