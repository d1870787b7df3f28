/** The program around the workspace: its connection, which workspace is open, and what screens remember. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { App } from '../../contract/app.ts'
import type { Client } from '../../contract/index.ts'
import type { Connection } from '../client/connection.ts'
import { useMaskNoteStore } from './maskNoteStore.ts'
import { useNoteStore } from './noteStore.ts'
import { useNoticeStore } from './noticeStore.ts'
import { usePoolStore } from './poolStore.ts'

/** Changes to what is remembered are written together after this pause. */
const rememberAfterMs = 400

export const useAppStore = defineStore('app', () => {
  const connection = shallowRef<Connection>()
  const app = shallowRef<App>()
  /** null until it was recalled for the open workspace */
  const remembered = shallowRef<Record<string, unknown> | null>(null)
  const annotator = computed(() => {
    const own = remembered.value?.annotator
    return typeof own === 'string' && own !== '' ? own : (app.value?.userName ?? 'me')
  })
  const workspaceName = computed(() => nameOfPath(app.value?.workspacePath ?? ''))
  /** what is being opened, for people, while it is */
  const opening = shallowRef<string>()
  const unsaved = new Map<string, unknown>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const client = (): Client => connection.value!.client

  async function start(opened: Connection): Promise<void> {
    connection.value = opened
    await take(await opened.client['app/describe']({}))
  }

  async function take(described: App): Promise<void> {
    const isOther = described.workspacePath !== app.value?.workspacePath
    if (isOther) remembered.value = null
    app.value = described
    if (remembered.value === null) remembered.value = described.workspacePath ? await client()['app/recall']({}) : {}
  }

  /** Opens, creates or closes a workspace; a failure is told and leaves what was open. */
  async function change(ask: () => Promise<App>, what?: string): Promise<boolean> {
    opening.value = what
    try {
      await Promise.all([useNoteStore().flush(), useMaskNoteStore().flush(), usePoolStore().settled(), flush()])
      await take(await ask())
      return true
    } catch (error) {
      useNoticeStore().fail(error)
      return false
    } finally {
      opening.value = undefined
    }
  }

  function remember(key: string, content: unknown): void {
    remembered.value = { ...remembered.value, [key]: content }
    unsaved.set(key, content)
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), rememberAfterMs)
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    const changes = [...unsaved]
    unsaved.clear()
    // A layout that could not be kept is worth no message.
    for (const [key, content] of changes)
      await client()
        ['app/remember']({ key, content })
        .catch(() => {})
  }

  return {
    connection,
    app,
    annotator,
    workspaceName,
    opening,
    remembered,
    client,
    start,
    take,
    remember,
    flush,
    open: (path: string) => change(() => client()['app/open']({ path }), nameOfPath(path)),
    create: (path: string) => change(() => client()['app/create']({ path }), nameOfPath(path)),
    openSample: () => change(() => client()['app/open-sample']({}), 'the sample'),
    close: () => change(() => client()['app/close']({})),
    forget: (path: string) => change(() => client()['app/forget']({ path })),
  }
})

/** "birds" for /data/birds.headwise, with either kind of slash. */
export function nameOfPath(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(/\.headwise$/, '')
}
