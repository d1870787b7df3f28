/** A view of the page over an engine whose answers a test gives. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { App } from '../../src/contract/app.ts'
import type { CallName, Client } from '../../src/contract/index.ts'
import type { Connection } from '../../src/renderer/client/connection.ts'
import { useAppStore } from '../../src/renderer/stores/appStore.ts'
import { useWorkspaceStore } from '../../src/renderer/stores/workspaceStore.ts'

export type Answers = { [Name in CallName]?: (input: never) => unknown }
export type Asked = { name: string; input: unknown }

const described: App = {
  programVersion: '0.2.0',
  home: 'browser',
  machine: 'lab',
  userName: 'mara',
  workspacePath: '/data/a.headwise',
  workspaceKey: 'a',
  openFailure: null,
  recent: [],
}

/**
 * @param views  by the names of their routes
 * @param path   where it begins
 */
export async function pageOfCalls(
  views: Record<'data' | 'image' | 'heads', Component> & { roles?: Component; segments?: Component },
  path: string,
  answers: Answers,
) {
  const asked: Asked[] = []
  const all: Answers = {
    'app/describe': () => described,
    'app/recall': () => ({}),
    'app/remember': () => ({}),
    ...answers,
  }
  const client = new Proxy({} as Client, {
    get: (_, name: CallName) => async (input: never) => {
      asked.push({ name, input })
      const answer = all[name]
      if (!answer) throw new Error(`The test has no answer to ${name}.`)
      return answer(input)
    },
  })
  const connection: Connection = {
    client,
    on: () => () => {},
    onState: () => () => {},
    imageUrl: (imageId, kind) => `/image/${imageId}/${kind}`,
  }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/data', name: 'data', component: views.data },
      { path: '/image/:imageId(\\d+)', name: 'image', component: views.image },
      { path: '/heads', name: 'heads', component: views.heads },
      { path: '/jobs', name: 'jobs', component: views.heads },
      { path: '/segments', name: 'segments', component: views.segments ?? views.heads },
      { path: '/pools', name: 'pools', component: views.heads },
      { path: '/roles', name: 'roles', component: views.roles ?? views.heads },
    ],
  })
  const pinia = createPinia()
  await useAppStore(pinia).start(connection)
  await useWorkspaceStore(pinia).load()
  await router.push(path)
  const wrapper = mount(
    { template: '<RouterView />' },
    { attachTo: document.body, global: { plugins: [pinia, router] } },
  )
  await flushPromises()
  const inputsOf = (name: CallName) => asked.filter((ask) => ask.name === name).map(({ input }) => input)
  return { wrapper, router, inputsOf, answers: all, settle: flushPromises }
}
