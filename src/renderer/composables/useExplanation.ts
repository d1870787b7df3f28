/** The score of one image along the texts that were typed, as the engine splits it up. */
import { computed } from 'vue'
import type { Explanation } from '../../contract/image.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useAnswer } from './useAnswer.ts'

export type ExplanationAsk = { modelId: number; imageId: number; texts: string[] }

/**
 * @returns `explanation` is of the model and image that are asked for, or undefined; while other texts are under way it
 * is still of the texts before, and `isStale` says so
 */
export function useExplanation(ask: () => ExplanationAsk | undefined) {
  const app = useAppStore()
  const { answer, error, isWaiting, reload } = useAnswer(
    () => {
      const asked = ask()
      return asked && app.client()['image/explain'](asked)
    },
    () => `${ask()?.modelId} ${ask()?.imageId}`,
  )
  const explanation = computed<Explanation | undefined>(() => (error.value ? undefined : answer.value))
  const isStale = computed(
    () => explanation.value !== undefined && JSON.stringify(ask()?.texts) !== JSON.stringify(explanation.value.texts),
  )
  return { explanation, isStale, error, isWaiting, reload }
}
