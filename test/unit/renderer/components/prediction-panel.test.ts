// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import PredictionPanel from '../../../../src/renderer/components/image/PredictionPanel.vue'

const ranked = ['star', 'tree', 'duck', 'boat', 'mushroom', 'key', 'owl'].map((name, at) => ({
  name,
  score: 0.5 - at / 10,
}))

function panel(props: object = {}) {
  return mount(PredictionPanel, {
    props: {
      prediction: { classes: ranked, truth: 'tree' },
      columns: ['label', 'by.object'] as const,
      classes: { names: ranked.map(({ name }) => name), isNumbered: false, problem: undefined },
      problem: undefined,
      isAsking: false,
      isWaiting: false,
      column: 'by.object' as const,
      template: 'a photo of a {}',
      typedNames: '',
      ...props,
    },
  })
}
const lines = (wrapper: ReturnType<typeof panel>) =>
  wrapper.findAll('li').map(({ element }) =>
    [...element.children]
      .map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())
      .filter(Boolean)
      .join(' '),
  )

describe('the prediction', () => {
  it('shows the best five with their cosines, and marks the truth', () => {
    const wrapper = panel()
    expect(lines(wrapper)).toEqual([
      '1 star +0.5000',
      '2 tree +0.4000 ✓truth',
      '3 duck +0.3000',
      '4 boat +0.2000',
      '5 mushroom +0.1000',
    ])
    expect(wrapper.text()).toContain('Cosines with the class texts, not probabilities.')
  })

  it('shows the truth with its rank where it is not among them', () => {
    const wrapper = panel({ prediction: { classes: ranked, truth: 'owl' } })
    expect(lines(wrapper).at(-1)).toBe('7 owl −0.1000 ✓truth')
  })

  it('says when the data set names none of the classes', () => {
    const wrapper = panel({ prediction: { classes: ranked, truth: null } })
    expect(wrapper.text()).toContain('The data set names none of these classes.')
  })

  it('asks before it embeds very many classes', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `class ${at}`)
    const wrapper = panel({ prediction: undefined, isAsking: true, classes: { names, isNumbered: false } })
    await wrapper.get('button').trigger('click')
    expect(wrapper.get('button').text()).toBe('Predict among 1,000 classes')
    expect(wrapper.emitted('allow')).toHaveLength(1)
  })

  it('asks for the names of class numbers', async () => {
    const classes = { names: [], isNumbered: true, problem: 'type the 2 names' }
    const wrapper = panel({ prediction: undefined, classes, problem: classes.problem })
    expect(wrapper.text()).toContain('type the 2 names')
    await wrapper.get('input[placeholder^="such as"]').setValue('owl, duck')
    expect(wrapper.emitted('update:typedNames')).toEqual([['owl, duck']])
  })

  it('offers a class text to be explained', async () => {
    const wrapper = panel()
    await wrapper.findAll('li button')[2]!.trigger('click')
    expect(wrapper.emitted('explain')).toEqual([['a photo of a duck']])
  })
})
