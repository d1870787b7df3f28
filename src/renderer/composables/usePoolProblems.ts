/** Problems of the draft, asked for a moment after it changed; those of rows that changed since are left out. */
import { computed, type MaybeRefOrGetter, onScopeDispose, shallowRef, toValue, watch } from 'vue'
import type { Client } from '../../contract/index.ts'
import type { DraftRow, PoolEdit, PoolProblem, ProblemKind } from '../../contract/pool.ts'

const pauseMs = 500

export const problemTitles: Record<ProblemKind, string> = {
  duplicate: 'duplicates',
  'near-duplicate': 'near-duplicates',
  'too-long': 'too long',
  'odd-characters': 'odd characters',
  'white-space': 'white space',
}

export function usePoolProblems(
  client: () => Client,
  poolId: MaybeRefOrGetter<number | undefined>,
  modelId: MaybeRefOrGetter<number | undefined>,
  rows: MaybeRefOrGetter<readonly DraftRow[] | undefined>,
) {
  const found = shallowRef<PoolProblem[]>([])
  const textWhenAsked = shallowRef(new Map<number, string>())
  const notEmbedded = shallowRef(0)
  const error = shallowRef<unknown>()
  /** whether the engine has said anything about this pool and model yet */
  const hasAnswer = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function ask(): Promise<void> {
    const [pool, model, now] = [toValue(poolId), toValue(modelId), toValue(rows)]
    if (pool === undefined || !now) return
    const turn = ++asked
    try {
      const answer = await client()['pool/problems']({ poolId: pool, modelId: model })
      if (turn !== asked) return
      textWhenAsked.value = textsOf(now, answer.problems)
      ;[found.value, notEmbedded.value, error.value] = [answer.problems, answer.notEmbedded, undefined]
      hasAnswer.value = true
    } catch (cause) {
      if (turn === asked) error.value = cause
    }
  }

  function askSoon(pause = pauseMs): void {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), pause)
  }

  watch(
    () => [toValue(poolId), toValue(modelId)],
    () => {
      asked++
      ;[found.value, notEmbedded.value, error.value] = [[], 0, undefined]
      hasAnswer.value = false
      askSoon(0)
    },
    { immediate: true },
  )
  watch(
    () => toValue(rows),
    (_, before) => askSoon(before ? pauseMs : 0),
  )
  onScopeDispose(() => clearTimeout(timer))

  /** A mended spelling belongs to the text that was looked at: another one must not be overwritten by it. */
  const problems = computed(() => {
    const now = textsOf(toValue(rows) ?? [], found.value)
    const then = textWhenAsked.value
    return found.value.filter(({ rowId }) => now.has(rowId) && now.get(rowId) === (then.get(rowId) ?? now.get(rowId)))
  })
  const problemsOf = computed(() => {
    const byRow = new Map<number, PoolProblem[]>()
    for (const problem of problems.value) byRow.set(problem.rowId, [...(byRow.get(problem.rowId) ?? []), problem])
    return byRow
  })

  return { problems, problemsOf, notEmbedded, error, hasAnswer, ask: () => askSoon(0) }
}

/** Texts of the rows that have problems. */
function textsOf(rows: readonly DraftRow[], problems: readonly PoolProblem[]): Map<number, string> {
  const wanted = new Set(problems.map(({ rowId }) => rowId))
  return new Map(rows.filter(({ id }) => wanted.has(id)).map(({ id, text }) => [id, text]))
}

/** Edits that mend what can be mended: one that rewrites, one that removes. A row that has to go is not rewritten first. */
export function mendingOf(problems: readonly PoolProblem[]): PoolEdit[] {
  const mendable = problems.filter(({ canMend }) => canMend)
  const gone = new Set(mendable.filter(({ mended }) => mended === null).map(({ rowId }) => rowId))
  const texts = new Map<number, string>()
  for (const { rowId, mended } of mendable) if (mended !== null && !gone.has(rowId)) texts.set(rowId, mended)
  const edits: PoolEdit[] = []
  if (texts.size > 0) edits.push({ kind: 'rewrite', rows: [...texts].map(([rowId, text]) => ({ rowId, text })) })
  if (gone.size > 0) edits.push({ kind: 'remove', rowIds: [...gone] })
  return edits
}
