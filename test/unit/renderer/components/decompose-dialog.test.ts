// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { DataSet } from '../../../../src/contract/data-set.ts'
import type { Run } from '../../../../src/contract/run.ts'
import type { Model } from '../../../../src/contract/workspace.ts'
import DecomposeDialog from '../../../../src/renderer/components/data/DecomposeDialog.vue'

const dataSet = { id: 4, name: 'birds', images: 720, isPresent: true } as DataSet
const model = { id: 1, name: 'sample', isPresent: true } as Model
const run = {
  id: 3,
  modelId: 1,
  state: 'open',
  store: 'float16',
  provider: 'cpu',
  hasClassToClass: true,
  images: 256,
  skipped: 0,
  total: 720,
} as Run

let unmount: () => void
afterEach(() => unmount())

async function dialog(props: { dataSet?: DataSet; models?: Model[]; runs?: Run[] } = {}) {
  const wrapper = mount(DecomposeDialog, {
    attachTo: document.body,
    props: { open: true, dataSet, models: [model], runs: [run], providers: [], ...props },
  })
  unmount = () => wrapper.unmount()
  await nextTick()
  const field = <Kind extends HTMLElement>(selector: string) =>
    document.querySelector<Kind>(`[role="dialog"] ${selector}`)!
  const submit = async () => {
    field<HTMLFormElement>('form').dispatchEvent(new Event('submit', { cancelable: true }))
    await nextTick()
  }
  const set = async (selector: string, content: string) => {
    const input = field<HTMLInputElement>(selector)
    input.value = content
    input.dispatchEvent(new Event('input'))
    input.dispatchEvent(new Event('change'))
    await nextTick()
  }
  return {
    wrapper,
    field,
    submit,
    set,
    words: () => field('.dialog-body').textContent!,
    button: () => field<HTMLButtonElement>('button[type="submit"]'),
  }
}

describe('the dialog before decomposing', () => {
  it('tells the count, and that an unfinished run goes on', async () => {
    const { words, button } = await dialog()
    expect(button().textContent).toContain('Decompose 720 images')
    expect(words()).toContain('Run 3 goes on if CPU is chosen again: 464 of 720 images are left.')
  })

  it('starts with what was set', async () => {
    const { wrapper, set, submit, words, field } = await dialog()
    await set('select:nth-of-type(1)', '1')
    await set('.field:nth-of-type(3) select', 'float32')
    await set('input[type="number"]', '16')
    field<HTMLInputElement>('input[type="checkbox"]').click()
    await nextTick()
    expect(words()).toContain('A new run over 720 images.')
    await submit()
    expect(wrapper.emitted('start')).toEqual([
      [{ modelId: 1, provider: 'auto', store: 'float32', classToClass: false, batch: 16 }],
    ])
  })

  it('refuses a batch that is none, in words', async () => {
    const { wrapper, set, submit, words, button } = await dialog()
    await set('input[type="number"]', '0')
    expect(words()).toContain('Images a pass: a whole number from 1 to 1024, or nothing.')
    expect(button().disabled).toBe(true)
    await submit()
    expect(wrapper.emitted('start')).toBeUndefined()
  })

  it('refuses when weights or images are not there', async () => {
    const first = await dialog({ models: [{ ...model, isPresent: false }] })
    expect(first.button().disabled).toBe(true)
    first.wrapper.unmount()
    const second = await dialog({ dataSet: { ...dataSet, isPresent: false } })
    expect(second.button().disabled).toBe(true)
    expect(second.words()).toContain('The images are not where the workspace expects them; relink them first.')
  })
})
