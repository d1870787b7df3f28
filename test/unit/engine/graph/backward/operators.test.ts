/** Every derivative of an operator against central differences of the operator in plain float64. */
import { describe, expect, it } from 'vitest'
import {
  activateBackward,
  layerNormBackward,
  linearBackward,
  projectionBackward,
  softmaxBackward,
  unitBackward,
} from '../../../../../src/engine/graph/backward/index.ts'
import { GraphBuilder, type Value } from '../../../../../src/engine/graph/index.ts'
import type { WeightRef } from '../../../../../src/engine/model/index.ts'
import { createSession, Tensor } from '../../../../../src/engine/runtime/session.ts'
import { activations, layerNorm, softmax } from '../../../../support/plain-tower.ts'
import { dot, unitOf } from '../../../../support/plain-vectors.ts'
import { randomValues } from '../../../../support/tiny-checkpoint.ts'

const width = 7
const row = Array.from(randomValues(width, 11), (value) => 3 * value)
const epsilon = 1e-5

/** d(gradient . f(x)) / dx, one component at a time. */
function differencesOf(f: (x: number[]) => number[], x: number[], gradient: ArrayLike<number>): number[] {
  const step = 1e-4
  const moved = (at: number, by: number) => dot(f(x.map((value, i) => (i === at ? value + by : value))), gradient)
  return x.map((_, at) => (moved(at, step) - moved(at, -step)) / (2 * step))
}

/** A weight of the graph's own rather than of a file. */
type Weights = Record<string, { data: Float32Array<ArrayBuffer>; shape: number[] }>

async function run(
  inputs: Weights,
  write: (g: GraphBuilder, value: (name: string) => Value, ref: (name: string) => WeightRef) => Value,
): Promise<number[]> {
  // Weights are looked up by key and come in as inputs here; nothing of a file is read.
  const g = new GraphBuilder('derivative', 'weights.safetensors')
  for (const [name, { shape }] of Object.entries(inputs)) g.input(name, 'float32', shape)
  g.external = (key) => key
  const ref = (name: string): WeightRef => ({
    key: name,
    elementType: 'float32',
    shape: inputs[name]!.shape,
    offset: 0,
    lengthBytes: 0,
  })
  g.output(
    'gradientIn',
    write(g, (name) => name, ref),
    'float32',
    [1, 'n'],
  )
  const session = await createSession(g.encode())
  const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [name, new Tensor('float32', data, shape)])
  const { gradientIn } = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>)
  await session.release()
  return Array.from(gradientIn!.data as Float32Array)
}

const vector = (values: ArrayLike<number>) => ({ data: Float32Array.from(values), shape: [1, values.length] })

function expectClose(found: number[], expected: number[]): void {
  expect(found).toHaveLength(expected.length)
  found.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(2e-6))
  // Zeros would agree with zeros.
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05)
}

describe('derivatives of operators', () => {
  const gradient = randomValues(width, 3)

  it.each(['gelu', 'quick-gelu'] as const)('%s, from -9 to 9', async (activation) => {
    const x = Array.from({ length: 37 }, (_, at) => (at - 18) / 2)
    const ones = x.map(() => 1)
    const found = await run({ x: vector(x), gradient: vector(ones) }, (g, value) =>
      activateBackward(g, value('x'), activation, value('gradient')),
    )
    expectClose(
      found,
      differencesOf((at) => at.map(activations[activation]), x, ones),
    )
  })

  it('softmax', async () => {
    const A = softmax(row)
    // A dy/dA is what it takes.
    const inputs = { A: vector(A), weighted: vector(A.map((share, i) => share * gradient[i]!)) }
    const found = await run(inputs, (g, value) => softmaxBackward(g, value('A'), value('weighted')))
    expectClose(found, differencesOf(softmax, row, gradient))
  })

  it('layer norm, also where a weight is 0', async () => {
    const [gamma, beta] = [randomValues(width, 8), randomValues(width, 9)]
    gamma[2] = 0
    const inputs = { x: vector(row), gamma: vector(gamma), beta: vector(beta), gradient: vector(gradient) }
    const found = await run(inputs, (g, value, ref) =>
      layerNormBackward(g, value('x'), { weight: ref('gamma'), bias: ref('beta') }, epsilon, value('gradient')),
    )
    expectClose(
      found,
      differencesOf((x) => layerNorm(x, gamma, beta, epsilon), row, gradient),
    )
  })

  it('a linear layer and both ways of storing a projection', async () => {
    const columns = 4
    const W = randomValues(columns * width, 21)
    const toOut = randomValues(columns, 22)
    const times = (x: number[]) =>
      Array.from({ length: columns }, (_, out) => dot(x, W.subarray(out * width, (out + 1) * width)))
    const expected = differencesOf(times, row, toOut)
    const transposed = Float32Array.from(W, (_, at) => W[(at % columns) * width + Math.floor(at / columns)]!)
    const inputs = {
      gradient: vector(toOut),
      W: { data: W, shape: [columns, width] },
      T: { data: transposed, shape: [width, columns] },
    }
    const affine = (ref: (name: string) => WeightRef) => ({ weight: ref('W'), bias: ref('W') })
    expectClose(await run(inputs, (g, value, ref) => linearBackward(g, value('gradient'), affine(ref))), expected)
    for (const [name, isTransposed] of [
      ['W', true],
      ['T', false],
    ] as const) {
      const found = await run(inputs, (g, value, ref) =>
        projectionBackward(g, value('gradient'), { weight: ref(name), isTransposed }),
      )
      expectClose(found, expected)
    }
  })

  it('division by the length', async () => {
    const inputs = { unit: vector(unitOf(row)), norm: vector([Math.hypot(...row)]), gradient: vector(gradient) }
    const found = await run(inputs, (g, value) => unitBackward(g, value('unit'), value('norm'), value('gradient')))
    expectClose(found, differencesOf(unitOf, row, gradient))
  })
})
