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
}))

const page = { postMessage: vi.fn(), addEventListener: vi.fn() }

beforeEach(async () => {
  vi.resetModules()
  vi.clearAllMocks()
  vi.stubGlobal('window', page)
  await import('../../../src/preload/index.ts')
})

describe('the bridge', () => {
  it('exposes openDialog and nothing else', async () => {
    expect(Object.keys(double.exposed)).toEqual(['headwise'])
    expect(Object.keys(double.exposed.headwise!)).toEqual(['openDialog'])
    expect(await double.exposed.headwise!.openDialog!('folder')).toBe('/chosen')
    expect(double.invoke).toHaveBeenCalledWith('dialog/open', 'folder')
  })

  it('hands the port on and asks for it when its own page is ready', () => {
    double.listeners.get('engine/port')!({ ports: ['port'] })
    expect(page.postMessage).toHaveBeenCalledWith('engine-port', '*', ['port'])
    const [, listen] = page.addEventListener.mock.calls[0] as [string, (event: object) => void]
    listen({ source: 'another window', data: 'page-ready' })
    expect(double.send).not.toHaveBeenCalled()
    listen({ source: page, data: 'page-ready' })
    expect(double.send).toHaveBeenCalledWith('engine/connect')
  })
})
