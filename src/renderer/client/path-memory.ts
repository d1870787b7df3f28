/** Which workspace this page has open, in the session storage: it lives as long as the tab or window. */
import type { PathMemory } from './connection.ts'

const key = 'headwise.workspace'

export const pathMemory: PathMemory = {
  read() {
    const kept = sessionStorage.getItem(key)
    if (kept === null) return undefined
    return kept === '' ? null : kept
  },
  write: (path) => sessionStorage.setItem(key, path ?? ''),
}
