/**
 * When the window goes away: what is remembered and notes that wait for a pause are sent at once, and a browser asks
 * first while something typed is not saved. The desktop's windows close without a question; notes go out on the way.
 */
import { onBeforeUnmount, onMounted } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useMaskNoteStore } from '../stores/maskNoteStore.ts'
import { useNoteStore } from '../stores/noteStore.ts'
import { usePoolStore } from '../stores/poolStore.ts'

export function useLeaving(): void {
  const app = useAppStore()
  const notes = useNoteStore()
  const maskNotes = useMaskNoteStore()
  const pool = usePoolStore()

  const ask = (event: BeforeUnloadEvent) => {
    if (!notes.hasUnsaved() && !maskNotes.hasUnsaved() && !pool.isSaving && pool.failed.length === 0) return
    void notes.flush()
    void maskNotes.flush()
    if (!window.headwise) event.preventDefault()
  }
  const leave = () => {
    void notes.flush()
    void maskNotes.flush()
    void app.flush()
  }
  onMounted(() => {
    window.addEventListener('beforeunload', ask)
    window.addEventListener('pagehide', leave)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', ask)
    window.removeEventListener('pagehide', leave)
  })
}
