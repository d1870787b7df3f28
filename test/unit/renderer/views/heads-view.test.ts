// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { headsPage, shownImages, shownResult } from '../../../support/heads-page.ts'
import type { Answers } from '../../../support/page-of-calls.ts'

// A canvas is not drawn here.
vi.mock('../../../../src/renderer/components/ui/ChartView.vue', () => ({
  default: { props: ['title'], template: '<p>{{ title }}</p>' },
}))

let unmount: (() => void) | undefined
afterEach(() => unmount?.())

async function page(change: Answers = {}, path?: string) {
  const made = await headsPage(change, path)
  unmount = () => made.wrapper.unmount()
  const cell = (name: string) => made.wrapper.get(`[data-head="${name}"]`)
  const text = () => made.wrapper.text().replace(/\s+/g, ' ')
  const button = (name: string) => made.wrapper.findAll('button').find((found) => found.text().includes(name))!
  return { ...made, cell, text, button }
}

describe('labelling by key', () => {
  it('gives role, confidence and state to the head that the arrows walked to', async () => {
    const { press, own, current, inputsOf } = await page()
    expect(current()).toBe('L1.H0')
    await press('ArrowRight', '2', 'Shift+3', 'r')
    expect(current()).toBe('L1.H1')
    expect(own('L1.H1')).toMatchObject({ roleId: 12, confidence: 3, state: 'reviewed', textSpanId: 7 })
    expect(own('L1.H0')).toBeUndefined()
    expect(inputsOf('label/set')[0]).toEqual({
      modelId: 1,
      annotator: 'mara',
      heads: [{ layer: 1, head: 1 }],
      change: { roleId: 12 },
      textSpanId: 7,
    })
    await press('r')
    expect(own('L1.H1')?.state).toBe('draft')
    await press('f')
    expect(own('L1.H1')?.state).toBe('disputed')
    await press('0')
    expect(own('L1.H1')).toMatchObject({ roleId: null, confidence: null, state: 'disputed' })
  })

  it('opens a label again that says nothing any more', async () => {
    const { press, own } = await page()
    await press('1', '0')
    expect(own('L1.H0')).toMatchObject({ roleId: null, state: 'open' })
  })

  it('toggles twice when a key is pressed twice at once', async () => {
    const { own, wrapper } = await page()
    for (let times = 0; times < 2; times++)
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }))
    await flushPromises()
    expect(own('L1.H0')?.state).toBe('draft')
    expect(wrapper.text()).toContain('0 of 3 reviewed')
  })

  it('goes to the next and the previous head that is not reviewed', async () => {
    const { press, current, text } = await page()
    await press('r', ']', 'f', ']')
    expect(current()).toBe('L1.H2')
    expect(text()).toContain('1 of 3 reviewed, 1 disputed')
    await press('[')
    expect(current()).toBe('L1.H2')
    await press('ArrowDown')
    expect(current()).toBe('L0.H2')
  })

  it('takes several heads at once as one edit, and one undo takes it back from all', async () => {
    const { press, own, inputsOf } = await page()
    await press('Shift+ArrowRight', 'Shift+ArrowRight', '3')
    expect(inputsOf('label/set')).toHaveLength(1)
    expect(inputsOf('label/set')[0]).toMatchObject({ heads: [0, 1, 2].map((head) => ({ layer: 1, head })) })
    expect([0, 1, 2].map((head) => own(`L1.H${head}`)?.roleId)).toEqual([13, 13, 13])
    await press('u')
    expect([0, 1, 2].map((head) => own(`L1.H${head}`)?.roleId)).toEqual([null, null, null])
    await press('Escape', '1')
    expect(inputsOf('label/set').at(-1)).toMatchObject({ heads: [{ layer: 1, head: 2 }] })
  })

  it('undoes and redoes the own edits only', async () => {
    const { press, own, desk } = await page()
    desk.set({ modelId: 1, annotator: 'jonas', heads: [{ layer: 1, head: 0 }], change: { roleId: 13 } })
    await press('1', '2')
    desk.set({ modelId: 1, annotator: 'jonas', heads: [{ layer: 1, head: 0 }], change: { state: 'reviewed' } })
    await press('u')
    expect(own('L1.H0')?.roleId).toBe(11)
    await press('u', 'u', 'u')
    expect(own('L1.H0')).toMatchObject({ roleId: null, state: 'open' })
    expect(desk.labels.find(({ annotator }) => annotator === 'jonas')).toMatchObject({ roleId: 13, state: 'reviewed' })
    await press('Shift+U')
    expect(own('L1.H0')?.roleId).toBe(11)
  })

  it('labels as who is named, and remembers the name', async () => {
    const { wrapper, press, desk } = await page()
    const field = wrapper.get<HTMLInputElement>('input[aria-label="Annotator"]')
    await field.setValue('  ')
    await field.trigger('change')
    expect(field.element.value).toBe('mara')
    field.element.value = 'jonas'
    await field.trigger('change')
    await flushPromises()
    expect(useAppStore().remembered?.annotator).toBe('jonas')
    await press('1')
    expect(desk.labels).toMatchObject([{ annotator: 'jonas', roleId: 11 }])
  })

  it('changes nothing on the screen when an edit is not saved', async () => {
    const { press, cell, own } = await page({
      'label/set': () => {
        throw new Error('The disk is full.')
      },
    })
    await press('1')
    expect(own('L1.H0')).toBeUndefined()
    expect(cell('L1.H0').attributes('aria-label')).toContain('no role')
  })
})

