// @vitest-environment happy-dom
/** Which run counts where the address names none. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import type { App } from '../../../../src/contract/app.ts'
import type { Run } from '../../../../src/contract/run.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { useContextStore } from '../../../../src/renderer/stores/contextStore.ts'
import { useWorkspaceStore } from '../../../../src/renderer/stores/workspaceStore.ts'

const run = (id: number, state: Run['state'] = 'complete') => ({ id, state, modelId: 1, dataSetId: 1 }) as Run
let router: Router

beforeEach(() => {
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  const app = createApp({}).use(createPinia()).use(router)
  setActivePinia(app.config.globalProperties.$pinia)
  useAppStore().app = { workspacePath: '/data/a.headwise' } as App
})

describe('the run', () => {
  it('on the screen stays when another one ends in the background', () => {
    const context = useContextStore()
    const workspace = useWorkspaceStore()
    workspace.runs = [run(1), run(2, 'open')]
    expect(context.run?.id).toBe(1)
    workspace.runs = [run(1), run(2)]
    expect(context.run?.id).toBe(1)
  })

  it('gives way to what is chosen, and to the first one that is complete', async () => {
    const context = useContextStore()
    const workspace = useWorkspaceStore()
    workspace.runs = [run(1, 'open')]
    expect(context.run?.id).toBe(1)
    workspace.runs = [run(1, 'open'), run(2)]
    expect(context.run?.id).toBe(2)
    await router.push('/?run=1')
    expect(context.run?.id).toBe(1)
  })

  it('of another workspace is its newest', () => {
    const context = useContextStore()
    const workspace = useWorkspaceStore()
    workspace.runs = [run(1)]
    expect(context.run?.id).toBe(1)
    useAppStore().app = { workspacePath: '/data/b.headwise' } as App
    workspace.runs = [run(1), run(2)]
    expect(context.run?.id).toBe(2)
  })
})
