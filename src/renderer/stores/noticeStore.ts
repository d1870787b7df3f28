/** Short messages at the edge of the window: what was done, with a way back, and what failed, with the reason. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export type Notice = {
  id: number
  kind: 'done' | 'failure'
  text: string
  action?: { title: string; run: () => void }
}

const doneForMs = 5000
const mostShown = 4

export const useNoticeStore = defineStore('notices', () => {
  const notices = shallowRef<Notice[]>([])
  let nextId = 1

  function show(notice: Omit<Notice, 'id'>): number {
    const id = nextId++
    const others = notices.value.filter(({ text }) => text !== notice.text)
    notices.value = [...others, { ...notice, id }].slice(-mostShown)
    return id
  }

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return {
    notices,
    dismiss,
    done(text: string, action?: Notice['action']): void {
      const id = show({ kind: 'done', text, action })
      setTimeout(() => dismiss(id), doneForMs)
    },
    /** A failure stays until it is dismissed. */
    fail(error: unknown, action?: Notice['action']): void {
      show({ kind: 'failure', text: error instanceof Error ? error.message : String(error), action })
    },
  }
})
