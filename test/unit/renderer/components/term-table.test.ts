// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import TermTable from '../../../../src/renderer/components/image/TermTable.vue'
import { type Part, type Terms, wholeScore } from '../../../../src/renderer/explain/terms.ts'

/** Two layers of two heads, class token and one patch. */
const terms: Terms = {
  layers: 2,
  heads: 2,
  tokens: 2,
  gridRows: 1,
  gridColumns: 1,
  byToken: [0.01, 0.02, 0.03, -0.04, 0.1, 0.2, 0, 0.5],
  mlps: [2, -0.25, 0.125],
  score: 0,
}

function table(part: Part = wholeScore) {
  const shownProps: Record<string, unknown> = { terms, part, 'onUpdate:part': (now: Part) => choose(now) }
  const wrapper = mount(TermTable, { props: shownProps })
  const choose = (now: Part) => wrapper.setProps({ part: now } as object)
  const cell = (label: string) =>
    wrapper.findAll('[aria-label]').find((found) => found.attributes('aria-label')!.startsWith(label))!
  const shown = () => {
    const { heads, mlps, token } = (wrapper.props() as { part: Part }).part
    return { heads: [...heads], mlps: [...mlps], token }
  }
  const press = (key: string, more = {}) => wrapper.get('[role="grid"]').trigger('keydown', { key, ...more })
  return { wrapper, cell, shown, press }
}

describe('the table of terms', () => {
  it('names every term with its number, last layer on top', () => {
    const { wrapper } = table()
    const labels = wrapper
      .findAll('[role="gridcell"], [role="rowheader"]')
      .map((found) => found.attributes('aria-label'))
    expect(labels).toEqual([
      'L1 +0.9250',
      'Attention of L1 +0.8000',
      'MLP of L1 +0.1250',
      'L1.H0 +0.3000',
      'L1.H1 +0.5000',
      'L0 −0.2300',
      'Attention of L0 +0.0200',
      'MLP of L0 −0.2500',
      'L0.H0 +0.0300',
      'L0.H1 −0.0100',
      'start',
      'Start: the class token after ln_pre +2.0000, before ln_post the same for every image; the bar is cut',
    ])
  })

  it('shows the parts of one token, where MLPs have none', () => {
    const { cell } = table({ ...wholeScore, token: 1 })
    expect(cell('L1.H1').attributes('aria-label')).toBe('L1.H1 +0.5000')
    expect(cell('L1.H0').attributes('aria-label')).toBe('L1.H0 +0.2000')
    expect(cell('MLP of L1').attributes('aria-label')).toBe('MLP of L1: MLP terms belong to no token')
    expect(cell('MLP of L1').text()).toBe('–')
  })

  it('chooses heads, layers and MLPs; again takes it back', async () => {
    const { cell, shown } = table({ ...wholeScore, token: 1 })
    await cell('L1.H1').trigger('click')
    expect(shown()).toEqual({ heads: [3], mlps: [], token: 1 })
    await cell('Attention of L0').trigger('click')
    expect(shown()).toEqual({ heads: [0, 1], mlps: [], token: 1 })
    await cell('L1 ').trigger('click')
    expect(shown()).toEqual({ heads: [2, 3], mlps: [2], token: 1 })
    await cell('L1 ').trigger('click')
    expect(shown()).toEqual({ heads: [], mlps: [], token: 1 })
  })

  it('adds and takes off with Ctrl', async () => {
    const { cell, shown } = table()
    await cell('L0.H0').trigger('click')
    await cell('L1.H1').trigger('click', { ctrlKey: true })
    await cell('Start').trigger('click', { ctrlKey: true })
    expect(shown()).toEqual({ heads: [0, 3], mlps: [0], token: null })
    await cell('L0.H0').trigger('click', { ctrlKey: true })
    expect(shown()).toEqual({ heads: [3], mlps: [0], token: null })
  })

  it('is walked by keys, and Enter chooses', async () => {
    const { wrapper, press, shown } = table()
    await press('ArrowRight')
    await press('ArrowDown')
    await press('ArrowRight')
    await press('Enter')
    expect(shown().heads).toEqual([1])
    await press('ArrowUp')
    await press('Enter', { shiftKey: true })
    expect(shown().heads).toEqual([1, 3])
    expect(wrapper.emitted('hover')!.at(-1)).toEqual(['L1.H1 +0.5000'])
    await press('PageDown')
    await press('Enter')
    expect(shown()).toEqual({ heads: [], mlps: [0], token: null })
  })
})
