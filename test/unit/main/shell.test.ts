/** The real main modules against a double of Electron's API. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { RecentWorkspaces } from '../../../src/engine/index.ts'
import type * as pageModule from '../../../src/engine/page/index.ts'

const double = await vi.hoisted(() => import('../../support/electron-double.ts'))
vi.mock('electron', () => double.electron)
// The built page lies beside the built shell; here it is made up.
vi.mock('../../../src/engine/page/index.ts', async (load) => {
  const page = await load<typeof pageModule>()
  return { ...page, readPage: () => page.readPage(join(double.state.programFolder, 'page')) }
})

const { Window, Fork, state } = double
const engineFork = () => Fork.all.findLast(({ file }) => file.endsWith('engine-process.js'))!
const helperForks = () => Fork.all.filter(({ file }) => file.endsWith('helper-process.js'))
const handler = (name: string) => double.handlers.get(name)!
const windowsFile = () => join(state.userData, 'settings', 'windows.json')
const messages = () => engineFork().posted.map(({ message }) => message as Record<string, unknown>)

async function startShell(argv: string[] = []): Promise<void> {
  vi.resetModules()
  double.handlers.clear()
  Window.all.length = 0
  Fork.all.length = 0
  const before = process.argv
  process.argv = ['electron', '.', ...argv]
  try {
    await import('../../../src/main/index.ts')
    await vi.waitFor(() => expect(Window.all.length).toBeGreaterThan(0))
  } finally {
    process.argv = before
  }
}

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwise-shell-'))
  Object.assign(state, { userData: join(folder, 'user'), programFolder: folder, dialogPath: ['/data/a.headwise'] })
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(folder, 'page', 'assets', 'main.js'), 'page()')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  vi.clearAllMocks()
  await startShell()
  return () => rmSync(folder, { recursive: true, force: true })
})

const ours = (window = Window.all[0]!) => {
  const mainFrame = { url: window.url }
  const sender = { id: window.id, mainFrame, postMessage: vi.fn(), isDestroyed: () => false }
  return { sender, senderFrame: mainFrame }
}
const stranger = () => {
  const mainFrame = { url: 'https://evil.example/' }
  return { sender: { id: Window.all[0]!.id, mainFrame, postMessage: vi.fn() }, senderFrame: mainFrame }
}
const frameInside = () => ({ ...ours(), senderFrame: { url: Window.all[0]!.url } })

describe('the window', () => {
  it('has no Node, an own context and the sandbox, and shows the page by its own scheme', () => {
    expect(Window.all[0]!.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    expect(Window.all[0]!.url).toBe('headwise://app/index.html')
  })

  it('may not navigate, open windows, ask for permissions or load from elsewhere', () => {
    const contents = { on: vi.fn(), setWindowOpenHandler: vi.fn() }
    handler('app:web-contents-created')({}, contents)
    const prevented = vi.fn()
    for (const [, listener] of contents.on.mock.calls as [string, (event: object) => void][])
      listener({ preventDefault: prevented })
    expect(contents.on.mock.calls.map(([name]) => name as string)).toEqual([
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
    ])
    expect(prevented).toHaveBeenCalledTimes(4)
    expect((contents.setWindowOpenHandler.mock.calls[0]![0] as () => unknown)()).toEqual({ action: 'deny' })
    const decide = vi.fn()
    handler('permission')({}, 'camera', decide)
    expect(decide).toHaveBeenCalledWith(false)
    expect([handler('permission-check')(), handler('device')()]).toEqual([false, false])
    const cancelled = ['headwise://app/index.html', 'blob:x', 'file:///etc/passwd', 'https://example.org/'].map(
      (url) => {
        const answer = vi.fn()
        handler('request')({ url }, answer)
        return (answer.mock.calls[0]![0] as { cancel: boolean }).cancel
      },
    )
    expect(cancelled).toEqual([false, false, true, true])
  })
})

describe('headwise://app', () => {
  const get = (path: string) => handler('protocol:headwise')({ url: `headwise://app${path}`, method: 'GET' })

  it('gives the built page with its policy, and nothing beside it', async () => {
    const page = (await get('/index.html')) as Response
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(await page.text()).toContain('<title>page</title>')
    expect(await ((await get('/assets/main.js')) as Response).text()).toBe('page()')
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets', '/image/1/file']) {
      expect(((await get(path)) as Response).status, path).toBe(404)
    }
    const other = (await handler('protocol:headwise')({
      url: 'headwise://other/index.html',
      method: 'GET',
    })) as Response
    expect(other.status).toBe(404)
  })

  it('gives pictures as the engine has them', async () => {
    const asked = get('/image/7/thumbnail?w=abc') as Promise<Response>
    const sent = messages().at(-1)!
    expect(sent).toMatchObject({ kind: 'image', request: { key: 'abc', imageId: 7, kind: 'thumbnail' } })
    engineFork().say({ kind: 'image', id: sent.id, reply: { ok: true, value: new Uint8Array([1, 2]) } })
    const response = await asked
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2]))
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const lost = get('/image/8/picture?w=abc') as Promise<Response>
    engineFork().exit()
    expect((await lost).status).toBe(503)
    await vi.waitFor(() => expect(Fork.all).toHaveLength(2))
  })
})

describe('the engine', () => {
  it('is one process for all windows and gives a port to our own top frame alone', async () => {
    expect(Fork.all).toHaveLength(1)
    expect(messages()[0]).toMatchObject({
      kind: 'start',
      options: { databaseFolder: join(state.programFolder, 'db'), dataFolder: join(state.userData, 'data') },
    })
    const event = ours()
    handler('ipc:engine/connect')(event)
    await vi.waitFor(() => expect(event.sender.postMessage).toHaveBeenCalled())
    expect(event.sender.postMessage.mock.calls[0]!.slice(0, 2)).toEqual(['engine/port', null])
    expect(engineFork().posted.at(-1)).toMatchObject({ message: { kind: 'connect', windowId: Window.all[0]!.id } })
    for (const foreign of [stranger(), frameInside()]) {
      handler('ipc:engine/connect')(foreign)
      await Promise.resolve()
      expect(foreign.sender.postMessage).not.toHaveBeenCalled()
    }
  })

  it('gets helper processes that talk to it directly, and hears when they die', () => {
    engineFork().say({ kind: 'start-helper', id: 3, role: 'jobs' })
    const [helper] = helperForks()
    expect(helper!.posted).toMatchObject([{ message: 'port', ports: [{ end: expect.stringContaining('other') }] }])
    expect(engineFork().posted.at(-1)).toMatchObject({
      message: { kind: 'helper', id: 3 },
      ports: [{ end: expect.stringContaining('engine') }],
    })
    engineFork().say({ kind: 'kill-helper', id: 3 })
    expect(helper!.isKilled).toBe(true)
    helper!.exit(15)
    expect(messages().at(-1)).toEqual({ kind: 'helper-exit', id: 3, how: 'code 15' })
  })

  it('is started again when it dies, with what was open, and windows that ask meanwhile get the new one', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    engineFork().say({ kind: 'start-helper', id: 0, role: 'asks' })
    engineFork().say({ kind: 'opened', paths: ['/data/a.headwise'] })
    const first = engineFork()
    first.exit()
    expect(helperForks()[0]!.isKilled).toBe(true)
    const event = ours()
    handler('ipc:engine/connect')(event)
    await vi.waitFor(() => expect(event.sender.postMessage).toHaveBeenCalled())
    expect(engineFork()).not.toBe(first)
    expect(messages()[0]).toMatchObject({
      kind: 'start',
      options: { afterCrash: { openPaths: ['/data/a.headwise'] } },
    })
  })

  it('is closed before the program ends, and not started again then', async () => {
    const event = { preventDefault: vi.fn() }
    handler('app:will-quit')(event)
    expect(event.preventDefault).toHaveBeenCalled()
    expect(messages().at(-1)).toEqual({ kind: 'close' })
    engineFork().exit(0)
    await vi.waitFor(() => expect(double.electron.app.quit).toHaveBeenCalled())
    expect(Fork.all).toHaveLength(1)
    const again = { preventDefault: vi.fn() }
    handler('app:will-quit')(again)
    expect(again.preventDefault).not.toHaveBeenCalled()
  })
})

describe('workspaces', () => {
  const shows = (window: { id: number }, path: string | null) =>
    engineFork().say({ kind: 'shown', windowId: window.id, path })

  it('of the command line are shown by the first window', async () => {
    await startShell(['/data/b.headwise'])
    handler('ipc:engine/connect')(ours())
    await vi.waitFor(() => expect(messages().at(-1)).toMatchObject({ kind: 'connect', path: '/data/b.headwise' }))
  })

  it('that the system opens go to the window that has them, a free one, or a new one', () => {
    const [first] = Window.all
    shows(first!, null)
    const openFile = (path: string) => handler('app:open-file')({ preventDefault: () => {} }, path)
    openFile('/data/a.headwise')
    expect(first!.sent).toEqual([['menu/command', 'open', '/data/a.headwise']])
    shows(first!, '/data/a.headwise')
    expect(first!.title).toBe('a - Headwise')
    openFile('/data/a.headwise')
    expect(first!.sent).toHaveLength(1)
    handler('app:second-instance')({}, ['electron', '.', 'b.headwise'], '/data')
    expect(Window.all).toHaveLength(2)
    handler('ipc:engine/connect')(ours(Window.all[1]))
    return vi.waitFor(() => expect(messages().at(-1)).toMatchObject({ kind: 'connect', path: '/data/b.headwise' }))
  })

  it('and windows are where they were at the next start, after a crash too', async () => {
    handler('app:second-instance')({}, ['electron', '.', '/data/b.headwise'], '/')
    shows(Window.all[0]!, '/data/a.headwise')
    shows(Window.all[1]!, '/data/b.headwise')
    await vi.waitFor(() => expect(JSON.parse(readFileSync(windowsFile(), 'utf8'))).toHaveLength(2))
    const places = Window.all.map((window) => window.getNormalBounds().x)
    await startShell()
    expect(Window.all.map(({ options }) => options.x)).toEqual(places)
    handler('ipc:engine/connect')(ours(Window.all[1]))
    await vi.waitFor(() => expect(messages().at(-1)).toMatchObject({ kind: 'connect', path: '/data/b.headwise' }))
  })

  it('of the last window are kept, those of others that were closed are not', async () => {
    handler('app:second-instance')({}, ['electron', '.', '/data/b.headwise'], '/')
    shows(Window.all[0]!, '/data/a.headwise')
    Window.all[1]!.close()
    Window.all[0]!.close()
    const kept = JSON.parse(readFileSync(windowsFile(), 'utf8')) as { path: string }[]
    expect(kept.map(({ path }) => path)).toEqual(['/data/a.headwise'])
  })

  it('survive a damaged file of windows', async () => {
    mkdirSync(dirname(windowsFile()), { recursive: true })
    writeFileSync(windowsFile(), '[{"half')
    await startShell()
    expect(Window.all).toHaveLength(1)
  })
})

describe('the menu', () => {
  const items = (menu: string) => state.menu.find(({ label }) => label === menu)!.submenu!
  const choose = (menu: string, label: string) => items(menu).find((item) => item.label === label)!.click!()

  it('tells the window in front what was chosen', () => {
    choose('&File', '&Open workspace...')
    choose('&View', '&Heads')
    expect(Window.all[0]!.sent).toEqual([
      ['menu/command', 'open', undefined],
      ['menu/command', 'heads', undefined],
    ])
  })

  it('leaves plain letters to the page', () => {
    const keys = state.menu.flatMap(({ submenu }) => (submenu ?? []).map(({ accelerator }) => accelerator))
    for (const key of keys) if (key !== undefined) expect(key).toMatch(/^CmdOrCtrl\+/)
  })

  it('lists recent workspaces that are there', () => {
    const there = join(state.programFolder, 'there.headwise')
    writeFileSync(there, '')
    const recent = new RecentWorkspaces(join(state.userData, 'settings'))
    recent.add('/data/gone.headwise', 1)
    recent.add(there, 2)
    engineFork().say({ kind: 'shown', windowId: Window.all[0]!.id, path: there })
    expect(double.electron.app.addRecentDocument).toHaveBeenCalledWith(there)
    const listed = items('&File').find(({ label }) => label === 'Open &recent')!.submenu!
    expect(listed.map(({ label }) => label)).toEqual([there])
    listed[0]!.click!()
    expect(Window.all[0]!.sent).toEqual([['menu/command', 'open', there]])
  })
})

describe('dialogs', () => {
  it('answer our own page, and only for the known kinds', async () => {
    expect(await handler('ipc:dialog/open')(ours(), 'folder')).toBe('/data/a.headwise')
    expect(await handler('ipc:dialog/save')(ours(), 'workspace')).toBe('/data/new.headwise')
    expect(await handler('ipc:dialog/open')(ours(), 'toString')).toBeNull()
    expect(await handler('ipc:dialog/save')(ours(), 'folder')).toBeNull()
    for (const foreign of [stranger(), frameInside()]) {
      expect(await handler('ipc:dialog/open')(foreign, 'folder')).toBeNull()
      expect(await handler('ipc:dialog/save')(foreign, 'workspace')).toBeNull()
    }
    expect(double.electron.dialog.showOpenDialog).toHaveBeenCalledTimes(1)
  })
})
