/**
 * Heads whose pages were opened in this window, newest first. A text that is written afterwards is marked with them:
 * what it explains there is no independent finding. Kept for as long as the window is, a workspace apart.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useAppStore } from './appStore.ts'

/** As many as an edit of a pool takes. */
const mostKept = 20

export const useSeenHeadsStore = defineStore('seen-heads', () => {
  const app = useAppStore()
  const changes = shallowRef(0)
  const key = computed(() => `headwise/seen-heads/${app.app?.workspacePath ?? ''}`)
  const names = computed(() => {
    void changes.value
    return readNames(key.value)
  })

  /** @param headName such as "L5.H2" */
  function see(headName: string): void {
    if (names.value[0] === headName) return
    const seen = [headName, ...names.value.filter((name) => name !== headName)].slice(0, mostKept)
    sessionStorage.setItem(key.value, JSON.stringify(seen))
    changes.value++
  }

  return { see, list: (): string[] => names.value }
})

function readNames(key: string): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}
