import { describe, expect, it } from 'vitest'
import {
  emptyForm,
  parseHeads,
  problemOf,
  type SegmentForm,
  settingsOf,
  type SetupFacts,
  taskOf,
} from '../../../../src/renderer/segment/setup.ts'

const facts: SetupFacts = {
  shape: { layers: 6, heads: 8 },
  roleHeads: [{ layer: 5, head: 1 }],
  roleNote: 'role color',
  hasMasks: true,
}
const form: SegmentForm = { ...emptyForm, modelId: 1, dataSetId: 2, classes: 'duck\nowl', truthColumn: 'by.object' }

describe('heads by name', () => {
  it('takes heads and whole layers, each once, in the order of layers', () => {
    expect(parseHeads('l5.h2, L4.H1 L5.H2', { layers: 6, heads: 8 }).heads).toEqual([
      { layer: 4, head: 1 },
      { layer: 5, head: 2 },
    ])
    expect(parseHeads('L0', { layers: 1, heads: 2 }).heads).toEqual([
      { layer: 0, head: 0 },
      { layer: 0, head: 1 },
    ])
  })

  it('says what it does not understand', () => {
    const problem = (typed: string) => parseHeads(typed, { layers: 6, heads: 8 }).problem
    expect(problem('5.2')).toBe('“5.2” is no head: write L5.H2, or L5 for a whole layer.')
    expect(problem('L6.H0')).toBe('Layer 6 does not exist; layers run from 0 to 5.')
    expect(problem('L5.H8')).toBe('Head 8 does not exist in layer 5; heads run from 0 to 7.')
  })
})

describe('settings of the form', () => {
  it('has one for each method under each protocol', () => {
    const settings = settingsOf(
      { ...form, methods: ['decomposition', 'rollout'], protocols: ['as-published', 'aligned'] },
      facts,
    )
    expect(settings.map(({ method, protocol }) => `${method} ${protocol}`)).toEqual([
      'decomposition as-published',
      'rollout as-published',
      'decomposition aligned',
      'rollout aligned',
    ])
  })

  it('gives heads to the decomposition only, with where they came from', () => {
    const [decomposition, rollout] = settingsOf(
      { ...form, methods: ['decomposition', 'rollout'], heads: 'roles', roleIds: [3] },
      facts,
    )
    expect(decomposition).toMatchObject({ heads: [{ layer: 5, head: 1 }], headsNote: 'role color' })
    expect(rollout).not.toHaveProperty('heads')
  })

  it('leaves out what is at its published value', () => {
    expect(settingsOf(form, facts)).toEqual([
      { method: 'decomposition', protocol: 'as-published', target: { kind: 'predicted' }, headsNote: '' },
    ])
    expect(settingsOf({ ...form, threshold: 'fixed', fixedThreshold: 0.4 }, facts)[0]).toMatchObject({ threshold: 0.4 })
  })

  it('takes a typed text, minus another where one is typed', () => {
    const target = (minus: string) => settingsOf({ ...form, target: 'text', text: ' a boat ', minus }, facts)[0]!.target
    expect(target(' ')).toEqual({ kind: 'text', text: 'a boat' })
    expect(target('the sea')).toEqual({ kind: 'text', text: 'a boat', minus: 'the sea' })
  })

  it('keeps the ids of a file’s classes, which a data set may say instead of names', () => {
    const knownClasses = [
      { id: 'n01', name: 'duck' },
      { id: 'n02', name: 'crane' },
      { id: 'n03', name: 'crane' },
    ]
    const ids = (classes: string) => taskOf({ ...form, classes, knownClasses }).ids
    expect(ids('duck\ncrane\ncrane')).toEqual(['n01', 'n02', 'n03'])
    expect(ids('owl\ncrane\nduck')).toEqual(['owl', 'n02', 'n01'])
    expect(taskOf({ ...form, classes: 'owl\nfish', knownClasses })).not.toHaveProperty('ids')
    const numbered = [
      { id: '0', name: 'duck' },
      { id: '1', name: 'owl' },
    ]
    expect(taskOf({ ...form, classes: 'duck\nowl', knownClasses: numbered })).not.toHaveProperty('ids')
  })

  it('makes a task of lines', () => {
    expect(taskOf({ ...form, classes: ' duck \n\n owl\r\n', templates: 'a {}\nthe {}' })).toEqual({
      classes: ['duck', 'owl'],
      templates: ['a {}', 'the {}'],
      attribute: 'object',
    })
  })
})

describe('what is wrong with the form', () => {
  const cases: [string, Partial<SegmentForm>, string][] = [
    ['one class', { classes: 'duck' }, 'At least 2 classes are needed; there is 1.'],
    ['no class', { classes: '' }, 'At least 2 classes are needed; there are none.'],
    ['a template without a place', { templates: 'a photo' }, 'Every template must have {} where the class name goes.'],
    ['no method', { methods: [] }, 'Choose at least one method and one protocol.'],
    ['no true class', { target: 'true', truthColumn: undefined }, 'The data set does not say a true class.'],
    [
      'a class that is not there',
      { target: 'class', className: 'cat' },
      'Choose the class that every map is made for.',
    ],
    ['no text', { target: 'text' }, 'Type the text that every map is made for.'],
    ['no heads', { heads: 'typed' }, 'Type the heads that take part, such as L5.H2, L4.H1.'],
    ['an unknown head', { heads: 'typed', typedHeads: 'L9' }, 'Layer 9 does not exist; layers run from 0 to 5.'],
    ['a threshold', { threshold: 'fixed', fixedThreshold: 1.5 }, 'The threshold must be a number from 0 to 1.'],
    ['a limit', { limit: 0 }, 'The number of images must be a whole number from 1, or nothing for all.'],
  ]
  it.each(cases)('%s', (_, change, problem) => {
    expect(problemOf({ ...form, ...change }, facts)).toBe(problem)
  })

  it('nothing, where all is well', () => {
    expect(problemOf(form, facts)).toBeUndefined()
    expect(problemOf({ ...form, methods: ['rollout'], heads: 'typed' }, facts)).toBeUndefined()
  })

  it('masks and heads with the role must be there', () => {
    expect(problemOf(form, { ...facts, hasMasks: false })).toBe(
      'This data set has no ground truth: link its masks first.',
    )
    expect(problemOf({ ...form, heads: 'roles' }, { ...facts, roleHeads: [] })).toBe(
      'No head has one of the chosen roles.',
    )
  })
})
