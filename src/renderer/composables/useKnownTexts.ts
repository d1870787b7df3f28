/** What is known of the heads beside an image: their first texts; and texts to offer while one is typed. */
import { computed, watchEffect } from 'vue'
import { useContextStore } from '../stores/contextStore.ts'
import { useHeadStore } from '../stores/headStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'

/** Those of the TEXTSPAN result's pool, else of the first pool. */
export function usePoolTexts() {
  const heads = useHeadStore()
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const versionId = computed(() => context.textSpan?.poolVersionId ?? workspace.pools[0]?.versions[0]?.id)
  watchEffect(() => {
    if (versionId.value !== undefined) heads.askPoolTexts(versionId.value)
  })
  return computed(() => {
    const texts = versionId.value === undefined ? undefined : heads.poolTexts(versionId.value)?.content
    return [...(texts?.values() ?? [])].map(({ text }) => text)
  })
}

/** The first text of each head in the TEXTSPAN result of the top bar, where it is of this model. */
export function useHeadTexts(modelId: () => number | undefined) {
  const heads = useHeadStore()
  const context = useContextStore()
  const textSpanId = computed(() => (context.run?.modelId === modelId() ? context.textSpan?.id : undefined))
  watchEffect(() => {
    if (textSpanId.value !== undefined) heads.askDescribed(textSpanId.value)
  })
  return (head: string): string | undefined =>
    textSpanId.value === undefined ? undefined : heads.described(textSpanId.value)?.content?.get(head)?.steps[0]?.text
}
