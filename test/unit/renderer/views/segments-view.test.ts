// @vitest-environment happy-dom
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Component, defineComponent, nextTick } from 'vue'
import { HeadwiseError } from '../../../../src/contract/errors.ts'
import type { MaskNote, SegmentedImage } from '../../../../src/contract/segment.ts'
import { listenForKeys } from '../../../../src/renderer/composables/useCommands.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { useMaskNoteStore } from '../../../../src/renderer/stores/maskNoteStore.ts'
import { useSegmentStore } from '../../../../src/renderer/stores/segmentStore.ts'
import SegmentsView from '../../../../src/renderer/views/SegmentsView.vue'
import { evaluation, imageScore } from '../../../support/fake-evaluations.ts'
import { type Answers, pageOfCalls } from '../../../support/page-of-calls.ts'

/** happy-dom lays nothing out and draws nothing: the chart says what it would show. */
vi.mock('../../../../src/renderer/components/ui/ChartView.vue', () => ({
  default: { props: ['title', 'provenance', 'option', 'heightPx'], template: '<figure>{{ title }}</figure>' },
}))

const sizes = { offsetWidth: 640, offsetHeight: 400, clientWidth: 640, clientHeight: 400 }
const before = new Map<string, PropertyDescriptor | undefined>()
beforeAll(() => {
  for (const [name, px] of Object.entries(sizes)) {
    before.set(name, Object.getOwnPropertyDescriptor(HTMLElement.prototype, name))
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => px })
  }
  vi.stubGlobal('matchMedia', () => ({ addEventListener() {}, removeEventListener() {} }))
})
afterAll(() => {
  for (const [name, descriptor] of before) {
    if (descriptor) Object.defineProperty(HTMLElement.prototype, name, descriptor)
    else Reflect.deleteProperty(HTMLElement.prototype, name)
  }
  vi.unstubAllGlobals()
})

const nothing: Component = { render: () => null }
const withKeys = defineComponent({
  components: { SegmentsView },
  setup: () => listenForKeys(),
  template: '<SegmentsView />',
})

const vision = { imageSizePx: 96, patchSizePx: 48, width: 4, layers: 6, heads: 8, headWidth: 2, tokens: 5 }
const model = {
  id: 1,
  name: 'sample',
  hash: 'a'.repeat(64),
  folder: '/m',
  isPresent: true,
  config: { layout: 'open-clip', vision },
}
const dataSet = {
  id: 2,
  name: 'segmentation',
  kind: 'mat',
  root: '/s.mat',
  hash: 'b'.repeat(64),
  images: 60,
  columns: [],
  labels: [],
  splits: [],
  problems: [],
  isPresent: true,
}

/** 2 x 2: at the threshold 0.4 one pixel of each kind. */
function segmentedImage(change: Partial<SegmentedImage> = {}): SegmentedImage {
  return {
    sizePx: 2,
    map: Float32Array.of(1, 0.6, 0.2, 0),
    truth: Uint8Array.of(1, 0, 1, 0),
    truthProblem: null,
    groundTruthHash: 'c'.repeat(64),
    threshold: 0.4,
    patches: Float32Array.of(0.5, 0.25, 0, -0.25),
    gridRows: 2,
    gridColumns: 2,
    classTokenPart: 0.125,
    mlpPart: 0.25,
    score: 0.875,
    isConstant: false,
    predictedClass: 'owl',
    trueClass: null,
    targetText: 'owl minus the mean of 2 classes',
    averagePrecision: 0.7,
    curve: { precision: Float32Array.of(1, 0.5), recall: Float32Array.of(0, 1) },
    ...change,
  }
}

const evaluations = [evaluation({ id: 2, method: 'rollout' }), evaluation({ id: 1 })]
const images = [0, 1, 2].map((at) => imageScore(at))

function answersWith(change: Answers = {}): Answers {
  const notes: MaskNote[] = []
  return {
    'workspace/describe': () => ({}),
    'model/list': () => [model],
    'data-set/list': () => [dataSet],
    'run/list': () => [],
    'pool/list': () => [],
    'text-span/list': () => [],
    'job/list': () => [],
    'label/list': () => [],
    'label/undo-state': () => ({ undo: null, redo: null }),
    'segment/list': () => evaluations,
    'segment/read': ({ evaluationId }: { evaluationId: number }) => ({
      evaluation: evaluations.find(({ id }) => id === evaluationId),
      classes: [{ name: 'owl', scores: evaluations[0]!.scores }],
      curve: { precision: Float32Array.of(1, 0.5), recall: Float32Array.of(0, 1) },
      skipped: [],
    }),
    'segment/images': ({ offset, limit }: { offset: number; limit: number }) => ({
      total: images.length,
      images: images.slice(offset, offset + limit),
    }),
    'segment/image': () => segmentedImage(),
    'segment/flags': () => [],
    'segment/notes': ({ imageId }: { imageId: number }) => notes.filter((note) => note.imageId === imageId),
    'segment/note': (input: Omit<MaskNote, 'id' | 'madeMs'>) => {
      const made = { ...input, id: notes.length + 1, madeMs: 1_700_000_000_000 }
      notes.unshift(made)
      return made
    },
    'segment/ground-truth': () => ({ dataSetId: 2, kind: 'mat', place: '/s.mat', masks: 60, problems: [] }),
    'image/model-view': () => new Uint8Array(4),
    ...change,
  }
}

