/** A piece of view state that is there again the next time this workspace is opened: a filter, a sort order, a width. */
import { computed, type WritableComputedRef } from 'vue'
import { useAppStore } from '../stores/appStore.ts'

/** @param isValid what was remembered by another build may have another form; then the default counts */
export function useRemembered<Content>(
  key: string,
  defaultContent: Content,
  isValid: (content: unknown) => boolean = (content) => typeof content === typeof defaultContent,
): WritableComputedRef<Content> {
  const app = useAppStore()
  return computed({
    get() {
      const own = app.remembered?.[key]
      return own !== undefined && isValid(own) ? (own as Content) : defaultContent
    },
    set: (content) => app.remember(key, content),
  })
}
