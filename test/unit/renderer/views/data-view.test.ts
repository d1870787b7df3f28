// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import DataView from '../../../../src/renderer/views/DataView.vue'
import { type Answers, pageOfCalls } from '../../../support/page-of-calls.ts'

const nothing = defineComponent({ template: '<p />' })
const dataSet = (id: number, name: string, change: object = {}) => ({
  id,
  name,
  kind: 'waterbirds',
  root: `/${name}`,
  hash: 'b'.repeat(64),
  images: 720,
  columns: ['place'],
  labels: [{ label: 'owl', images: 360 }],
  splits: [{ split: 'test', images: 120 }],
  problems: [],
  isPresent: true,
  addedMs: 0,
  ...change,
})
const run = {
  id: 1,
  modelId: 1,
  modelName: 'sample',
  dataSetId: 2,
  state: 'complete',
  store: 'float16',
  provider: 'cpu',
  hasClassToClass: true,
  images: 718,
  skipped: 2,
  total: 720,
  certificate: { computedError: 2e-7, storedError: 8e-5, tolerance: 1e-4, isExact: true },
  createdMs: 0,
}
const answers: Answers = {
  'workspace/describe': () => ({}),
  'model/list': () => [],
  'data-set/list': () => [dataSet(1, 'scenes'), dataSet(2, 'birds')],
  'run/list': () => [run],
  'pool/list': () => [],
  'text-span/list': () => [],
  'job/list': () => [],
  'label/list': () => [],
  'label/undo-state': () => ({ undo: null, redo: null }),
  'image/page': ({ filter }: { filter: object }) => ({ total: Object.keys(filter).length > 0 ? 0 : 720, images: [] }),
}

let unmount: (() => void) | undefined
afterEach(() => {
  unmount?.()
  vi.useRealTimers()
})

async function page(path: string, change: Answers = {}) {
  const made = await pageOfCalls({ data: DataView, image: nothing, heads: nothing }, path, { ...answers, ...change })
  unmount = () => made.wrapper.unmount()
  const button = (name: string) => made.wrapper.findAll('button').find((found) => found.text().includes(name))!
  return {
    ...made,
    button,
    where: () => made.router.currentRoute.value,
    text: () => made.wrapper.text().replace(/\s+/g, ' '),
  }
}

describe('the Data place', () => {
  it('shows the data set of the newest complete run, and its runs', async () => {
    const { text, inputsOf } = await page('/data')
    expect(inputsOf('image/page')).toEqual([{ dataSetId: 2, filter: {}, offset: 0, limit: 200 }])
    expect(text()).toContain('720 of 720')
    expect(text()).toContain('718 of 720 images, 2 left out · CPU · float16')
    expect(text()).toContain('exact to 2e-7, stored to 8e-5')
  })

  it('asks for the images of the address’s data set and filter', async () => {
    const { text, inputsOf, button, where, settle } = await page(
      '/data?data=1&label=owl&split=test&by.place=sea&path=img',
    )
    const filter = { label: 'owl', split: 'test', path: 'img', attributes: { place: 'sea' } }
    expect(inputsOf('image/page')).toEqual([{ dataSetId: 1, filter, offset: 0, limit: 200 }])
    expect(text()).toContain('0 of 720')
    expect(text()).toContain('No image is left by this filter.')
    await button('Clear the filter').trigger('click')
    await settle()
    expect(where().query).toEqual({ data: '1' })
    expect(inputsOf('image/page').at(-1)).toEqual({ dataSetId: 1, filter: {}, offset: 0, limit: 200 })
  })

  it('filters by a part of the path, a moment after it was typed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { wrapper, where } = await page('/data?data=1')
    await wrapper.get('input[aria-label="Part of the path"]').setValue(' owl/00 ')
    expect(where().query).toEqual({ data: '1' })
    await vi.advanceTimersByTimeAsync(300)
    expect(where().query).toEqual({ data: '1', path: 'owl/00' })
  })

  it('changes the data set in the address, without the filter', async () => {
    const { button, where, settle } = await page('/data?data=1&label=owl')
    await button('birds').trigger('click')
    await settle()
    expect(where().query).toEqual({ data: '2' })
  })

  it('is where it was left, when it is opened without an address', async () => {
    const recalled = { 'data/place': { query: { data: '1', label: 'owl' }, chosen: 3, firstSeen: 0 } }
    const { where, inputsOf } = await page('/data', { 'app/recall': () => recalled })
    expect(where().query).toEqual({ data: '1', label: 'owl' })
    expect(inputsOf('image/page').at(-1)).toMatchObject({ dataSetId: 1, filter: { label: 'owl' } })
  })

  it('offers what to do when there is nothing', async () => {
    const { text, button } = await page('/data', { 'data-set/list': () => [], 'run/list': () => [] })
    expect(text()).toContain('No images yet.')
    expect(button('Add images…')).toBeDefined()
    expect(button('Add a model…')).toBeDefined()
  })

  it('says what is not there any more, and how many rows were left out', async () => {
    const problems = [{ where: 'line 3', reason: 'no such file' }]
    const { text, button } = await page('/data?data=1', {
      'data-set/list': () => [dataSet(1, 'scenes', { isPresent: false, problems })],
    })
    expect(text()).toContain('Not there any more: /scenes')
    expect(button('Relink…')).toBeDefined()
    await button('1 left out').trigger('click')
    expect(document.querySelector('[role="dialog"]')!.textContent).toContain('Left out of scenes')
  })

  it('tells why the list cannot be read, and asks again', async () => {
    const {
      wrapper,
      button,
      settle,
      inputsOf,
      answers: all,
    } = await page('/data', {
      'image/page': () => Promise.reject(new Error('The disk is gone.')),
    })
    expect(wrapper.get('[role="alert"]').text()).toContain('The disk is gone.')
    all['image/page'] = answers['image/page']
    await button('Try again').trigger('click')
    await settle()
    expect(inputsOf('image/page')).toHaveLength(2)
    expect(wrapper.find('[role="alert"]').exists()).toBe(false)
  })
})
