/**
 * "Try these texts": TEXTSPAN over the draft, its comparison with the result that is there, and keeping or dropping
 * it. A proposal lives in the workspace, so it is there again when the place is opened again.
 */
import { computed, type MaybeRefOrGetter, shallowRef, toValue, watch } from 'vue'
import type { ImageFilter } from '../../contract/data-set.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { usePoolStore } from '../stores/poolStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useAnswer } from './useAnswer.ts'

export type ProposalSettings = { runId: number; layers: number; texts: number; rank: number; filter: ImageFilter }

/** @param current the result to compare with */
export function useProposal(
  poolId: MaybeRefOrGetter<number | undefined>,
  current: MaybeRefOrGetter<TextSpan | undefined>,
) {
  const app = useAppStore()
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const draft = usePoolStore()
  const notices = useNoticeStore()
  const isBusy = shallowRef(false)
  const error = shallowRef<unknown>()

  const proposed = computed(() =>
    workspace.textSpans.findLast((span) => span.isProposed && span.poolId === toValue(poolId)),
  )
  /** of the same run, so that heads can be compared */
  const before = computed(() => {
    const span = toValue(current)
    if (!proposed.value || span?.runId === proposed.value.runId) return span
    return workspace.textSpans.findLast(
      ({ runId, poolId: id, isProposed }) => !isProposed && runId === proposed.value!.runId && id === toValue(poolId),
    )
  })
  const compared = () => `${before.value?.id} ${proposed.value?.id}`
  const comparison = useAnswer(
    () =>
      proposed.value && before.value
        ? workspace.client()['text-span/compare']({ beforeId: before.value.id, afterId: proposed.value.id })
        : undefined,
    compared,
  )
  /** texts against those of the result that the heads are compared with */
  const diff = useAnswer(() => {
    const [from, to] = [before.value?.poolVersionId, proposed.value?.poolVersionId]
    return from !== undefined && to !== undefined
      ? workspace.client()['pool/diff']({ fromVersionId: from, toVersionId: to })
      : undefined
  }, compared)
  const jobId = computed(() => draft.proposals[toValue(poolId) ?? 0]?.jobId)
  const job = computed(() => workspace.jobs.find(({ id }) => id === jobId.value))
  const isRunning = computed(() => job.value?.state === 'running' || job.value?.state === 'queued')
  /** edits came after the proposal was made */
  const isStale = computed(() => {
    const span = proposed.value
    if (!span) return false
    const then = draft.proposals[span.poolId]?.changes
    if (then !== undefined && draft.changesOf(span.poolId) > then) return true
    return (draft.saved ?? []).some(({ changedMs }) => changedMs > span.createdMs)
  })

  const settings = computed<ProposalSettings | undefined>(() => {
    const span = toValue(current)
    const runId = span?.runId ?? context.run?.id
    if (runId === undefined) return undefined
    const layers = context.model?.config.vision.layers ?? 4
    return span
      ? { runId, layers: span.layers, texts: span.texts, rank: span.rank, filter: span.filter }
      : { runId, layers: Math.min(4, layers), texts: 20, rank: 80, filter: {} }
  })

  async function told(work: () => Promise<void>): Promise<boolean> {
    isBusy.value = true
    try {
      await work()
      error.value = undefined
      return true
    } catch (cause) {
      error.value = cause
      return false
    } finally {
      isBusy.value = false
    }
  }

  const start = (chosen: ProposalSettings) =>
    told(async () => {
      const id = toValue(poolId)!
      const changes = draft.changesOf(id)
      const { jobId: started } = await workspace
        .client()
        ['text-span/propose']({ poolId: id, annotator: app.annotator, ...chosen })
      draft.followProposal(id, started, changes)
    })

  const keep = (note: string) =>
    told(async () => {
      const heads = comparison.answer.value?.heads
      const kept = await workspace.client()['text-span/keep']({ textSpanId: proposed.value!.id, note })
      draft.followProposal(kept.poolId, undefined)
      const others = workspace.textSpans.filter(({ id }) => id !== kept.id)
      workspace.textSpans = [...others, kept].sort((a, b) => a.id - b.id)
      if (kept.runId === context.run?.id) context.chooseTextSpan(kept.id)
      else context.chooseRun(kept.runId)
      const changed = heads?.filter(({ gained, lost, moved }) => gained.length + lost.length + moved > 0).length
      const words = heads ? ` Texts of ${changed} of ${heads.length} heads are other.` : ''
      notices.done(`${kept.poolName} is at version ${kept.poolVersion}.${words} The top bar shows the new result.`)
    })

  const drop = () =>
    told(async () => {
      const { id, poolId: ofPool } = proposed.value!
      await workspace.client()['text-span/drop']({ textSpanId: id })
      draft.followProposal(ofPool, undefined)
      workspace.textSpans = workspace.textSpans.filter((span) => span.id !== id)
    })

  watch(
    () => job.value?.state,
    (state) => {
      // A failed job stays to say why; a good one has its result in the list.
      if (state === 'done') draft.followProposal(toValue(poolId)!, undefined)
    },
  )

  return { proposed, before, comparison, diff, job, isRunning, isStale, settings, isBusy, error, start, keep, drop }
}
