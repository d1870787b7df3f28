import { describe, expect, it } from 'vitest'
import type { Run } from '../../../../src/contract/run.ts'
import { decomposeWords, exactnessWords } from '../../../../src/renderer/draw/data-words.ts'
import { stepTo } from '../../../../src/renderer/draw/grid-steps.ts'

const run = (change: Partial<Run> = {}): Run =>
  ({
    id: 3,
    modelId: 1,
    state: 'open',
    store: 'float16',
    provider: 'cpu',
    hasClassToClass: true,
    images: 200,
    skipped: 20,
    total: 720,
    certificate: { computedError: 2e-7, storedError: 8e-5, tolerance: 1e-4, isExact: true },
    ...change,
  }) as Run
const choice = { modelId: 1, provider: 'cpu', store: 'float16', classToClass: true }

describe('what decomposing will do', () => {
  it('goes on with an unfinished run of the same settings', () => {
    expect(decomposeWords([run()], 720, choice)).toBe('Run 3 goes on: 500 of 720 images are left.')
    expect(decomposeWords([run()], 720, { ...choice, provider: 'auto' })).toBe(
      'Run 3 goes on if CPU is chosen again: 500 of 720 images are left.',
    )
  })

  it('has nothing left to do where the run is complete', () => {
    expect(decomposeWords([run({ state: 'complete', images: 720, skipped: 0 })], 720, choice)).toBe(
      'Run 3 has all 720 images already: nothing is left to do.',
    )
  })

  it.each([
    ['another model', { modelId: 2 }],
    ['another store', { store: 'float32' }],
    ['another provider', { provider: 'cuda' }],
    ['no class-to-class', { classToClass: false }],
  ])('makes a new run with %s', (_, change) => {
    expect(decomposeWords([run()], 720, { ...choice, ...change })).toBe('A new run over 720 images.')
  })

  it('does not go on with a run that was refused', () => {
    expect(decomposeWords([run({ state: 'not-exact' })], 720, choice)).toBe('A new run over 720 images.')
  })
})

describe('the exactness of a model’s runs', () => {
  it('is that of the worst', () => {
    const worse = run({ certificate: { computedError: 9e-7, storedError: 1e-4, tolerance: 1e-4, isExact: true } })
    expect(exactnessWords([run(), worse])).toBe('2 runs, exact to 9e-7')
    expect(exactnessWords([])).toBe('no run yet')
    expect(exactnessWords([run({ certificate: null })])).toBe('1 run')
    expect(exactnessWords([run(), run({ state: 'not-exact' })])).toBe('2 runs, 1 refused as not exact')
  })
})

describe('a step in a grid of 10 images, 4 a row, 2 rows in sight', () => {
  const shape = { total: 10, columns: 4, rowsInSight: 2 }
  it.each([
    ['ArrowRight', -1, 0],
    ['ArrowRight', 9, 9],
    ['ArrowLeft', 4, 3],
    ['ArrowDown', -1, 0],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 7, 9],
    ['ArrowUp', 5, 1],
    ['ArrowUp', 2, 2],
    ['PageDown', 0, 4],
    ['PageUp', 9, 5],
    ['Home', 7, 0],
    ['End', 0, 9],
    ['x', 3, undefined],
    ['toString', 3, undefined],
  ])('%s from %s leads to %s', (key, at, to) => expect(stepTo(key, at, shape)).toBe(to))
})
