/** The answer of a call that follows its input: a newer question replaces an older one, a good answer clears the error. */
import { computed, shallowRef, watch, watchEffect } from 'vue'
import { useSession } from '../stores/session.ts'

type Got<Answer> = { to: string; answer?: Answer; error?: unknown }

/**
 * @param ask reads what it depends on before it calls; undefined when there is nothing to ask yet
 * @param questionOf names the question where the screen names what is selected: as soon as it is another one, the
 * answer to the one before is gone, so that it never stands under a title that is not its own
 * @returns `answer` keeps the last good answer to the question while a newer one is under way
 */
export function useAnswer<Answer>(ask: () => Promise<Answer> | undefined, questionOf: () => string = () => '') {
  const got = shallowRef<Got<Answer>>({ to: '' })
  const isWaiting = shallowRef(false)
  const again = shallowRef(0)
  watchEffect(async (onCleanup) => {
    let isCurrent = true
    onCleanup(() => {
      isCurrent = false
    })
    void again.value
    const to = questionOf()
    const asked = ask()
    if (!asked) {
      got.value = { to }
      isWaiting.value = false
      return
    }
    isWaiting.value = true
    try {
      const answer = await asked
      if (isCurrent) [got.value, isWaiting.value] = [{ to, answer }, false]
    } catch (error) {
      if (isCurrent) [got.value, isWaiting.value] = [{ ...(got.value.to === to ? got.value : {}), to, error }, false]
    }
  })
  // What failed while the engine was away is asked again when it is back.
  const session = useSession()
  watch(
    () => session.state,
    (now) => {
      if (now === 'open' && got.value.error !== undefined) again.value++
    },
  )
  const own = computed(() => (got.value.to === questionOf() ? got.value : undefined))
  return {
    answer: computed(() => own.value?.answer),
    error: computed(() => own.value?.error),
    isWaiting,
    reload: () => void again.value++,
  }
}
