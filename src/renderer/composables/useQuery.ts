/** One part of the address, so that what is selected can be linked to, and back and forward work. */
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** @param isStep true makes a step of the history for each change, false replaces the address */
export function useQuery(key: string, { isStep = true } = {}): WritableComputedRef<string | undefined> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get() {
      const own = route.query[key]
      return typeof own === 'string' && own !== '' ? own : undefined
    },
    set(content) {
      const target = { query: { ...route.query, [key]: content || undefined } }
      void (isStep ? router.push(target) : router.replace(target))
    },
  })
}
