/** The window's page, and everything that it may not do. */
import { app, type BrowserWindowConstructorOptions, type Rectangle, type Session } from 'electron'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export function pageUrl(): string {
  return pathToFileURL(join(import.meta.dirname, '..', 'renderer', 'index.html')).href
}

export function windowOptions(bounds: Rectangle | undefined): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    ...bounds,
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  }
}

/** No permission, no other page, no new window. What the page may load stands in its own content security policy. */
export function refuseEverythingElse(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}
