/**
 * The bridge, and nothing else: hands the engine's message port to the page, asks the shell for native dialogs, tells
 * the path of a dropped file, and passes on what was chosen in the menu. The page never sees ipcRenderer.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'

export type Bridge = {
  /** A path that somebody chose, or null. */
  openDialog(kind: 'workspace' | 'folder' | 'file' | 'data-set'): Promise<string | null>
  saveDialog(kind: 'workspace'): Promise<string | null>
  /** Where a dropped file or folder is; '' for what is no file of this machine. */
  pathOfFile(file: File): string
  /** @param listener hears what was chosen in the menu, what came before it too; `open` may come with a path */
  onMenu(listener: (command: string, path?: string) => void): void
}

const unheard: [command: string, path?: string][] = []
let hear: ((command: string, path?: string) => void) | undefined

const bridge: Bridge = {
  openDialog: (kind) => ipcRenderer.invoke('dialog/open', kind) as Promise<string | null>,
  saveDialog: (kind) => ipcRenderer.invoke('dialog/save', kind) as Promise<string | null>,
  pathOfFile: (file) => webUtils.getPathForFile(file),
  onMenu(listener) {
    hear = listener
    for (const [command, path] of unheard.splice(0)) listener(command, path)
  },
}

contextBridge.exposeInMainWorld('headwise', bridge)

ipcRenderer.on('menu/command', (_, command: string, path?: string) => {
  if (hear) hear(command, path)
  else unheard.push([command, path])
})

ipcRenderer.on('engine/port', (event) => {
  // Only this window's own page can receive it: the message goes to the page that the preload script belongs to.
  window.postMessage('engine-port', window.location.origin, event.ports as unknown as Transferable[])
})

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'page-ready') ipcRenderer.send('engine/connect')
})
