/** The answer of a call that follows its input: a newer question replaces an older one, a good answer clears the error. */
import { shallowRef, watchEffect } from 'vue'

export function useAnswer<Answer>(ask: () => Promise<Answer> | undefined) {
  const answer = shallowRef<Answer>()
  const error = shallowRef<string>()
  watchEffect(async (onCleanup) => {
    let isCurrent = true
    onCleanup(() => {
      isCurrent = false
    })
    const asked = ask()
    if (!asked) return
    try {
      const got = await asked
      if (isCurrent) [answer.value, error.value] = [got, undefined]
    } catch (cause) {
      if (isCurrent) error.value = cause instanceof Error ? cause.message : String(cause)
    }
  })
  return { answer, error }
}