describe('the note', () => {
  it('is reached by N, saved when it is left, and keys in it are letters', async () => {
    const { wrapper, press, own } = await page()
    await press('n')
    const field = wrapper.get<HTMLTextAreaElement>('textarea')
    expect(document.activeElement).toBe(field.element)
    await field.setValue('lakes')
    await press('1', 'r')
    expect(own('L1.H0')).toBeUndefined()
    await press('Escape')
    expect(document.activeElement?.getAttribute('data-head')).toBe('L1.H0')
    await flushPromises()
    expect(own('L1.H0')).toMatchObject({ note: 'lakes', roleId: null, state: 'open' })
    expect(wrapper.text()).toContain('saved')
  })

  it('stays with its head when saving fails, also after looking at another head', async () => {
    let isFull = true
    const { wrapper, press, own, desk, text, button } = await page({
      'label/set': (input) => {
        if (isFull) throw new Error('The disk of "a.headwise" is full.')
        return desk.set(input)
      },
    })
    await press('n')
    await wrapper.get('textarea').setValue('must stay')
    await press('Escape', 'ArrowRight')
    await flushPromises()
    expect(wrapper.get('textarea').element.value).toBe('')
    await press('ArrowLeft')
    await flushPromises()
    expect(wrapper.get('textarea').element.value).toBe('must stay')
    expect(text()).toContain('The disk of "a.headwise" is full. What you typed is kept here.')
    isFull = false
    await button('Save again').trigger('click')
    await flushPromises()
    expect(own('L1.H0')?.note).toBe('must stay')
    expect(wrapper.get('textarea').element.value).toBe('must stay')
  })
})

describe('the head on the screen', () => {
  it('shows its texts with what each adds, thin margins and texts written after a head', async () => {
    const { wrapper, text } = await page()
    const rows = wrapper
      .findAll('[aria-label="Texts of this head"] tbody tr')
      .map((row) => row.findAll('td').map((content) => content.text()))
    expect(rows[0]!.slice(0, 5)).toEqual(['1', 'a lake of 0', '30 %', '30 %', '20 %'])
    expect(rows[1]!.slice(2, 5)).toEqual(['20 %', '50 %', '0.1 %'])
    expect(wrapper.get('[aria-label="written after looking at L1.H0"]').attributes('title')).toContain(
      'no independent finding',
    )
    expect(text()).toContain('Twins, correlated above 0.9')
    expect(text()).toContain('L1.H1 0.95')
    expect(text()).toMatch(/place ?20 %/)
  })

  it('orders images by its first text, by the one that Enter chose, and by principal directions', async () => {
    const { press, inputsOf, router, current } = await page()
    const asked = () => (inputsOf('head/images').at(-1) as { direction: object }).direction
    expect(asked()).toEqual({ kind: 'text', text: 'a lake of 0' })
    await press('Enter', 'ArrowDown', 'Enter')
    expect(router.currentRoute.value.query).toMatchObject({ head: 'L1.H0', text: 'night' })
    expect(inputsOf('head/images')).toContainEqual(
      expect.objectContaining({ direction: { kind: 'text', text: 'night' }, textSpanId: 7, filter: {} }),
    )
    await press('Escape', 'ArrowRight')
    expect(current()).toBe('L1.H1')
    expect(router.currentRoute.value.query.text).toBeUndefined()
    await press('x')
    expect(router.currentRoute.value.query.axis).toBe('principal-1')
    expect(asked()).toEqual({ kind: 'principal', index: 0 })
  })

  it('is the address’s, with a text that is asked of every head', async () => {
    const { press, current, inputsOf } = await page({}, '/heads?head=L1.H2&text=a%20stormy%20sea')
    expect(current()).toBe('L1.H2')
    await press('ArrowLeft')
    expect(inputsOf('head/images').at(-1)).toMatchObject({ head: 1, direction: { kind: 'text', text: 'a stormy sea' } })
  })

  it('may be one that no text describes', async () => {
    const { text, inputsOf } = await page({}, '/heads?head=L0.H1')
    expect(text()).toContain('L0.H1 is not described by this result.')
    expect(inputsOf('head/images').at(-1)).toMatchObject({
      layer: 0,
      head: 1,
      direction: { kind: 'principal', index: 0 },
    })
  })

  it('says why images cannot be shown, and asks again on request', async () => {
    const { text, button, answers } = await page({
      'head/images': () => {
        throw new Error('The weights of "tiny" are not there.')
      },
    })
    expect(text()).toContain('The weights of "tiny" are not there.')
    answers['head/images'] = shownImages
    await button('Try again').trigger('click')
    await flushPromises()
    expect(text()).toContain('4 images')
  })
})

