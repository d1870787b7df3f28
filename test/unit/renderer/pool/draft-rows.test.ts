import { describe, expect, it } from 'vitest'
import {
  editWords,
  type PendingEdit,
  withChange,
  withPending,
  withRealIds,
  withTags,
} from '../../../../src/renderer/pool/draft-rows.ts'
import type { PoolEdit } from '../../../../src/contract/pool.ts'
import { draftRow } from '../../../support/fake-pool.ts'

const rows = [draftRow(1, 'one'), draftRow(2, 'two'), draftRow(3, 'three')]
const pending = (edit: PoolEdit, more: Partial<PendingEdit> = {}): PendingEdit => ({
  id: 9,
  poolId: 1,
  edit,
  temporaryIds: [],
  state: 'saving',
  reason: '',
  ...more,
})
const texts = (all: { text: string }[]) => all.map(({ text }) => text)

describe('saved rows', () => {
  it('take changed, new and removed ones, by position', () => {
    const change = {
      rows: [draftRow(2, 'zwei'), draftRow(4, 'between', { position: 1.5 })],
      removedRowIds: [3],
      isChanged: true,
    }
    expect(texts(withChange(rows, change))).toEqual(['one', 'between', 'zwei'])
    expect(withChange(rows, { rows: [], removedRowIds: [], isChanged: true })).toBe(rows)
  })

  it('are put in order again when a row moved', () => {
    const change = { rows: [draftRow(1, 'one', { position: 9 })], removedRowIds: [], isChanged: true }
    expect(texts(withChange(rows, change))).toEqual(['two', 'three', 'one'])
  })
})

describe('shown rows', () => {
  it('are the saved ones where nothing is under way', () => {
    expect(withPending(rows, []).rows).toBe(rows)
  })

  it('show what is being saved, and say so', () => {
    const shown = withPending(rows, [
      pending({ kind: 'change', rowId: 2, text: 'zwei' }),
      pending({ kind: 'tag', rowIds: [3], add: ['place'], remove: [] }),
      pending({ kind: 'remove', rowIds: [1] }),
    ])
    expect(texts(shown.rows)).toEqual(['one', 'zwei', 'three'])
    expect(shown.rows[2]!.roles).toEqual(['place'])
    expect([...shown.states].map(([id, { state }]) => [id, state])).toEqual([
      [2, 'saving'],
      [3, 'saving'],
      [1, 'leaving'],
    ])
  })

  it('put new ones behind their row, also behind one that is new itself', () => {
    const added = (text: string, id: number, afterRowId?: number) =>
      pending(
        { kind: 'add', rows: [{ text, roles: [], source: '' }], afterRowId, afterHeads: ['L1.H0'] },
        { temporaryIds: [id] },
      )
    const shown = withPending(rows, [added('a', -1, 1), added('b', -2, -1), added('last', -3)])
    expect(texts(shown.rows)).toEqual(['one', 'a', 'b', 'two', 'three', 'last'])
    expect(shown.rows[1]).toMatchObject({ id: -1, afterHeads: ['L1.H0'] })
  })

  it('keep what was typed in an edit that failed, and leave rows of a failed removal where they are', () => {
    const shown = withPending(rows, [
      pending({ kind: 'change', rowId: 2, text: 'zwei' }, { state: 'failed', reason: 'The disk is full.' }),
      pending({ kind: 'remove', rowIds: [1] }, { state: 'failed', reason: 'The disk is full.' }),
    ])
    expect(texts(shown.rows)).toEqual(['one', 'zwei', 'three'])
    expect(shown.states.get(2)).toEqual({ state: 'failed', reason: 'The disk is full.', editId: 9 })
    expect(shown.states.has(1)).toBe(false)
  })
})

describe('an edit of rows that were just added', () => {
  const realIds = new Map([[-1, 70]])

  it('names them by the ids that they got', () => {
    expect(withRealIds({ kind: 'change', rowId: -1, text: 'x' }, realIds)).toMatchObject({ rowId: 70 })
    expect(withRealIds({ kind: 'remove', rowIds: [-1, -2, 3] }, realIds)).toMatchObject({ rowIds: [70, 3] })
    expect(
      withRealIds(
        { kind: 'add', rows: [{ text: 'x', roles: [], source: '' }], afterRowId: -1, afterHeads: [] },
        realIds,
      ),
    ).toMatchObject({ afterRowId: 70 })
  })

  it('has nothing to do where none of them was saved', () => {
    expect(withRealIds({ kind: 'change', rowId: -2, text: 'x' }, realIds)).toBeUndefined()
    expect(withRealIds({ kind: 'tag', rowIds: [-2], add: ['a'], remove: [] }, realIds)).toBeUndefined()
  })
})

it('tags are the same whatever their case', () => {
  expect(withTags(['Place', 'color'], ['place', 'light'], ['COLOR'])).toEqual(['Place', 'light'])
})

it('says which edit is not saved', () => {
  expect(editWords({ kind: 'change', rowId: 1, text: 'a lake' })).toBe('the text “a lake”')
  expect(editWords({ kind: 'remove', rowIds: [1, 2] })).toBe('removing 2 texts')
})
