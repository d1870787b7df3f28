/** The Heads place of a made-up model of two layers and three heads, over answers and labels in memory. */
import { flushPromises } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { listenForKeys } from '../../src/renderer/composables/useCommands.ts'
import { useLabelStore } from '../../src/renderer/stores/labelStore.ts'
import HeadsView from '../../src/renderer/views/HeadsView.vue'
import { fakeLabels } from './fake-labels.ts'
import { type Answers, pageOfCalls } from './page-of-calls.ts'

const roles = ['place', 'object', 'color'].map((name, position) => ({
  id: position + 11,
  name,
  color: '#0072b2',
  letter: name[0]!.toUpperCase(),
  description: '',
  position,
  isRetired: false,
}))
const run = {
  id: 1,
  modelId: 1,
  modelName: 'tiny',
  modelHash: 'c'.repeat(64),
  dataSetId: 1,
  dataSetName: 'scenes',
  dataSetHash: 'b'.repeat(64),
  state: 'complete',
  store: 'float16',
  provider: 'cpu',
  hasClassToClass: true,
  images: 4,
  skipped: 0,
  total: 4,
  certificate: null,
  programVersion: '0.2.0',
  createdMs: 0,
}
const textSpan = {
  id: 7,
  runId: 1,
  poolId: 1,
  poolName: 'words',
  poolVersionId: 5,
  poolVersion: 1,
  poolHash: 'd'.repeat(64),
  layers: 1,
  texts: 2,
  rank: 80,
  filter: {},
  images: 4,
  isProposed: false,
  programVersion: '0.2.0',
  createdMs: 0,
}
const places = [0, 1].flatMap((layer) => [0, 1, 2].map((head) => ({ layer, head })))
const image = (imageId: number, score: number) => ({
  imageId,
  ordinal: imageId,
  path: `${imageId}.png`,
  label: null,
  split: null,
  score,
})

export const shownImages = () => ({
  highest: [image(1, 0.3), image(2, 0.2)],
  lowest: [image(4, -0.2), image(3, -0.1)],
  images: 4,
  mean: 0,
  standardDeviation: 0.1,
  share: 0.3,
  histogram: { from: -0.2, to: 0.3, counts: new Int32Array([1, 2, 1]) },
  isFresh: false,
})

/** Only the last layer is described. */
function answersOf(labels: Answers): Answers {
  return {
    'workspace/describe': () => ({}),
    'model/list': () => [
      { id: 1, name: 'tiny', hash: 'c'.repeat(64), config: { vision: { layers: 2, heads: 3, headWidth: 8 } } },
    ],
    'data-set/list': () => [{ id: 1, name: 'scenes', images: 4, labels: [], splits: [{ split: 'test', images: 2 }] }],
    'run/list': () => [run],
    'pool/list': () => [
      { id: 1, name: 'words', isChanged: false, lock: null, versions: [{ id: 5, number: 1, texts: 2 }] },
    ],
    'text-span/list': () => [textSpan],
    'job/list': () => [],
    'role/list': () => roles,
    'head/effects': () => places.map((place, at) => ({ ...place, variance: 0.01 * (at + 1) })),
    'text-span/read': () => ({
      textSpan,
      heads: [0, 1, 2].map((head) => ({
        layer: 1,
        head,
        rank: 9,
        variance: 0.02,
        steps: [
          { textId: 1, text: `a lake of ${head}`, explained: 0.3, margin: 0.2 },
          { textId: 2, text: 'night', explained: 0.5, margin: 0.001 },
        ],
      })),
    }),
    'pool/texts': () => [
      { id: 2, text: 'night', roles: ['place'], afterHeads: ['L1.H0'], source: '', ordinal: 1, line: 2 },
    ],
    'label/evidence': () => [
      { layer: 1, head: 0, shares: [{ role: 'place', roleId: 11, share: 0.2 }], untagged: 0.3, unexplained: 0.5 },
    ],
    'head/correlations': () => {
      const correlations = new Float32Array(36)
      correlations[3 * 6 + 4] = 0.95
      return { images: 4, heads: 6, correlations }
    },
    'head/images': shownImages,
    ...labels,
  }
}

/** The result on the screen, or another one like it. */
export const shownResult = (change: object = {}) => ({ ...textSpan, ...change })

export async function headsPage(change: Answers = {}, path = '/heads') {
  const desk = fakeLabels(Object.fromEntries(roles.map(({ id, name }) => [id, name])))
  const frame = defineComponent({
    setup() {
      listenForKeys()
      return () => h(HeadsView)
    },
  })
  const nothing = { template: '<p />' }
  const page = await pageOfCalls({ data: nothing, image: nothing, heads: frame }, path, {
    ...answersOf(desk.answers),
    ...change,
  })
  await useLabelStore().load()
  await flushPromises()

  /** Presses keys one after another where the focus is, each after what the one before did. */
  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const shifted = key.startsWith('Shift+')
      const own = shifted ? key.slice(6) : key
      const isDigit = /^\d$/.test(own)
      // On an American keyboard.
      const typed = isDigit && shifted ? ')!@#$%^&*('[Number(own)]! : own
      const code = isDigit ? `Digit${own}` : ''
      const init = { key: typed, shiftKey: shifted, code, bubbles: true, cancelable: true }
      ;(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', init))
      await flushPromises()
      await new Promise((resolve) => setTimeout(resolve))
      await flushPromises()
    }
  }
  const own = (name: string) =>
    desk.labels.find(({ layer, head, annotator }) => `L${layer}.H${head}` === name && annotator === 'mara')
  const current = () => page.wrapper.get('h1').text()
  return { ...page, desk, press, own, current }
}
