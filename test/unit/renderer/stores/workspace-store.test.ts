// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../../src/contract/app.ts'
import type { CallName, Client } from '../../../../src/contract/index.ts'
import type { Job } from '../../../../src/contract/job.ts'
import type { Connection } from '../../../../src/renderer/client/connection.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { useWorkspaceStore } from '../../../../src/renderer/stores/workspaceStore.ts'

let asked: CallName[]

beforeEach(() => {
  setActivePinia(createPinia())
  asked = []
  const answer = (name: CallName) => async () => {
    asked.push(name)
    return name === 'model/list' ? [{ id: 1, name: 'tiny' }] : []
  }
  const client = new Proxy({} as Client, { get: (_, name: CallName) => answer(name) })
  useAppStore().connection = { client } as Connection
  useAppStore().app = { workspacePath: '/data/a.headwise' } as App
})

describe('the workspace', () => {
  it('stays on the screen while it is read again after the engine came back', async () => {
    const workspace = useWorkspaceStore()
    await workspace.load()
    expect(workspace.isReady).toBe(true)
    const again = workspace.load()
    expect([workspace.isReady, workspace.models.length]).toEqual([true, 1])
    await again
    expect(asked.filter((name) => name === 'model/list')).toHaveLength(2)
  })

  it('shows nothing of the one before when another one is opened', async () => {
    const workspace = useWorkspaceStore()
    await workspace.load()
    useAppStore().app = { workspacePath: '/data/b.headwise' } as App
    const opening = workspace.load()
    expect([workspace.isReady, workspace.models.length]).toEqual([false, 0])
    await opening
    expect([workspace.isReady, workspace.models.length]).toEqual([true, 1])
  })

  it('reads its runs again when decomposing stops, however it does', async () => {
    const workspace = useWorkspaceStore()
    await workspace.load()
    asked = []
    workspace.heardJob({ id: 1, kind: 'decompose', state: 'running', finishedMs: null } as Job)
    expect(asked).toEqual([])
    workspace.heardJob({ id: 1, kind: 'decompose', state: 'cancelled', finishedMs: 5 } as Job)
    expect(asked).toEqual(['run/list'])
  })
})
