import { describe, expect, it } from 'vitest'
import { changeOfCell, columnsFor, problemWords } from '../../../../src/renderer/pool/grid-columns.ts'
import { gridStep } from '../../../../src/renderer/pool/grid-keys.ts'
import { nextSort, orderedIds, type RowCriteria, tagCounts } from '../../../../src/renderer/pool/row-order.ts'
import { signedPoints } from '../../../../src/renderer/draw/format.ts'
import { afterWords, circularHeads, formatWeight } from '../../../../src/renderer/pool/words.ts'
import type { TextUse } from '../../../../src/contract/pool.ts'
import { draftRow } from '../../../support/fake-pool.ts'

const rows = [
  draftRow(1, 'water', { roles: ['Place'] }),
  draftRow(2, 'Apple', { source: 'notes' }),
  draftRow(3, 'sky', { roles: ['color', 'place'], afterHeads: ['L5.H2'] }),
]
const use = (text: string, heads: number, weight: number): TextUse => ({
  textId: 1,
  text,
  heads: Array.from({ length: heads }, (_, head) => ({ layer: 5, head, step: 0, share: 0.1 })),
  weight,
})
const facts = {
  useOf: new Map([
    ['water', use('water', 1, 0.2)],
    ['sky', use('sky', 3, 0.1)],
  ]),
  problemsOf: new Map([[2, { length: 1 }]]),
}
const all: RowCriteria = { find: '', filter: 'all', tag: undefined, sort: undefined }
const ids = (more: Partial<RowCriteria>, kept?: Set<number>) => orderedIds(rows, { ...all, ...more }, facts, kept)

describe('rows on the screen', () => {
  it('are found in texts, tags and sources', () => {
    expect(ids({ find: 'APP' })).toEqual([2])
    expect(ids({ find: 'plac' })).toEqual([1, 3])
    expect(ids({ find: 'note' })).toEqual([2])
  })

  it('are filtered, and stay where they were just edited', () => {
    expect(ids({ filter: 'problems' })).toEqual([2])
    expect(ids({ filter: 'unused' })).toEqual([2])
    expect(ids({ filter: 'after-head' })).toEqual([3])
    expect(ids({ filter: 'untagged' })).toEqual([2])
    expect(ids({ tag: 'PLACE' })).toEqual([1, 3])
    expect(ids({ filter: 'problems' }, new Set([1]))).toEqual([1, 2])
  })

  it('are not called unused where nothing was tried', () => {
    expect(orderedIds(rows, { ...all, filter: 'unused' }, { ...facts, useOf: undefined })).toEqual([])
  })

  it('are sorted by any column, those without the thing last either way', () => {
    expect(ids({ sort: { column: 'text', isDescending: false } })).toEqual([2, 3, 1])
    expect(ids({ sort: { column: 'weight', isDescending: true } })).toEqual([1, 3, 2])
    expect(ids({ sort: { column: 'weight', isDescending: false } })).toEqual([3, 1, 2])
    expect(ids({ sort: { column: 'number', isDescending: true } })).toEqual([3, 2, 1])
  })

  it('go through three orders with clicks on a header', () => {
    const first = nextSort(undefined, 'used')
    expect(first).toEqual({ column: 'used', isDescending: true })
    const second = nextSort(first, 'used')
    expect(second).toEqual({ column: 'used', isDescending: false })
    expect(nextSort(second, 'used')).toBeUndefined()
    expect(nextSort(second, 'text')).toEqual({ column: 'text', isDescending: false })
  })

  it('have tags that are counted whatever their case', () => {
    expect(tagCounts(rows)).toEqual([
      { tag: 'Place', count: 2 },
      { tag: 'color', count: 1 },
    ])
  })
})

describe('a cell', () => {
  const row = draftRow(1, 'water', { roles: ['place'] })

  it('gives what changes, and nothing where nothing does', () => {
    expect(changeOfCell(row, 'text', ' wave ')).toEqual({ text: 'wave' })
    expect(changeOfCell(row, 'text', 'water ')).toBeUndefined()
    expect(changeOfCell(row, 'tags', 'place; light')).toEqual({ roles: ['place', 'light'] })
    expect(changeOfCell(row, 'tags', '')).toEqual({ roles: [] })
    expect(changeOfCell(row, 'source', 'notes')).toEqual({ source: 'notes' })
  })

  it('says what a pool would refuse', () => {
    expect(changeOfCell(row, 'text', '  ')).toBe(
      'A text must not be empty. Escape takes it back; Delete on the row removes it.',
    )
    expect(changeOfCell(row, 'text', 'x'.repeat(2001))).toBe('A text has at most 2000 characters; this one has 2001.')
    expect(changeOfCell(row, 'tags', 't'.repeat(61))).toBe(
      'A tag has at most 60 characters; “tttttttttttttttttttt…” has 61.',
    )
  })

  it('tells what mending would do', () => {
    const problem = { rowId: 1, otherRowId: null, cosine: null }
    const message = 'Has white space at an end.'
    expect(problemWords([{ ...problem, kind: 'white-space', message, mended: 'a b', canMend: true }])).toBe(
      'Has white space at an end. Alt M makes it “a b”.',
    )
  })
})

it('a narrow table leaves out columns that can be seen elsewhere, never the text', () => {
  expect(columnsFor(1000).map(({ name }) => name)).toContain('source')
  expect(columnsFor(380).map(({ name }) => name)).toEqual(['problems', 'text', 'tags', 'used', 'after'])
})

describe('keys of the table', () => {
  const step = (key: string, more: Partial<KeyboardEvent> = {}) =>
    gridStep(
      { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more },
      { at: 4, rows: 10, page: 3 },
    )

  it('walk, extend and stop at the ends', () => {
    expect(step('ArrowDown')).toEqual({ kind: 'row', at: 5, isExtending: false })
    expect(step('PageUp', { shiftKey: true })).toEqual({ kind: 'row', at: 1, isExtending: true })
    expect(step('ArrowDown', { ctrlKey: true })).toMatchObject({ at: 9 })
  })

  it('type what can be written, and leave commands to the window', () => {
    expect(step('x')).toEqual({ kind: 'type', typed: 'x' })
    expect(step('ü')).toEqual({ kind: 'type', typed: 'ü' })
    expect(step('z', { ctrlKey: true })).toBeUndefined()
    expect(step('Enter', { ctrlKey: true })).toBeUndefined()
    expect(step('m', { altKey: true })).toBeUndefined()
    expect(step('F5')).toBeUndefined()
  })
})

it('numbers and notes are put in words', () => {
  expect([0, 0.0004, 0.0123, 0.31].map(formatWeight)).toEqual(['0 %', '<0.1 %', '1.2 %', '31 %'])
  expect([0, 0.0004, -0.0042, 0.123].map(signedPoints)).toEqual(['0', '0', '−0.4', '+12'])
  expect(afterWords(['L5.H2', 'L4.H0'])).toBe(
    'Written after its author had opened L5.H2 and L4.H0: what it explains there is no independent finding.',
  )
  expect(circularHeads(['L5.H1', 'L0.H0'], use('x', 3, 0))).toEqual(['L5.H1'])
})
