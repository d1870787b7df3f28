// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Image } from '../../../../src/contract/data-set.ts'
import ThumbnailGrid from '../../../../src/renderer/components/data/ThumbnailGrid.vue'

/** happy-dom lays nothing out: a pane of 432 x 320 px. Four cells of 100 px a row, three rows in sight. */
const sizes = { offsetWidth: 432, offsetHeight: 320, clientWidth: 432, clientHeight: 320 }
const before = new Map<string, PropertyDescriptor | undefined>()
beforeAll(() => {
  for (const [name, px] of Object.entries(sizes)) {
    before.set(name, Object.getOwnPropertyDescriptor(HTMLElement.prototype, name))
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => px })
  }
})
afterAll(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(HTMLElement.prototype, name, descriptor)
    else Reflect.deleteProperty(HTMLElement.prototype, name)
  }
})

const imageAt = (index: number): Image | undefined =>
  index < 40
    ? { id: index + 1, ordinal: index, path: `birds/${index}.jpg`, label: index === 1 ? 'owl' : null, split: null }
    : undefined

async function grid(change: { total?: number } = {}) {
  const props: Record<string, unknown> = {
    total: 100_000,
    sizePx: 100,
    imageAt,
    revision: 1,
    urlOf: (id: number) => `/image/${id}/thumbnail`,
    label: 'Images of birds',
    'onUpdate:chosen': (chosen: number | undefined) => set({ chosen }),
    ...change,
  }
  const wrapper = mount(ThumbnailGrid, { attachTo: document.body, props })
  const set = (more: object) => wrapper.setProps(more)
  await nextTick()
  await nextTick()
  const press = async (key: string) => wrapper.get('[role="grid"]').trigger('keydown', { key })
  return { wrapper, set, press, chosen: () => (wrapper.props() as { chosen?: number }).chosen }
}

describe('the thumbnail grid', () => {
  it('draws only what is seen of 100,000 images, and tells which', async () => {
    const { wrapper } = await grid()
    expect(wrapper.get('[role="grid"]').attributes('aria-rowcount')).toBe('25000')
    expect(wrapper.findAll('[role="gridcell"]').length).toBeLessThan(40)
    const [from, to] = wrapper.emitted('see')!.at(-1)!
    expect(from).toBe(0)
    expect(to).toBe(wrapper.findAll('[role="gridcell"]').length - 1)
  })

  it('names cells by path and label, and shows their pictures', async () => {
    const { wrapper } = await grid()
    const cells = wrapper.findAll('[role="gridcell"]')
    expect(cells[0]!.attributes('aria-label')).toBe('birds/0.jpg')
    expect(cells[1]!.attributes('aria-label')).toBe('birds/1.jpg, owl')
    expect(cells[1]!.get('img').attributes('src')).toBe('/image/2/thumbnail')
  })

  it('is walked by keys, and Enter opens', async () => {
    const { wrapper, press, chosen } = await grid()
    await press('ArrowRight')
    expect(chosen()).toBe(0)
    await press('ArrowDown')
    await press('ArrowRight')
    expect(chosen()).toBe(5)
    await press('Enter')
    expect(wrapper.emitted('open')).toEqual([[5]])
    await press('End')
    expect(chosen()).toBe(99_999)
    await press('Home')
    expect(chosen()).toBe(0)
    expect(wrapper.get('[aria-selected="true"]').attributes('aria-label')).toBe('birds/0.jpg')
    const active = wrapper.get('[role="grid"]').attributes('aria-activedescendant')
    expect(wrapper.get(`[id="${active}"]`).attributes('aria-selected')).toBe('true')
  })

  it('shows a grey cell until the image is known, and says when a picture cannot be read', async () => {
    const { wrapper, set } = await grid({ total: 3 })
    await set({ imageAt: () => undefined, revision: 2 })
    expect(wrapper.findAll('img')).toHaveLength(0)
    expect(wrapper.findAll('[role="gridcell"]')[2]!.attributes('aria-label')).toBe('Image 3')
    await set({ imageAt, revision: 3 })
    await wrapper.findAll('img')[0]!.trigger('error')
    expect(wrapper.findAll('[role="gridcell"]')[0]!.text()).toContain('cannot be read')
  })
})
