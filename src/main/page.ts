/** The window around the page, and everything that the page may not do. */
import { app, type BrowserWindowConstructorOptions, type Session } from 'electron'
import { join } from 'node:path'
import { pageOrigin } from './app-protocol.ts'
import type { Bounds } from './saved-state.ts'

export function windowOptions(bounds: Bounds | undefined): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    ...bounds,
    title: 'Headwise',
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  }
}

/** No permission, no other page, no new window, no request to anywhere else. */
export function refuseEverythingElse(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isOwnAddress(url) }))
  app.on('web-contents-created', (_, contents) => {
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'] as const) {
      contents.on(name as 'will-navigate', (event) => event.preventDefault())
    }
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** The page's own files, what it made itself, and the developer tools. */
function isOwnAddress(url: string): boolean {
  return [`${pageOrigin}/`, 'blob:', 'data:', 'devtools:'].some((start) => url.startsWith(start))
}
