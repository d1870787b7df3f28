// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Component, nextTick } from 'vue'
import { HeadwiseError } from '../../../../src/contract/errors.ts'
import { listenForKeys } from '../../../../src/renderer/composables/useCommands.ts'
import ImageView from '../../../../src/renderer/views/ImageView.vue'
import { type Answers, pageOfCalls } from '../../../support/page-of-calls.ts'

const nothing: Component = { template: '<p />' }
/** as the frame has it, which listens for keys */
const withKeys: Component = { components: { ImageView }, setup: () => listenForKeys(), template: '<ImageView />' }

/** Two layers of two heads over a class token and four patches. */
const vision = { imageSizePx: 96, patchSizePx: 48, width: 4, layers: 2, heads: 2, headWidth: 2, tokens: 5 }
const model = {
  id: 1,
  name: 'sample',
  hash: 'a'.repeat(64),
  folder: '/m',
  isPresent: true,
  config: { layout: 'open-clip', vision },
}
const dataSet = {
  id: 1,
  name: 'scenes',
  kind: 'csv',
  root: '/scenes',
  hash: 'b'.repeat(64),
  images: 3,
  columns: ['object'],
  labels: [],
  splits: [],
  problems: [],
  isPresent: true,
}
const images = ['boat', 'star', 'tree'].map((object, at) => ({
  id: 11 + at,
  ordinal: at,
  path: `${object}.jpg`,
  label: null,
  split: null,
}))

const score = 0.5
function explain({ texts }: { texts: string[] }) {
  const K = texts.length
  const byToken = Float32Array.from({ length: K * 20 }, (_, at) => (at % 20 === 16 ? 0.25 : 0))
  return {
    texts,
    layers: 2,
    heads: 2,
    tokens: 5,
    gridRows: 2,
    gridColumns: 2,
    byToken,
    mlps: Float32Array.from({ length: K * 3 }, (_, at) => (at % 3 === 0 ? 0.25 : 0)),
    scores: new Float32Array(K).fill(score),
    residuals: new Float32Array(K),
    provider: 'cpu',
  }
}

const answers: Answers = {
  'workspace/describe': () => ({}),
  'model/list': () => [model],
  'data-set/list': () => [dataSet],
  'run/list': () => [],
  'pool/list': () => [],
  'text-span/list': () => [],
  'job/list': () => [],
  'label/list': () => [],
  'label/undo-state': () => ({ undo: null, redo: null }),
  'image/read': ({ imageId }: { imageId: number }) => ({
    ...images.find(({ id }) => id === imageId),
    dataSetId: 1,
    dataSetName: 'scenes',
    sizeBytes: 4000,
    attributes: { object: 'star' },
  }),
  'image/page': ({ filter, offset, limit }: { filter: { path?: string }; offset: number; limit: number }) => {
    const found = images.filter(({ path }) => path.includes(filter.path ?? ''))
    return { total: found.length, images: found.slice(offset, offset + limit) }
  },
  'image/model-view': () => new Uint8Array(4),
  'image/explain': explain,
  'data-set/contents': () => ['boat', 'star', 'tree'].map((content) => ({ content, images: 1 })),
  'image/predict': () => ({ classes: [{ name: 'star', score: 0.5 }], truth: 'star' }),
}

let unmount: (() => void) | undefined
afterEach(() => unmount?.())

async function page(path: string, change: Answers = {}) {
  URL.createObjectURL = vi.fn(() => 'blob:x')
  URL.revokeObjectURL = vi.fn()
  const made = await pageOfCalls({ data: nothing, image: withKeys, heads: nothing }, path, { ...answers, ...change })
  unmount = () => made.wrapper.unmount()
  const press = async (key: string) => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true }))
    await made.settle()
    await nextTick()
  }
  const where = () => made.router.currentRoute.value
  return { ...made, press, where, text: () => made.wrapper.text().replace(/\s+/g, ' ') }
}

