// @vitest-environment happy-dom
/** The pool's table under the keyboard. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick } from 'vue'
import FindReplace from '../../../../src/renderer/components/pool/FindReplace.vue'
import NewTextLine from '../../../../src/renderer/components/pool/NewTextLine.vue'
import PoolGrid from '../../../../src/renderer/components/pool/PoolGrid.vue'
import { useGridCursor } from '../../../../src/renderer/composables/useGridCursor.ts'
import type { RowState } from '../../../../src/renderer/pool/draft-rows.ts'
import { draftRow } from '../../../support/fake-pool.ts'

const scope = effectScope()
const rows = [draftRow(1, 'one'), draftRow(2, 'two', { roles: ['place'] }), draftRow(3, 'three')]
let grid: VueWrapper
let cursor: ReturnType<typeof useGridCursor>

beforeAll(() => {
  // Nothing is laid out here; the table draws the rows of a window of this height.
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { configurable: true, get: () => 480 })
  Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { configurable: true, get: () => 900 })
})

function show(more: Record<string, unknown> = {}): void {
  cursor = scope.run(() => useGridCursor(rows.map(({ id }) => id)))!
  grid = mount(PoolGrid, {
    attachTo: document.body,
    props: {
      rows,
      allRows: rows,
      numberOf: (id: number) => id,
      states: new Map<number, RowState>(),
      problemsOf: new Map(),
      useOf: undefined,
      rolesByTag: new Map(),
      sort: undefined,
      lockReason: undefined,
      cursor,
      label: 'Texts of sample',
      ...more,
    },
  })
}
const body = () => grid.find('[role=rowgroup]')
const field = () => grid.find('input')
const press = (key: string, more: object = {}) => body().trigger('keydown', { key, ...more })
async function focusRow(at: number): Promise<void> {
  ;(body().element as HTMLElement).focus()
  cursor.focusRow(at)
  await nextTick()
}
function pasteInto(target: Element, text: string): void {
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.assign(event, { clipboardData: { getData: () => text } })
  target.dispatchEvent(event)
}

beforeEach(() => show())
afterEach(() => grid.unmount())

describe('the table', () => {
  it('is an ARIA grid that says where its focus is', async () => {
    await focusRow(1)
    expect(grid.attributes()).toMatchObject({ role: 'grid', 'aria-rowcount': '4', 'aria-label': 'Texts of sample' })
    const active = body().attributes('aria-activedescendant')!
    expect(grid.find(`#${active}`).text()).toBe('two')
  })

  it('types over the focused cell; Enter saves and moves down', async () => {
    await focusRow(0)
    await press('e')
    expect((field().element as HTMLInputElement).value).toBe('e')
    await field().setValue('eins')
    await field().trigger('keydown', { key: 'Enter' })
    expect(grid.emitted('change')).toEqual([[1, { text: 'eins' }]])
    expect(cursor.focusedId.value).toBe(2)
    expect(field().exists()).toBe(false)
  })

  it('edits what is there with F2, in the next column after Tab, and takes back with Escape', async () => {
    await focusRow(1)
    await press('F2')
    expect((field().element as HTMLInputElement).value).toBe('two')
    await field().trigger('keydown', { key: 'Tab' })
    expect(grid.emitted('change')).toBeUndefined()
    await press('Enter')
    expect((field().element as HTMLInputElement).value).toBe('place')
    await field().setValue('place; light')
    await field().trigger('keydown', { key: 'Escape' })
    expect(grid.emitted('change')).toBeUndefined()
    expect(field().exists()).toBe(false)
  })

  it('says while typing that the text is there already', async () => {
    await focusRow(0)
    await press('x')
    await field().setValue('Two ')
    expect(grid.find('[role=alert]').text()).toBe('Row 2 has the same text.')
  })

  it('keeps an empty text in the field with the reason', async () => {
    await focusRow(0)
    await press('F2')
    await field().setValue('  ')
    await field().trigger('keydown', { key: 'Enter' })
    expect(grid.find('[role=alert]').text()).toContain('A text must not be empty.')
    expect(grid.emitted('change')).toBeUndefined()
  })

  it('opens the field again with what was typed when the edit failed', async () => {
    await focusRow(0)
    await press('F2')
    await field().setValue('eins')
    await field().trigger('keydown', { key: 'Enter' })
    const typed = [draftRow(1, 'eins'), rows[1]!, rows[2]!]
    const failed: RowState = { state: 'failed', reason: 'The disk is full.', editId: 9 }
    await grid.setProps({ rows: typed, states: new Map([[1, failed]]) })
    expect((field().element as HTMLInputElement).value).toBe('eins')
    expect(grid.find('[role=alert]').text()).toContain('The disk is full.')
    expect(cursor.focusedId.value).toBe(1)
    // The same once more is tried once more; Escape takes it back.
    await field().trigger('keydown', { key: 'Enter' })
    expect(grid.emitted('change')?.at(-1)).toEqual([1, {}])
    await focusRow(0)
    await press('F2')
    await field().trigger('keydown', { key: 'Escape' })
    expect(grid.emitted('takeBack')).toEqual([[1]])
  })

  it('keeps the field while other rows change, and hands up what was typed when its own row is gone', async () => {
    await focusRow(1)
    await press('F2')
    await field().setValue('half typed')
    await grid.setProps({ rows: [draftRow(1, 'changed elsewhere'), rows[1]!, rows[2]!] })
    expect((field().element as HTMLInputElement).value).toBe('half typed')
    await grid.setProps({ rows: [rows[0]!, rows[2]!] })
    expect(field().exists()).toBe(false)
    expect(grid.emitted('orphan')).toEqual([['half typed']])
  })

  it('takes pasted lines as rows below the focused one, in the table and in a field', async () => {
    await focusRow(1)
    pasteInto(body().element, 'a\tplace\nb')
    expect(grid.emitted('lines')).toEqual([['a\tplace\nb', 2]])
    await press('F2')
    pasteInto(field().element, 'c\nd')
    expect(grid.emitted('lines')?.[1]).toEqual(['c\nd', 2])
  })

  it('removes the rows that Shift and the arrows selected', async () => {
    await focusRow(1)
    await press('ArrowDown', { shiftKey: true })
    await press('Delete')
    expect(grid.emitted('remove')).toEqual([[[2, 3]]])
  })

  it('copies the selected rows in the form that it takes', async () => {
    await focusRow(1)
    let copied = ''
    const event = new Event('copy', { bubbles: true, cancelable: true })
    Object.assign(event, { clipboardData: { setData: (_: string, text: string) => (copied = text) } })
    body().element.dispatchEvent(event)
    expect(copied).toBe('two\tplace')
  })

  it('edits nothing in a locked pool', async () => {
    grid.unmount()
    show({ lockReason: 'ann locked this pool.' })
    await focusRow(0)
    await press('x')
    await press('Delete')
    expect(field().exists()).toBe(false)
    expect(grid.emitted('refuse')).toHaveLength(2)
    expect(grid.emitted('remove')).toBeUndefined()
  })

  it('mends from the column of marks', async () => {
    await focusRow(2)
    cursor.column.value = 'problems'
    await press('Enter')
    expect(grid.emitted('mend')).toEqual([[3]])
  })
})

describe('find and replace', () => {
  const open = () =>
    mount(FindReplace, { props: { rows, isLocked: false, isFiltered: false, start: '' }, attachTo: document.body })
  const settle = () => new Promise((resolve) => setTimeout(resolve, 150))

  it('shows the places before anything is done, and replaces them as one edit', async () => {
    const panel = open()
    await panel.find('[aria-label=Find]').setValue('t')
    await panel.find('[aria-label="Replace by"]').setValue('T')
    await settle()
    expect(panel.find('[role=status]').text()).toBe('2 places in 2 texts')
    expect(panel.findAll('li').map((line) => line.text().replaceAll(/\s/g, ''))).toEqual(['two→Two', 'three→Three'])
    await panel.find('form').trigger('submit')
    expect(panel.emitted('replace')).toEqual([
      [
        [
          { rowId: 2, text: 'Two' },
          { rowId: 3, text: 'Three' },
        ],
      ],
    ])
    panel.unmount()
  })

  it('says what is wrong with an expression, and keeps it', async () => {
    const panel = open()
    await panel.find('[aria-label=Find]').setValue('(t')
    await panel.findAll('input[type=checkbox]')[2]!.setValue(true)
    await settle()
    expect(panel.find('[role=alert]').text()).toBe('“(t” is not a regular expression: Unterminated group.')
    expect(panel.find('[type=submit]').attributes('disabled')).toBeDefined()
    expect((panel.find('[aria-label=Find]').element as HTMLInputElement).value).toBe('(t')
    panel.unmount()
  })
})

describe('the line for new texts', () => {
  it('adds with Enter and stays for the next; several pasted lines go up as they are', async () => {
    const line = mount(NewTextLine, { props: { check: () => [], after: ['L5.H2'], isLocked: false } })
    await line.find('input').setValue('  a barn ')
    await line.find('input').trigger('keydown', { key: 'Enter' })
    expect(line.emitted('add')).toEqual([['a barn']])
    expect((line.find('input').element as HTMLInputElement).value).toBe('')
    await line.find('input').trigger('keydown', { key: 'Enter' })
    expect(line.emitted('add')).toHaveLength(1)
    pasteInto(line.find('input').element, 'a\nb')
    expect(line.emitted('lines')).toEqual([['a\nb']])
    expect(line.text()).toContain('after L5.H2')
  })

  it('keeps a text that is too long', async () => {
    const line = mount(NewTextLine, { props: { check: () => [], after: [], isLocked: false } })
    await line.find('input').setValue('x'.repeat(2001))
    await line.find('input').trigger('keydown', { key: 'Enter' })
    expect(line.emitted('add')).toBeUndefined()
    expect(line.find('[role=status]').text()).toBe('A text has at most 2000 characters; this one has 2001.')
  })
})
