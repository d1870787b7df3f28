/** Ties the stores to the engine: loads what was opened, passes on what the engine tells, and watches the connection. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { Connection, ConnectionState } from '../client/connection.ts'
import { useAppStore } from './appStore.ts'
import { useLabelStore } from './labelStore.ts'
import { useNoticeStore } from './noticeStore.ts'
import { useSegmentStore } from './segmentStore.ts'
import { useWorkspaceStore } from './workspaceStore.ts'

export const useSession = defineStore('session', () => {
  const app = useAppStore()
  const workspace = useWorkspaceStore()
  const labels = useLabelStore()
  const segments = useSegmentStore()
  const notices = useNoticeStore()
  const state = shallowRef<ConnectionState>('connecting')

  async function begin(connecting: Promise<Connection>): Promise<void> {
    try {
      const connection = await connecting
      connection.on('workspace/changed', (change) => {
        workspace.heard(change)
        labels.heard(change)
        segments.heard(change)
      })
      connection.on('job/progressed', workspace.heardJob)
      await app.start(connection)
      connection.onState((now) => follow(now))
    } catch (error) {
      state.value = 'lost'
      notices.fail(error)
    }
  }

  /** After the engine came back everything is read again: jobs went on and other windows may have edited. */
  function follow(now: ConnectionState): void {
    const wasGone = state.value === 'restarting' || state.value === 'lost'
    state.value = now
    if (now === 'open' && wasGone) {
      void load()
      notices.done('The engine is back. Saved edits are there; interrupted jobs go on.')
    }
  }

  async function load(): Promise<void> {
    if (!app.app?.workspacePath) return
    if (segments.isRead) void segments.load()
    await Promise.all([workspace.load(), labels.load()]).catch((error: unknown) => notices.fail(error))
  }

  watch(() => app.app?.workspacePath, load)

  return { state, begin }
})