describe('the image page', () => {
  it('shows the score of the text in the address as a sum', async () => {
    const { text, inputsOf } = await page('/image/12?text=a star')
    expect(inputsOf('image/explain')).toEqual([{ modelId: 1, imageId: 12, texts: ['a star'] }])
    expect(text()).toContain('+0.5000')
    expect(text()).toContain('Attention +0.2500, MLPs +0.2500, sum +0.5000 = score +0.5000, off by 0 (rounding).')
    expect(text()).toContain('2 of 3')
  })

  it('warns where the terms do not add up', async () => {
    const wrong = (input: { texts: string[] }) => ({ ...explain(input), scores: new Float32Array(1).fill(0.75) })
    const { wrapper } = await page('/image/12?text=a star', { 'image/explain': wrong })
    expect(wrapper.get('[role="alert"]').text()).toContain('off by 3e-1, more than rounding. Do not use these numbers.')
  })

  it('takes the second text from the first', async () => {
    const { text } = await page('/image/12?text=a star&text2=a tree')
    expect(text()).toContain('“a star” +0.5000 minus “a tree” +0.5000')
    expect(text()).toContain('sum 0 = score 0')
  })

  it('opens with the head of the address chosen, and Escape shows all again', async () => {
    const { text, press, where } = await page('/image/12?text=a star&head=L1.H1')
    expect(text()).toContain('+0.2500L1.H1')
    await press('Escape')
    expect(where().query).toEqual({ text: 'a star' })
    expect(text()).not.toContain('+0.2500L1.H1')
  })

  it('goes from image to image with the text and the chosen head, not the patch', async () => {
    const { press, where, inputsOf } = await page('/image/12?text=a star&head=L1.H1&token=2')
    await press('ArrowRight')
    expect(where().params.imageId).toBe('13')
    expect(where().query).toEqual({ text: 'a star', head: 'L1.H1' })
    expect(inputsOf('image/explain').at(-1)).toMatchObject({ imageId: 13, texts: ['a star'] })
    await press('ArrowRight')
    expect(where().params.imageId).toBe('13')
    await press('[')
    expect(where().params.imageId).toBe('12')
  })

  it('stays within the filter that the person came from', async () => {
    const { press, where, text } = await page('/image/11?text=a star&path=t.jpg')
    expect(text()).toContain('1 of 1')
    await press('ArrowRight')
    expect(where().params.imageId).toBe('11')
    const outside = await page('/image/12?text=a star&path=t.jpg')
    expect(outside.text()).toContain('outside the filter')
  })

  it('shows no numbers of the image before while the next one is under way', async () => {
    const { press, text, answers: all } = await page('/image/12?text=a star')
    all['image/explain'] = () => new Promise(() => {})
    await press('ArrowRight')
    expect(text()).toContain('Working out the terms…')
    expect(text()).not.toContain('sum +0.5000')
  })

  it('keeps the numbers with their own text while another text is under way', async () => {
    const { wrapper, text, settle, answers: all } = await page('/image/12?text=a star')
    all['image/explain'] = () => new Promise(() => {})
    await wrapper.get('input[aria-label="Text"]').setValue('a tree')
    await wrapper.get('input[aria-label="Text"]').trigger('keydown', { key: 'Enter' })
    await settle()
    expect(text()).toContain('cosine with “a star”')
    expect(text()).toContain('the new text is under way…')
  })

  it('says what is missing, keeps the text, and offers to relink', async () => {
    const message = 'The weights of "sample" are not in "/m" any more.'
    const fail = () => Promise.reject(new HeadwiseError('not-found', message))
    const { wrapper, text } = await page('/image/12?text=a star', {
      'model/list': () => [{ ...model, isPresent: false }],
      'image/explain': fail,
    })
    expect(wrapper.get('[role="alert"]').text()).toContain(message)
    expect(text()).toContain('Relink the model…')
    expect(text()).not.toContain('sum +0.5000')
    expect((wrapper.get('input[aria-label="Text"]').element as HTMLInputElement).value).toBe('a star')
  })
})
