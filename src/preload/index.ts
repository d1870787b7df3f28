/**
 * The bridge, and nothing else: hands the engine's message port to the page, and asks the shell for native dialogs.
 * The page never sees ipcRenderer.
 */
import { contextBridge, ipcRenderer } from 'electron'

export type Bridge = {
  /** A path that somebody chose, or null. */
  openDialog(kind: 'workspace' | 'folder' | 'file'): Promise<string | null>
}

const bridge: Bridge = {
  openDialog: (kind) => ipcRenderer.invoke('dialog/open', kind) as Promise<string | null>,
}

contextBridge.exposeInMainWorld('headwise', bridge)

ipcRenderer.on('engine/port', (event) => {
  // Only this window's own page can receive it: the message goes to the page that the preload script belongs to.
  window.postMessage('engine-port', '*', event.ports as unknown as Transferable[])
})

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'page-ready') ipcRenderer.send('engine/connect')
})
