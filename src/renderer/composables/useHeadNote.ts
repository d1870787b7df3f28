/** The note of the head on the screen: what is typed until it is saved, then what is saved. */
import { computed, onBeforeUnmount, onMounted, watch } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { type NoteKey, useNoteStore } from '../stores/noteStore.ts'
import { useSession } from '../stores/session.ts'
import type { HeadsPlace } from './useHeadsPlace.ts'

export function useHeadNote(place: Pick<HeadsPlace, 'current' | 'currentPlace' | 'model' | 'textSpan'>) {
  const app = useAppStore()
  const labels = useLabelStore()
  const notes = useNoteStore()
  const session = useSession()

  const key = computed<NoteKey | undefined>(() => {
    const own = place.currentPlace.value
    const modelId = place.model.value?.id
    return own && modelId !== undefined ? { modelId, annotator: app.annotator, place: own } : undefined
  })
  const draft = computed(() => (key.value ? notes.draft(key.value) : undefined))
  const saved = computed(() => labels.own.get(place.current.value ?? '')?.note ?? '')
  const state = computed(() => draft.value?.state ?? (key.value && notes.isSaved(key.value) ? 'saved' : 'idle'))
  const reason = computed(() => {
    const error = draft.value?.error
    return error instanceof Error ? error.message : error === undefined ? undefined : String(error)
  })

  function type(text: string): void {
    if (key.value) notes.type(key.value, text, place.textSpan.value?.id)
  }

  // The pause is cut short when the head, the place or the window goes; what failed is tried again when the engine is back.
  const flush = () => notes.flush()
  watch([place.current, () => session.state], () => void flush())
  onMounted(() => window.addEventListener('pagehide', flush))
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', flush)
    void flush()
  })

  return { text: computed(() => draft.value?.text ?? saved.value), state, reason, type, flush }
}
