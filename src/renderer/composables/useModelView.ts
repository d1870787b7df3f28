/** The part of an image that a model sees, as a picture to show. Its address is given back when it is not shown any more. */
import { computed, onScopeDispose, watch } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useAnswer } from './useAnswer.ts'

export function useModelView(ask: () => { modelId: number; imageId: number } | undefined) {
  const app = useAppStore()
  const {
    answer: shown,
    error,
    reload,
  } = useAnswer(
    () => {
      const asked = ask()
      return (
        asked &&
        app
          .client()
          ['image/model-view'](asked)
          .then((webp) => new Blob([webp as BlobPart], { type: 'image/webp' }))
      )
    },
    () => JSON.stringify(ask()),
  )
  let made: string | undefined
  const forget = () => made && URL.revokeObjectURL(made)
  const url = computed(() => shown.value && URL.createObjectURL(shown.value))
  watch(
    url,
    (now) => {
      forget()
      made = now
    },
    { immediate: true },
  )
  onScopeDispose(forget)
  return { url, error, reload }
}