describe('the grid', () => {
  it('is one tab stop, and says in words what its cells show', async () => {
    const { wrapper, cell, press } = await page()
    await press('1', 'r')
    expect(wrapper.findAll('[data-head][tabindex="0"]')).toHaveLength(1)
    expect(cell('L1.H0').attributes('aria-label')).toBe(
      'L1.H0, role place, reviewed, direct effect 0.04, first text: a lake of 0',
    )
    expect(cell('L0.H2').attributes('aria-label')).toBe('L0.H2, no role, open, direct effect 0.03, not described')
    expect(wrapper.findAll('[role="row"] [role="rowheader"]').map((row) => row.text())).toEqual(['L1', 'L0'])
  })

  it('finds heads by text, note and role', async () => {
    const { wrapper, press } = await page()
    await press('1', 'ArrowRight', 'n')
    await wrapper.get('textarea').setValue('a stormy sea')
    await press('Escape')
    await flushPromises()
    const search = wrapper.get('input[type="search"]')
    const found = () => wrapper.findAll('[aria-label="Found heads"] strong').map((name) => name.text())
    await search.setValue('LAKE OF 2')
    expect(found()).toEqual(['L1.H2'])
    await search.setValue('stormy')
    expect(found()).toEqual(['L1.H1'])
    await search.setValue('place')
    expect(found()).toEqual(['L1.H0'])
  })
})

describe('the change against another result', () => {
  it('counts no more texts than both results have', async () => {
    const { wrapper, cell, settle } = await page({
      'text-span/list': () => [shownResult({ id: 6, texts: 1 }), shownResult({ id: 7, texts: 2 })],
    })
    const [measure] = wrapper.findAll('select')
    await measure!.setValue('change')
    await settle()
    expect(wrapper.get('input[aria-label="Number of texts"]').attributes('max')).toBe('1')
    expect(wrapper.text()).toContain('Share explained by the first 1 texts: this result less texts #6')
    expect(cell('L1.H0').attributes('aria-label')).toContain('change 0 points')
  })
})

describe('without what it needs', () => {
  it('says what is missing', async () => {
    const { text, button, router } = await page({ 'run/list': () => [], 'text-span/list': () => [] })
    expect(text()).toContain('Decompose 4 images of scenes with tiny; then the heads stand here.')
    await button('Decompose').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.name).toBe('data')
  })

  it('describes heads with what is chosen, and says why it did not start', async () => {
    let isLocked = true
    const { button, inputsOf, settle } = await page({
      'text-span/list': () => [],
      'text-span/start': () => {
        if (isLocked) throw new Error('Another program writes.')
        return { jobId: 1 }
      },
    })
    await button('Describe the heads').trigger('click')
    await settle()
    const field = (name: string) =>
      [...document.querySelectorAll('label')].find((label) => label.textContent?.includes(name))!
    const layers = field('Last layers').querySelector('input')!
    expect(layers.value).toBe('2')
    layers.value = '1'
    layers.dispatchEvent(new Event('input'))
    const split = field('Split').querySelector('select')!
    split.value = 'test'
    split.dispatchEvent(new Event('change'))
    await settle()
    document.querySelector<HTMLFormElement>('#describe')!.requestSubmit()
    await settle()
    expect(document.body.textContent).toContain('Another program writes.')
    isLocked = false
    document.querySelector<HTMLFormElement>('#describe')!.requestSubmit()
    await settle()
    expect(inputsOf('text-span/start').at(-1)).toEqual({
      runId: 1,
      poolVersionId: 5,
      layers: 1,
      texts: 20,
      rank: 80,
      filter: { split: 'test' },
    })
    expect(document.querySelector('#describe')).toBeNull()
  })
})
