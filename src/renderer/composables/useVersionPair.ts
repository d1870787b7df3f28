/** The version that is looked at, the one it is compared with, and the heads under both. */
import { computed, shallowRef } from 'vue'
import type { PoolVersion } from '../../contract/pool.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useAnswer } from './useAnswer.ts'
import type { PoolsPlace } from './usePoolsPlace.ts'

export function useVersionPair(place: PoolsPlace) {
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const notices = useNoticeStore()
  const find = (id: number | undefined) => place.pool.value?.versions.find((entry) => entry.id === id)
  const chosen = computed(() => find(place.versionId.value))
  const second = computed(() => find(place.compareId.value))
  /** the newer of the two, so that what is called added was added later */
  const version = computed(() =>
    second.value && chosen.value && second.value.number > chosen.value.number ? second.value : chosen.value,
  )
  const other = computed(() => (version.value === chosen.value ? second.value : chosen.value))

  const resultOf = (entry: PoolVersion | undefined) =>
    context.textSpans.find(({ poolVersionId }) => poolVersionId === entry?.id)
  /** Results of the run under both; of several the newest that has the settings of the other, where there is one. */
  const results = computed(() => {
    const after = resultOf(version.value)
    const alike = context.textSpans.find(
      (span) =>
        span.poolVersionId === other.value?.id &&
        span.layers === after?.layers &&
        span.texts === after.texts &&
        span.rank === after.rank &&
        JSON.stringify(span.filter) === JSON.stringify(after.filter),
    )
    const before = alike ?? resultOf(other.value)
    const missing = [before ? undefined : other.value, after ? undefined : version.value].filter(
      (entry) => entry !== undefined,
    )
    return { before, after, missing: other.value ? missing : [], canDescribe: context.run?.state === 'complete' }
  })
  const compared = useAnswer(
    () => {
      const { before, after } = results.value
      return other.value && before && after
        ? workspace.client()['text-span/compare']({ beforeId: before.id, afterId: after.id })
        : undefined
    },
    () => `${results.value.before?.id} ${results.value.after?.id}`,
  )

  const jobId = shallowRef<number>()
  const describing = computed(() => workspace.activeJobs.some(({ id }) => id === jobId.value))

  /** With the settings of the result that is there, so that the two can be compared. */
  async function describe(poolVersionId: number): Promise<void> {
    const like = results.value.before ?? results.value.after ?? context.textSpan
    const settings = like && { layers: like.layers, texts: like.texts, rank: like.rank, filter: like.filter }
    try {
      const started = await workspace
        .client()
        ['text-span/start']({ runId: context.run!.id, poolVersionId, ...settings })
      jobId.value = started.jobId
    } catch (error) {
      notices.fail(error)
    }
  }

  return { version, other, results, heads: compared.answer, headsError: compared.error, describing, describe }
}
