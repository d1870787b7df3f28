/** Rows on the screen while they are edited, the cursor among them, and problems that may be out of date. */
import { effectScope, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Client } from '../../../../src/contract/index.ts'
import type { DraftRow, PoolProblem } from '../../../../src/contract/pool.ts'
import { useGridCursor } from '../../../../src/renderer/composables/useGridCursor.ts'
import { mendingOf, usePoolProblems } from '../../../../src/renderer/composables/usePoolProblems.ts'
import { usePoolRows } from '../../../../src/renderer/composables/usePoolRows.ts'
import { coverageOf } from '../../../../src/renderer/composables/usePoolUse.ts'
import type { RowCriteria, RowFacts } from '../../../../src/renderer/pool/row-order.ts'
import { draftRow } from '../../../support/fake-pool.ts'

let scope = effectScope()
beforeEach(() => (scope = effectScope()))
afterEach(() => scope.stop())

describe('rows on the screen', () => {
  const all: RowCriteria = { find: '', filter: 'all', tag: undefined, sort: undefined }
  const none: RowFacts = { useOf: undefined, problemsOf: new Map() }
  const setUp = (criteria: Partial<RowCriteria> = {}, facts = none) => {
    const rows = shallowRef<DraftRow[]>([draftRow(1, 'b'), draftRow(2, 'a'), draftRow(3, 'c')])
    const [asked, known] = [shallowRef({ ...all, ...criteria }), shallowRef(facts)]
    const made = scope.run(() => usePoolRows(rows, asked, known))!
    return { rows, asked, known, ...made, texts: () => made.view.value.map(({ text }) => text) }
  }

  it('keep their place and stay in sight while they are edited', async () => {
    const { rows, asked, texts } = setUp({ sort: { column: 'text', isDescending: false } })
    expect(texts()).toEqual(['a', 'b', 'c'])
    rows.value = rows.value.map((row) => (row.id === 2 ? { ...row, text: 'z' } : row))
    await nextTick()
    expect(texts()).toEqual(['z', 'b', 'c'])
    asked.value = { ...asked.value }
    await nextTick()
    expect(texts()).toEqual(['b', 'c', 'z'])
  })

  it('show a new row that the filter would hide, until the filter is asked again', async () => {
    const { rows, asked, texts, numberOf } = setUp({ find: 'a' })
    expect(texts()).toEqual(['a'])
    rows.value = [...rows.value, draftRow(4, 'new')]
    await nextTick()
    expect(texts()).toEqual(['a', 'new'])
    expect(numberOf(4)).toBe(4)
    asked.value = { ...asked.value }
    await nextTick()
    expect(texts()).toEqual(['a'])
  })

  it('follow the problems when those are asked for', async () => {
    const { known, texts } = setUp({ filter: 'problems' }, { ...none, problemsOf: new Map([[1, { length: 1 }]]) })
    expect(texts()).toEqual(['b'])
    known.value = { ...none, problemsOf: new Map([[3, { length: 1 }]]) }
    await nextTick()
    expect(texts()).toEqual(['c'])
  })
})

describe('the cursor', () => {
  it('selects a range, single rows, and goes on to the next row when its own goes', () => {
    const ids = shallowRef([1, 2, 3, 4])
    const cursor = scope.run(() => useGridCursor(ids))!
    cursor.focusRow(1)
    cursor.focusRow(3, 'extend')
    expect([...cursor.selected.value]).toEqual([2, 3, 4])
    cursor.focusRow(2, 'toggle')
    expect([...cursor.selected.value]).toEqual([2, 4])
    ids.value = [1, 2, 4]
    expect(cursor.focusedId.value).toBe(4)
    ids.value = [1, 2]
    expect(cursor.focusedId.value).toBe(2)
    ids.value = []
    expect(cursor.focusedId.value).toBeUndefined()
  })

  it('stays on a row that gets its lasting id, and where rows are put in another order', () => {
    const ids = shallowRef([1, -1, 2])
    const cursor = scope.run(() => useGridCursor(ids, (id) => (id === -1 ? 70 : id)))!
    cursor.focusRow(1)
    ids.value = [1, 70, 2]
    expect(cursor.focusedId.value).toBe(70)
    expect([...cursor.selected.value]).toEqual([70])
    ids.value = [70, 2, 1]
    expect(cursor.focusedAt.value).toBe(0)
  })
})

describe('problems', () => {
  const problem = (rowId: number, more: Partial<PoolProblem> = {}): PoolProblem => ({
    rowId,
    kind: 'white-space',
    message: 'Has more than one space in a row.',
    otherRowId: null,
    cosine: null,
    mended: 'a b',
    canMend: true,
    ...more,
  })
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('of a text that changed since are left out: its mended spelling is that of another text', async () => {
    const rows = shallowRef([draftRow(1, 'a  b'), draftRow(2, 'c  d')])
    const asked: number[] = []
    const client = {
      'pool/problems': async () => {
        asked.push(rows.value.length)
        return { problems: [problem(1), problem(2, { mended: 'c d' })], notEmbedded: 2 }
      },
    } as unknown as Client
    const { problemsOf, notEmbedded } = scope.run(() => usePoolProblems(() => client, 1, undefined, rows))!
    await vi.advanceTimersByTimeAsync(0)
    expect([...problemsOf.value.keys()]).toEqual([1, 2])
    expect(notEmbedded.value).toBe(2)
    rows.value = [draftRow(1, 'another'), rows.value[1]!]
    await nextTick()
    expect([...problemsOf.value.keys()]).toEqual([2])
    rows.value = [...rows.value]
    await nextTick()
    await vi.advanceTimersByTimeAsync(500)
    // Both changes were asked about at once.
    expect(asked).toHaveLength(2)
  })

  it('are mended by one edit that rewrites and one that removes; a row that goes is not rewritten', () => {
    const removal = problem(2, { kind: 'duplicate', mended: null })
    expect(mendingOf([problem(1), problem(2), removal, problem(3, { canMend: false, mended: null })])).toEqual([
      { kind: 'rewrite', rows: [{ rowId: 1, text: 'a b' }] },
      { kind: 'remove', rowIds: [2] },
    ])
    expect(mendingOf([])).toEqual([])
  })
})

it('coverage puts the head first whose texts leave most over', () => {
  const step = (explained: number) => ({ textId: 1, text: 'x', explained, margin: 0 })
  const heads = [
    { layer: 5, head: 0, rank: 8, variance: 3, steps: [step(0.4), step(0.9)] },
    { layer: 5, head: 1, rank: 8, variance: 1, steps: [step(0.2)] },
    { layer: 4, head: 0, rank: 8, variance: 0, steps: [] },
  ]
  const found = coverageOf(heads)
  expect(found.map(({ name }) => name)).toEqual(['L4.H0', 'L5.H1', 'L5.H0'])
  expect(found[1]!.unexplained).toBeCloseTo(0.8, 12)
  // 0.8 of variance 1 among 4 in all.
  expect(found[1]!.ofAll).toBeCloseTo(0.2, 12)
})
