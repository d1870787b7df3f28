/**
 * The rows of the draft that are on the screen. An edit leaves its row where it is and in sight, whatever the filter
 * and the sort say; they count again when they change, and when rows come or go.
 */
import { computed, type MaybeRefOrGetter, shallowRef, toValue, watch } from 'vue'
import type { DraftRow } from '../../contract/pool.ts'
import { orderedIds, type RowCriteria, type RowFacts } from '../pool/row-order.ts'

export function usePoolRows(
  rows: MaybeRefOrGetter<readonly DraftRow[]>,
  criteria: MaybeRefOrGetter<RowCriteria>,
  facts: MaybeRefOrGetter<RowFacts>,
) {
  /** in the order of the screen */
  const ids = shallowRef<number[]>([])
  /** place in the pool, from 0, by id; made anew only when rows come, go or move, so that an edit costs little */
  const places = shallowRef(new Map<number, number>())
  let touched = new Set<number>()

  function order(): void {
    ids.value = orderedIds(toValue(rows), toValue(criteria), toValue(facts), touched)
  }

  function place(): void {
    places.value = new Map(toValue(rows).map(({ id }, at) => [id, at]))
  }
  place()

  watch(
    () => toValue(criteria),
    () => {
      touched = new Set()
      order()
    },
    { immediate: true },
  )
  watch(
    () => toValue(facts),
    ({ problemsOf, useOf }, before) => {
      const { filter, sort } = toValue(criteria)
      const isAboutProblems = filter === 'problems' && problemsOf !== before.problemsOf
      const isUseSeen = filter === 'unused' || sort?.column === 'used' || sort?.column === 'weight'
      if (isAboutProblems || (isUseSeen && useOf !== before.useOf)) order()
    },
  )
  watch(
    () => toValue(rows),
    (now, before) => {
      const isSameOrder = now.length === before.length && now.every(({ id }, at) => id === before[at]!.id)
      if (isSameOrder) now.forEach((row, at) => row !== before[at] && touched.add(row.id))
      else {
        touchNew(now, before)
        place()
        order()
      }
    },
    // Before anything else asks, so that ids and places are never those of other rows.
    { flush: 'sync' },
  )

  /** What is new was written here or in another window: it is shown before filters hide it. Another pool is not new. */
  function touchNew(now: readonly DraftRow[], before: readonly DraftRow[]): void {
    const old = new Map(before.map((row) => [row.id, row]))
    if (!now.some(({ id }) => old.has(id))) touched = new Set()
    else for (const row of now) if (old.get(row.id) !== row) touched.add(row.id)
  }

  const rowOf = (id: number): DraftRow | undefined => {
    const at = places.value.get(id)
    return at === undefined ? undefined : toValue(rows)[at]
  }
  const view = computed(() => ids.value.map(rowOf).filter((row) => row !== undefined))
  /** place in the pool, from 1 */
  const numberOf = (id: number): number => (places.value.get(id) ?? -1) + 1
  return { ids, view, rowOf, numberOf }
}
