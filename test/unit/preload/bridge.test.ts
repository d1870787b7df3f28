/** The real preload script against doubles of Electron and of the page's window. */
import { beforeEach, describe, expect, it, vi } from 'vitest'

const double = vi.hoisted(() => ({
  exposed: {} as Record<string, Record<string, (...args: unknown[]) => unknown>>,
  listeners: new Map<string, (...args: unknown[]) => unknown>(),
  send: vi.fn(),
  invoke: vi.fn(() => Promise.resolve('/chosen')),
}))
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: never) => (double.exposed[name] = api) },
  ipcRenderer: {
    on: (name: string, listener: never) => double.listeners.set(name, listener),
    send: double.send,
    invoke: double.invoke,
  },
  webUtils: { getPathForFile: (file: { path: string }) => file.path },
}))

const page = { postMessage: vi.fn(), addEventListener: vi.fn(), location: { origin: 'headwise://app' } }

beforeEach(async () => {
  vi.resetModules()
  vi.clearAllMocks()
  vi.stubGlobal('window', page)
  await import('../../../src/preload/index.ts')
})

describe('the bridge', () => {
  it('exposes dialogs, paths of dropped files and the menu, and nothing else', async () => {
    expect(Object.keys(double.exposed)).toEqual(['headwise'])
    const bridge = double.exposed.headwise!
    expect(Object.keys(bridge)).toEqual(['openDialog', 'saveDialog', 'pathOfFile', 'onMenu'])
    expect(await bridge.openDialog!('folder')).toBe('/chosen')
    expect(await bridge.saveDialog!('workspace')).toBe('/chosen')
    expect(double.invoke.mock.calls).toEqual([
      ['dialog/open', 'folder'],
      ['dialog/save', 'workspace'],
    ])
    expect(bridge.pathOfFile!({ path: '/data/images' })).toBe('/data/images')
  })

  it('passes on what was chosen in the menu, also before the page listened, without the event', () => {
    const choose = double.listeners.get('menu/command')!
    choose({ sender: 'ipcRenderer' }, 'open', '/data/a.headwise')
    const listener = vi.fn()
    double.exposed.headwise!.onMenu!(listener)
    choose({ sender: 'ipcRenderer' }, 'heads')
    expect(listener.mock.calls).toEqual([
      ['open', '/data/a.headwise'],
      ['heads', undefined],
    ])
  })

  it('hands the port on and asks for it when its own page is ready', () => {
    double.listeners.get('engine/port')!({ ports: ['port'] })
    expect(page.postMessage).toHaveBeenCalledWith('engine-port', 'headwise://app', ['port'])
    const [, listen] = page.addEventListener.mock.calls[0] as [string, (event: object) => void]
    listen({ source: 'another window', data: 'page-ready' })
    expect(double.send).not.toHaveBeenCalled()
    listen({ source: page, data: 'page-ready' })
    expect(double.send).toHaveBeenCalledWith('engine/connect')
  })
})
