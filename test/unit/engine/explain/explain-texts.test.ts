/** The sum over heads, tokens and MLPs against spec 2 written out term by term in the joint space. */
import { describe, expect, it } from 'vitest'
import { type Bases, headMatrix } from '../../../../src/engine/decompose/index.ts'
import { explainTexts, type ImagePass, tokenScores } from '../../../../src/engine/explain/index.ts'
import { multiply } from '../../../../src/engine/math/symmetric.ts'
import { randomUniform } from '../../../bench/make-checkpoint.ts'
import { dot, unitOf } from '../../../support/plain-vectors.ts'
import { largestDifference } from '../../../support/sample.ts'

const shape = { layers: 2, heads: 3, headWidth: 4, tokens: 5, jointWidth: 6 }
const { layers, heads, headWidth, tokens, jointWidth: d } = shape
const next = randomUniform(3)
const random = (count: number) => Float32Array.from({ length: count }, () => 2 * next() - 1)
const bases: Bases = {
  layers: [0, 1],
  A: new Map([0, 1].map((layer) => [layer, random(heads * headWidth * d)])),
  B: new Map([0, 1].map((layer) => [layer, random(d)])),
  G: random(d),
  E: random(d),
  initial: random(d),
}
const T = 2 * layers + 1

function passOf(): ImagePass {
  const values = new Map([0, 1].map((layer) => [layer, random(heads * tokens * headWidth)]))
  const pass = { values, mlp: random(layers * d), mean: Math.fround(0.1), scale: 1.5, norm: 7 }
  const whole = Array.from({ length: d }, () => 0)
  for (const row of [...attention(pass), ...mlps(pass)]) row.forEach((value, k) => (whole[k]! += value))
  return { ...pass, representation: Float32Array.from(whole) }
}

type Parts = Omit<ImagePass, 'representation'>

/** r[l,n,h] = ((c - mu/(T k)) / sigma gamma + beta/(T k)) P / |rep| with k = N H, in the order [L, H, N]. */
function attention({ values, mean, scale, norm }: Parts): number[][] {
  const k = tokens * heads
  const rows: number[][] = []
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      for (let token = 0; token < tokens; token++) {
        const from = (head * tokens + token) * headWidth
        const v = values.get(layer)!.subarray(from, from + headWidth)
        rows.push(
          Array.from({ length: d }, (_, j) => {
            const column = Array.from(v, (_, i) => bases.A.get(layer)![(head * headWidth + i) * d + j]!)
            const c = dot(v, column) + bases.B.get(layer)![j]! / k
            return ((c - (bases.G[j]! * mean) / (T * k)) / scale + bases.E[j]! / (T * k)) / norm
          }),
        )
      }
    }
  }
  return rows
}

function mlps({ mlp, mean, scale, norm }: Parts): number[][] {
  return Array.from({ length: layers + 1 }, (_, term) => {
    const own = term === 0 ? bases.initial : mlp.subarray((term - 1) * d, term * d)
    return Array.from(own, (value, j) => ((value - (bases.G[j]! * mean) / T) / scale + bases.E[j]! / T) / norm)
  })
}

describe('the score of a text', () => {
  it('is the sum of its parts, each as the formula gives it', async () => {
    const pass = passOf()
    const texts = [unitOf([...random(d)]), unitOf([...random(d)])]
    const explained = await explainTexts(pass, bases, Float32Array.from(texts.flat()), shape)
    expect(explained.byToken).toHaveLength(2 * layers * heads * tokens)
    texts.forEach((text, k) => {
      const byToken = attention(pass).map((row) => dot(row, text))
      const ofMlps = mlps(pass).map((row) => dot(row, text))
      const [tokensAt, mlpsAt] = [k * byToken.length, k * ofMlps.length]
      expect(largestDifference(explained.byToken.subarray(tokensAt), byToken, byToken.length)).toBeLessThan(1e-7)
      expect(largestDifference(explained.mlps.subarray(mlpsAt), ofMlps, ofMlps.length)).toBeLessThan(1e-7)
      expect(explained.scores[k]).toBeCloseTo(dot(pass.representation, text), 6)
      expect(Math.abs(explained.residuals[k]!)).toBeLessThan(1e-6)
    })
  })

  it('shows in the residual what the parts miss', async () => {
    const pass = passOf()
    const text = Float32Array.from(unitOf([...random(d)]))
    pass.representation = pass.representation.map((value, k) => value + 0.25 * text[k]!)
    const { residuals } = await explainTexts(pass, bases, text, shape)
    expect(residuals[0]).toBeCloseTo(-0.25, 5)
  })

  it('of one head and token is the same from its coordinates', async () => {
    const pass = passOf()
    const text = Float32Array.from(unitOf([...random(d)]))
    const { byToken } = await explainTexts(pass, bases, text, shape)
    const [layer, head] = [1, 2]
    const weights = multiply(headMatrix(bases, layer, head, shape), new Float64Array(text), headWidth + 3, d, 1)
    const size = tokens * headWidth
    const scores = tokenScores(pass.values.get(layer)!.subarray(head * size, (head + 1) * size), pass, weights)
    const from = (layer * heads + head) * tokens
    expect(largestDifference(scores, byToken.subarray(from, from + tokens))).toBeLessThan(1e-7)
  })
})
