/**
 * Where the texts of a pool were chosen, and what no text explains: from the result of the top bar when it is of this
 * pool, else from the newest result of the run that is.
 */
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import type { TextUse } from '../../contract/pool.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { headName } from '../draw/format.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useAnswer } from './useAnswer.ts'

export type HeadCoverage = {
  layer: number
  head: number
  name: string
  /** of the head's variance, what its texts leave over */
  unexplained: number
  /** the same as a share of the variance of all described heads */
  ofAll: number
  texts: number
}

export function usePoolUse(poolId: MaybeRefOrGetter<number | undefined>) {
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const textSpan = computed(() => {
    const id = toValue(poolId)
    return context.textSpan?.poolId === id ? context.textSpan : context.textSpans.find((span) => span.poolId === id)
  })
  const spanId = computed(() => textSpan.value?.id)
  const ofSpan = () => String(spanId.value)
  const use = useAnswer(
    () => (spanId.value === undefined ? undefined : workspace.client()['text-span/use']({ textSpanId: spanId.value })),
    ofSpan,
  )
  const read = useAnswer(
    () => (spanId.value === undefined ? undefined : workspace.client()['text-span/read']({ textSpanId: spanId.value })),
    ofSpan,
  )
  /** undefined while there is no result of this pool, so that nothing looks unused that was never tried */
  const useOf = computed<Map<string, TextUse> | undefined>(
    () => use.answer.value && new Map(use.answer.value.map((entry) => [entry.text, entry])),
  )
  const coverage = computed(() => coverageOf(read.answer.value?.heads ?? []))
  const error = computed(() => use.error.value ?? read.error.value)
  return { textSpan, useOf, coverage, error, isWaiting: computed(() => use.isWaiting.value || read.isWaiting.value) }
}

/** Heads with the largest unexplained share first. */
export function coverageOf(heads: readonly DescribedHead[]): HeadCoverage[] {
  const total = heads.reduce((sum, { variance }) => sum + variance, 0)
  return heads
    .map(({ layer, head, variance, steps }) => {
      const unexplained = Math.max(0, 1 - (steps.at(-1)?.explained ?? 0))
      const ofAll = total > 0 ? (unexplained * variance) / total : 0
      return { layer, head, name: headName(layer, head), unexplained, ofAll, texts: steps.length }
    })
    .sort((a, b) => b.unexplained - a.unexplained || b.ofAll - a.ofAll)
}
