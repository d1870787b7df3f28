// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import RowInspector from '../../../../src/renderer/components/pool/RowInspector.vue'
import { draftRow } from '../../../support/fake-pool.ts'

function shown(row = draftRow(1, 'one'), hasUse = true) {
  return mount(RowInspector, {
    props: {
      row,
      selectedCount: 1,
      problems: [],
      use: undefined,
      hasUse,
      roles: [],
      neighbours: undefined,
      neighbourError: undefined,
      isLocked: false,
    },
  })
}

it('a source that was typed is saved with its own row when another row is chosen', async () => {
  const wrapper = shown()
  const field = wrapper.get<HTMLInputElement>('input[placeholder="Where the text comes from"]')
  await field.setValue('Broden')
  const other: object = { row: draftRow(2, 'two', { source: 'ours' }) }
  await wrapper.setProps(other)
  await field.trigger('blur')
  expect(wrapper.emitted('source')).toEqual([[1, 'Broden']])
  expect(field.element.value).toBe('ours')
})

it('says that no head chose a text only where a result is there to say so', () => {
  expect(shown().text()).toContain('Chosen by no head')
  expect(shown(draftRow(1, 'one'), false).text()).not.toContain('no head')
})
