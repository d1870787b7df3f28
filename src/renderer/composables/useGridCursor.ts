/**
 * The focused cell and the selected rows of a table whose rows are known by id: they stay when rows come, go, or are
 * sorted in another way.
 */
import { computed, type MaybeRefOrGetter, shallowRef, toValue, watch } from 'vue'

export type GridCursor = ReturnType<typeof useGridCursor>

/**
 * @param ids rows in the order of the screen
 * @param realId the lasting id of a row that was added and is saved now
 */
export function useGridCursor(ids: MaybeRefOrGetter<readonly number[]>, realId = (id: number) => id) {
  const focusedId = shallowRef<number>()
  /** name of the focused cell's column */
  const column = shallowRef('text')
  const selected = shallowRef<ReadonlySet<number>>(new Set())
  const anchorId = shallowRef<number>()
  const placeOf = computed(() => new Map(toValue(ids).map((id, at) => [id, at])))
  const focusedAt = computed(() => (focusedId.value === undefined ? -1 : (placeOf.value.get(focusedId.value) ?? -1)))

  /** @param how `extend` selects up to here from where the selection began, `toggle` takes the row in or out */
  function focusRow(at: number, how: 'alone' | 'extend' | 'toggle' = 'alone'): void {
    const list = toValue(ids)
    const id = list[Math.max(0, Math.min(list.length - 1, at))]
    if (id === undefined) return
    if (how === 'extend') {
      const from = placeOf.value.get(anchorId.value ?? id) ?? at
      selected.value = new Set(list.slice(Math.min(from, at), Math.max(from, at) + 1))
    } else if (how === 'toggle') {
      const next = new Set(selected.value)
      if (!next.delete(id)) next.add(id)
      selected.value = next
      anchorId.value = id
    } else {
      selected.value = new Set([id])
      anchorId.value = id
    }
    focusedId.value = id
  }

  function focusColumn(name: string): void {
    column.value = name
  }

  function selectAll(): void {
    selected.value = new Set(toValue(ids))
  }

  /** A row that was added gets its lasting id when it is saved. */
  function takeRealIds(): void {
    if (focusedId.value !== undefined) focusedId.value = realId(focusedId.value)
    if (anchorId.value !== undefined) anchorId.value = realId(anchorId.value)
    if ([...selected.value].some((id) => id !== realId(id))) selected.value = new Set([...selected.value].map(realId))
  }

  /** When the focused row goes, the one that took its place is focused, and what is gone is selected no more. */
  watch(
    () => toValue(ids),
    (_, before) => {
      const there = placeOf.value
      if (focusedId.value !== undefined && !there.has(focusedId.value)) takeRealIds()
      if (focusedId.value !== undefined && !there.has(focusedId.value)) {
        const was = before.indexOf(focusedId.value)
        const behind = before.slice(Math.max(0, was)).find((id) => there.has(id))
        const next = behind ?? before.slice(0, Math.max(0, was)).findLast((id) => there.has(id))
        if (next === undefined) [focusedId.value, selected.value] = [undefined, new Set()]
        else focusRow(there.get(next)!)
      } else if ([...selected.value].some((id) => !there.has(id)))
        selected.value = new Set([...selected.value].filter((id) => there.has(id)))
    },
    { flush: 'sync' },
  )

  return { focusedId, focusedAt, column, selected, focusRow, focusColumn, selectAll, lastingId: realId }
}
