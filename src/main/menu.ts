/**
 * The application menu. What is about a workspace is done by the page, which can say what went wrong; letters without
 * Ctrl or Cmd are the page's own.
 */
import type { MenuItemConstructorOptions } from 'electron'

/** What the page hears; `open` may come with a path. */
export const menuCommands = [
  'new',
  'open',
  'open-sample',
  'close',
  'shortcuts',
  'palette',
  'data',
  'heads',
  'pools',
  'jobs',
] as const
export type MenuCommand = (typeof menuCommands)[number]

export type MenuActions = {
  recent: string[]
  isMac: boolean
  /** tells the window in front; makes one when there is none */
  tell: (command: MenuCommand, path?: string) => void
  newWindow: () => void
}

export function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    ...(actions.isMac ? [{ role: 'appMenu' as const }] : []),
    { label: '&File', submenu: fileItems(actions) },
    { role: 'editMenu' },
    { label: '&View', submenu: viewItems(actions) },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        item('Keyboard &shortcuts', 'CmdOrCtrl+/', () => actions.tell('shortcuts')),
        item('Find a &command', undefined, () => actions.tell('palette')),
      ],
    },
  ]
}

function fileItems({ recent, isMac, tell, newWindow }: MenuActions): MenuItemConstructorOptions[] {
  const recentItems = recent.map((path) => ({ label: path, click: () => tell('open', path) }))
  return [
    item('&New workspace...', 'CmdOrCtrl+N', () => tell('new')),
    item('&Open workspace...', 'CmdOrCtrl+O', () => tell('open')),
    { label: 'Open &recent', enabled: recentItems.length > 0, submenu: recentItems },
    item('Open the &sample', undefined, () => tell('open-sample')),
    { type: 'separator' },
    item('New &window', 'CmdOrCtrl+Shift+N', newWindow),
    item('&Close workspace', 'CmdOrCtrl+Shift+W', () => tell('close')),
    { role: 'close', label: 'Close w&indow' },
    ...(isMac ? [] : [{ type: 'separator' as const }, { role: 'quit' as const }]),
  ]
}

function viewItems({ tell }: MenuActions): MenuItemConstructorOptions[] {
  return [
    item('&Data', 'CmdOrCtrl+1', () => tell('data')),
    item('&Heads', 'CmdOrCtrl+2', () => tell('heads')),
    item('&Pools', 'CmdOrCtrl+3', () => tell('pools')),
    item('&Jobs', 'CmdOrCtrl+4', () => tell('jobs')),
    { type: 'separator' },
    { role: 'reload' },
    { role: 'toggleDevTools' },
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ]
}

function item(label: string, accelerator: string | undefined, click: () => void): MenuItemConstructorOptions {
  return { label, accelerator, click }
}