let unmount: (() => void) | undefined
afterEach(() => unmount?.())

async function page(path: string, change: Answers = {}) {
  URL.createObjectURL = vi.fn(() => 'blob:x')
  URL.revokeObjectURL = vi.fn()
  const views = { data: nothing, image: nothing, heads: nothing, segments: withKeys }
  const made = await pageOfCalls(views, path, answersWith(change))
  unmount = () => made.wrapper.unmount()
  const rest = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await made.settle()
      await nextTick()
    }
  }
  await rest()
  const press = async (key: string) => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true }))
    await rest()
  }
  const query = () => made.router.currentRoute.value.query
  return { ...made, rest, press, query, text: () => made.wrapper.text().replace(/\s+/g, ' ') }
}

describe('the evaluations', () => {
  it('stand in a table with method, protocol and scores', async () => {
    const { wrapper } = await page('/segments?look=1')
    const row = wrapper.findAll('[role="row"]').find((own) => own.attributes('aria-selected') === 'true')!
    for (const words of [
      'Decomposition',
      'as published',
      'predicted class',
      'map mean',
      '0.810',
      '0.790–0.830',
      '0.531',
      '0.881',
    ])
      expect(row.text()).toContain(words)
  })

  it('are looked at by a click, and compared', async () => {
    const { wrapper, query, rest, inputsOf } = await page('/segments?look=1')
    await wrapper.get('button[aria-label="Compare with evaluation 2"]').trigger('click')
    await rest()
    expect(query()).toEqual({ look: '1', against: '2' })
    expect(inputsOf('segment/images').at(-1)).toMatchObject({ evaluationId: 1, againstId: 2, sort: 'iou' })
  })

  it('say what differs from the chosen one', async () => {
    const other = { ...evaluation({ id: 3 }), modelHash: 'x', modelName: 'large' }
    const { text } = await page('/segments?look=1', { 'segment/list': () => [other, ...evaluations] })
    expect(text()).toContain('differs: checkpoint large')
  })

  it('ask for the first one where there is none', async () => {
    const { text, wrapper } = await page('/segments', { 'segment/list': () => [] })
    expect(text()).toContain('60 masks in the MATLAB file')
    expect(wrapper.get('button[type="submit"]').attributes('disabled')).toBeDefined()
  })

  it('say why they cannot be read, with a way on', async () => {
    const { wrapper } = await page('/segments', {
      'segment/list': () => Promise.reject(new HeadwiseError('disk', 'The disk is full.')),
    })
    expect(wrapper.get('[role="alert"]').text()).toContain('The disk is full.')
  })
})

describe('a new evaluation', () => {
  it('starts one job for methods times protocols, and keeps the form where that fails', async () => {
    let isRefused = true
    const { wrapper, inputsOf, rest, text } = await page('/segments', {
      'segment/list': () => [],
      'segment/evaluate': () => {
        if (isRefused) throw new HeadwiseError('bad-input', 'The model is not there.')
        return { jobId: 5 }
      },
    })
    await wrapper.get('#segment-classes').setValue('duck\nowl')
    for (const name of ['Attention rollout', 'aligned'])
      await wrapper
        .findAll('label')
        .find((own) => own.text().startsWith(name))!
        .get('input')
        .setValue(true)
    await wrapper.get('form').trigger('submit')
    await rest()
    expect(text()).toContain('The model is not there.')
    expect((wrapper.get('#segment-classes').element as HTMLTextAreaElement).value).toBe('duck\nowl')
    isRefused = false
    await wrapper.get('form').trigger('submit')
    await rest()
    expect(inputsOf('segment/evaluate').at(-1)).toMatchObject({
      modelId: 1,
      dataSetId: 2,
      task: { classes: ['duck', 'owl'], templates: ['a photo of a {}'] },
      settings: [
        { method: 'decomposition', protocol: 'as-published' },
        { method: 'rollout', protocol: 'as-published' },
        { method: 'decomposition', protocol: 'aligned' },
        { method: 'rollout', protocol: 'aligned' },
      ],
    })
  })
})

