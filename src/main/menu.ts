/** The application menu. */
import type { MenuItemConstructorOptions } from 'electron'

export type MenuActions = { recent: string[]; open: (path: string) => void; choose: () => void }

export function menuTemplate({ recent, open, choose }: MenuActions): MenuItemConstructorOptions[] {
  const recentItems = recent.map((path) => ({ label: path, click: () => open(path) }))
  return [
    {
      label: '&File',
      submenu: [
        { label: '&Open workspace...', accelerator: 'CmdOrCtrl+O', click: choose },
        { label: 'Open &recent', enabled: recentItems.length > 0, submenu: recentItems },
        { type: 'separator' },
        { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [{ role: 'togglefullscreen' }, { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }],
    },
    { role: 'windowMenu' },
  ]
}
