/** Flags and note of the image on the screen, and every earlier one. */
import { computed, onBeforeUnmount, onMounted, shallowRef, watch, watchEffect } from 'vue'
import { usualFlags } from '../../contract/segment.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useMaskNoteStore } from '../stores/maskNoteStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useSegmentStore } from '../stores/segmentStore.ts'
import { useAnswer } from './useAnswer.ts'

export function useMaskNotes(imageId: () => number | undefined, dataSetId: () => number | undefined) {
  const app = useAppStore()
  const store = useMaskNoteStore()
  const segments = useSegmentStore()
  const notices = useNoticeStore()
  const error = shallowRef<unknown>()
  const saving = shallowRef<string>()

  watchEffect(() => {
    void segments.changes
    const id = imageId()
    if (id === undefined) return
    store.load(id).then(
      () => (error.value = undefined),
      (cause: unknown) => (error.value = cause),
    )
  })
  const { answer: used } = useAnswer(() => {
    void segments.changes
    const id = dataSetId()
    return id === undefined ? undefined : app.client()['segment/flags']({ dataSetId: id })
  })

  const notes = computed(() => (imageId() === undefined ? undefined : store.notes(imageId()!)))
  const flags = computed(() => (imageId() === undefined ? [] : (store.newest(imageId()!)?.flags ?? [])))
  /** usual ones first, then what people wrote */
  const offered = computed(() => {
    const all = [...usualFlags, ...(used.value ?? []).map(({ flag }) => flag), ...flags.value]
    return [...new Set<string>(all)]
  })
  const draft = computed(() => (imageId() === undefined ? undefined : store.draft(imageId()!)))
  const note = computed(
    () => draft.value?.note ?? (imageId() === undefined ? '' : (store.newest(imageId()!)?.note ?? '')),
  )
  const state = computed(
    () => draft.value?.state ?? (imageId() !== undefined && store.isSaved(imageId()!) ? 'saved' : 'idle'),
  )
  const reason = computed(() => {
    const cause = draft.value?.error
    return cause instanceof Error ? cause.message : cause === undefined ? undefined : String(cause)
  })

  async function toggleFlag(flag: string): Promise<void> {
    const id = imageId()
    if (id === undefined || flag.trim() === '') return
    saving.value = flag
    await store.toggleFlag(id, flag.trim()).catch((cause: unknown) => notices.fail(cause))
    saving.value = undefined
  }

  function type(text: string): void {
    if (imageId() !== undefined) store.type(imageId()!, text)
  }

  // The pause is cut short when the image, the place or the window goes.
  const flush = () => store.flush()
  watch(imageId, () => void flush())
  onMounted(() => window.addEventListener('pagehide', flush))
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', flush)
    void flush()
  })

  return { notes, flags, offered, note, state, reason, error, saving, toggleFlag, type, flush }
}
