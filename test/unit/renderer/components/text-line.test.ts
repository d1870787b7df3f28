// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import TextLine from '../../../../src/renderer/components/image/TextLine.vue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function line(text = '') {
  const props: Record<string, unknown> = {
    label: 'Text',
    placeholder: '',
    suggestions: ['a red car', 'a red boat at night', 'two boats'],
    text,
    'onUpdate:text': (now: string) => show(now),
  }
  const wrapper = mount(TextLine, { attachTo: document.body, props })
  const show = (now: string) => wrapper.setProps({ text: now } as object)
  const input = wrapper.get('input')
  const offered = () => wrapper.findAll('[role="option"]').map((option) => option.text())
  return { wrapper, show, input, offered, given: () => wrapper.emitted('update:text')?.map(([now]) => now) ?? [] }
}

describe('a line for any text', () => {
  it('gives the text on after a pause, without its outer spaces', async () => {
    const { input, given } = line()
    await input.setValue('a re')
    await vi.advanceTimersByTimeAsync(300)
    await input.setValue(' a red tree ')
    await vi.advanceTimersByTimeAsync(600)
    expect(given()).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(given()).toEqual(['a red tree'])
    expect(input.element.value).toBe(' a red tree ')
  })

  it('gives exactly what is typed on at Enter, whatever is offered', async () => {
    const { input, offered, given } = line()
    await input.setValue('red')
    expect(offered()).toEqual(['a red car', 'a red boat at night'])
    await input.trigger('keydown', { key: 'Enter' })
    expect(given()).toEqual(['red'])
    expect(offered()).toEqual([])
  })

  it('takes a text of the pool when one is chosen', async () => {
    const { wrapper, input, given } = line()
    await input.setValue('boat')
    await input.trigger('keydown', { key: 'ArrowDown' })
    await input.trigger('keydown', { key: 'ArrowDown' })
    expect(wrapper.get('[aria-selected="true"]').text()).toBe('two boats')
    await input.trigger('keydown', { key: 'Enter' })
    expect(given()).toEqual(['two boats'])
    await input.setValue('night red')
    await wrapper.get('[role="option"]').trigger('mousedown')
    expect(given()).toEqual(['two boats', 'a red boat at night'])
  })

  it('closes the list at Escape first, and shows a text that came from elsewhere', async () => {
    const { show, input, offered } = line('a red car')
    await input.setValue('boat')
    await input.trigger('keydown', { key: 'Escape' })
    expect(offered()).toEqual([])
    expect(input.element.value).toBe('boat')
    await show('a tree')
    expect(input.element.value).toBe('a tree')
  })
})