describe('the image page', () => {
  it('shows the mask’s scores at the threshold of the evaluation, and the score as a sum', async () => {
    const { text } = await page('/segments?look=1&image=100&at=0')
    expect(text()).toContain('1 of 3')
    expect(text()).toContain('pixel accuracy0.500')
    expect(text()).toContain('IoU0.333')
    expect(text()).toContain('Patches +0.5000, class token +0.1250, MLPs +0.2500, other 0 = score +0.8750.')
    expect(text()).toContain('found1 · 25 %')
  })

  it('scores anew while the threshold moves, and goes back', async () => {
    const { wrapper, text, press, rest } = await page('/segments?look=1&image=100&at=0')
    await wrapper.get('input[aria-label="Threshold"]').setValue('0.7')
    await rest()
    expect(text()).toContain('pixel accuracy0.750')
    await press('r')
    expect(text()).toContain('pixel accuracy0.500')
  })

  it('has the threshold of the address', async () => {
    const { text } = await page('/segments?look=1&image=100&at=0&threshold=0.7')
    expect(text()).toContain('pixel accuracy0.750')
  })

  it('steps through the list by J and K, without the threshold of the image before', async () => {
    const { press, query, inputsOf } = await page('/segments?look=1&image=100&at=0&threshold=0.7')
    await press('j')
    expect(query()).toEqual({ look: '1', image: '101', at: '1' })
    expect(inputsOf('segment/image').some((input) => (input as { imageId: number }).imageId === 101)).toBe(true)
    await press('k')
    expect(query()).toMatchObject({ image: '100', at: '0' })
    await press('k')
    expect(query()).toMatchObject({ image: '100', at: '0' })
  })

  it('finds its place in the list when the address has another one', async () => {
    const { text } = await page('/segments?look=1&image=102&at=0')
    expect(text()).toContain('3 of 3')
  })

  it('goes through the methods by M and keeps the list', async () => {
    const { press, query, inputsOf } = await page('/segments?look=1&image=100&at=0')
    await press('m')
    expect(query()).toMatchObject({ look: '1', by: '2' })
    expect(inputsOf('segment/image').at(-1)).toMatchObject({ settings: { method: 'rollout' } })
    await press('m')
    expect(query()).not.toHaveProperty('by')
  })

  it('asks for the true class where the prediction is wrong, and says whose error it is', async () => {
    const wrong = { predictedClass: 'owl', trueClass: 'duck' }
    const { text, wrapper, rest, query } = await page('/segments?look=1&image=100&at=0', {
      'segment/image': ({ settings }: { settings: { target: { kind: string } } }) =>
        settings.target.kind === 'true'
          ? segmentedImage({ ...wrong, map: Float32Array.of(1, 0, 1, 0) })
          : segmentedImage(wrong),
    })
    expect(text()).toContain(
      'Predicted “owl”, but the data set says “duck”. With the true class IoU is 1.000 instead of 0.333: the error may come from the misclassification.',
    )
    await wrapper
      .findAll('button')
      .find((own) => own.text() === 'Use the true class')!
      .trigger('click')
    await rest()
    expect(query()).toMatchObject({ target: 'true' })
    expect(text()).toContain('IoU1.000')
  })

  it('says it where a map is constant and where there is no mask', async () => {
    const { text } = await page('/segments?look=1&image=100&at=0', {
      'segment/image': () =>
        segmentedImage({
          map: new Float32Array(4),
          isConstant: true,
          truth: null,
          truthProblem: 'There is no mask for "#0".',
        }),
    })
    expect(text()).toContain('The map is constant')
    expect(text()).toContain('There is no mask for "#0".')
    expect(text()).not.toContain('pixel accuracy0')
  })

  it('says it where masks were linked anew, also when that happens while the image is open', async () => {
    let groundTruthHash = 'c'.repeat(64)
    const { text, rest } = await page('/segments?look=1&image=100&at=0', {
      'segment/image': () => segmentedImage({ groundTruthHash }),
    })
    expect(text()).not.toContain('The masks were changed')
    groundTruthHash = 'd'.repeat(64)
    useSegmentStore().heard({ topic: 'segment' })
    await rest()
    expect(text()).not.toContain('The masks were changed')
    useSegmentStore().heard({ topic: 'segment', ofId: 2 })
    await rest()
    expect(text()).toContain('The masks were changed since the evaluation')
  })

  it('saves what is typed before another workspace is opened', async () => {
    const done: string[] = []
    await page('/segments?look=1&image=100&at=0', {
      'segment/note': (input: Omit<MaskNote, 'id' | 'madeMs'>) => {
        done.push(`noted ${input.imageId}: ${input.note}`)
        return { ...input, id: 1, madeMs: 0 }
      },
      'app/open': ({ path }: { path: string }) => {
        done.push(`opened ${path}`)
        return { ...useAppStore().app, workspacePath: path }
      },
    })
    useMaskNoteStore().type(100, 'only half of it')
    expect(await useAppStore().open('/other.headwise')).toBe(true)
    expect(done).toEqual(['noted 100: only half of it', 'opened /other.headwise'])
  })

  it('tells a failure and tries again', async () => {
    let fails = true
    const { wrapper, text, rest } = await page('/segments?look=1&image=100&at=0', {
      'segment/image': () => {
        if (fails) throw new HeadwiseError('not-found', 'The weights of "sample" are gone.')
        return segmentedImage()
      },
    })
    expect(text()).toContain('The weights of "sample" are gone.')
    fails = false
    await wrapper
      .findAll('button')
      .find((own) => own.text() === 'Try again')!
      .trigger('click')
    await rest()
    expect(text()).toContain('IoU0.333')
  })

  it('goes back to the images by Escape', async () => {
    const { press, query } = await page('/segments?look=1&image=100&at=0&threshold=0.7')
    await press('Escape')
    expect(query()).toEqual({ look: '1' })
  })
})
