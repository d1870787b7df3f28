/** The closed form of TEXTSPAN against Algorithm 1 written out on full matrices. */
import { describe, expect, it } from 'vitest'
import { blockMoment } from '../../../../src/engine/decompose/index.ts'
import { describeLayer, directionsOf, pickTexts } from '../../../../src/engine/text-span/index.ts'
import { randomUniform } from '../../../bench/make-checkpoint.ts'

/** Algorithm 1 as the paper states it, without a trick: X [n, d] and R [t, d] are rewritten at every step. */
function writtenOut(X: number[][], R: number[][], count: number): { texts: number[]; explained: number[] } {
  const n = X.length
  const mean = X[0]!.map((_, k) => X.reduce((sum, row) => sum + row[k]!, 0) / n)
  let terms = X.map((row) => row.map((value, k) => value - mean[k]!))
  let texts = R.map((row) => [...row])
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
  const total = terms.reduce((sum, row) => sum + dot(row, row), 0)
  const picked: number[] = []
  const explained: number[] = []
  for (let step = 0; step < count; step++) {
    const variances = texts.map((text) => terms.reduce((sum, row) => sum + dot(row, text) ** 2, 0))
    const best = variances.indexOf(Math.max(...variances))
    const length = Math.sqrt(dot(texts[best]!, texts[best]!))
    const u = texts[best]!.map((value) => value / length)
    const without = (row: number[]) => row.map((value, k) => value - dot(row, u) * u[k]!)
    terms = terms.map(without)
    texts = texts.map(without)
    picked.push(best)
    explained.push(1 - terms.reduce((sum, row) => sum + dot(row, row), 0) / total)
  }
  return { texts: picked, explained }
}

describe('TEXTSPAN from moments', () => {
  it('picks what Algorithm 1 picks on the full matrices', async () => {
    const next = randomUniform(11)
    const normal = () => next() + next() + next() + next() - 2
    const [rows, headWidth, d, count] = [60, 5, 24, 6]
    const shape = { heads: 1, headWidth }
    const q = headWidth + 3
    const matrices = Float64Array.from({ length: q * d }, normal)
    const attended = Float32Array.from({ length: rows * headWidth }, (_, at) => normal() / (1 + (at % headWidth)) + 0.3)
    const scalars = Float32Array.from({ length: rows * 3 }, (_, at) => [0.1 * next(), 1 + next(), 5 + next()][at % 3]!)
    const texts = Float32Array.from({ length: 40 * d }, normal)
    const moment = blockMoment(0, attended, scalars, shape)
    const { heads, space } = await describeLayer(
      moment,
      matrices,
      shape,
      { embeddings: texts, count: 40, width: d },
      { texts: count, rank: 80 },
    )
    const X = Array.from({ length: rows }, (_, row) => {
      const [mean, scale, norm] = scalars.subarray(row * 3, row * 3 + 3) as unknown as [number, number, number]
      const f = [...attended.subarray(row * headWidth, (row + 1) * headWidth)].map((value) => value / (scale * norm))
      f.push(1 / (scale * norm), mean / (scale * norm), 1 / norm)
      return Array.from({ length: d }, (_, k) => f.reduce((sum, value, i) => sum + value * matrices[i * d + k]!, 0))
    })
    // Texts are projected onto the row space first (step 1).
    const basis = Array.from({ length: space.ranks[0]! }, (_, i) => [...space.bases.subarray(i * d, (i + 1) * d)])
    const projected = Array.from({ length: 40 }, (_, t) => {
      const text = [...texts.subarray(t * d, (t + 1) * d)]
      const shares = basis.map((row) => row.reduce((sum, value, k) => sum + value * text[k]!, 0))
      return text.map((_, k) => shares.reduce((sum, share, i) => sum + share * basis[i]![k]!, 0))
    })
    const expected = writtenOut(X, projected, count)
    expect(heads[0]!.picks.map(({ text }) => text)).toEqual(expected.texts)
    heads[0]!.picks.forEach(({ explained }, at) => expect(explained).toBeCloseTo(expected.explained[at]!, 6))
    const gram = basis.map((a) => basis.map((b) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)))
    gram.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 1 : 0, 9)))
  })

  /** One head whose basis is the coordinate axes. */
  const pick = async (texts: number[][], spread: number[], count: number) => {
    const size = spread.length
    const covariances = new Float64Array(size * size)
    spread.forEach((value, i) => (covariances[i * size + i] = value))
    const columns = Float32Array.from(spread.flatMap((_, i) => texts.map((row) => row[i]!)))
    const variances = [spread.reduce((a, b) => a + b)]
    const layer = {
      texts: { data: columns, shape: [1, size, texts.length] as [number, number, number] },
      ranks: [size],
      covariances,
      variances,
    }
    return (await pickTexts(layer, count))[0]!
  }

  it('gives a tie to the lowest index, with a margin of nothing', async () => {
    const { picks } = await pick(
      [
        [0, 1],
        [1, 0],
        [1, 0],
        [0, 2],
      ],
      [3, 1],
      2,
    )
    expect(picks.map(({ text }) => text)).toEqual([3, 1])
    expect(picks[0]!.margin).toBeCloseTo(0.25, 12)
    const tied = await pick(
      [
        [1, 0],
        [1, 0],
      ],
      [3, 1],
      1,
    )
    expect(tied.picks[0]).toMatchObject({ text: 0, margin: 0, explained: 0.75 })
  })

  it('stops when the texts span no more or nothing is left to explain', async () => {
    expect(
      (
        await pick(
          [
            [1, 0, 0],
            [2, 0, 0],
          ],
          [3, 2, 1],
          3,
        )
      ).picks,
    ).toHaveLength(1)
    expect(
      (
        await pick(
          [
            [1, 0],
            [0, 1],
          ],
          [3, 0],
          2,
        )
      ).picks.map(({ text }) => text),
    ).toEqual([0])
  })

  it('decides in float64 between texts that float32 products cannot tell apart', async () => {
    // The second is longer by 1e-5; after the first step both are known only through sums with a drift.
    const close = 1 + 1e-5
    const { picks } = await pick(
      [
        [5, 0.1, 0.2],
        [0, 1, 0],
        [0, close, 0],
      ],
      [10, 1, 0.5],
      2,
    )
    expect(picks.map(({ text }) => text)).toEqual([0, 2])
    expect(picks[1]!.margin).toBeGreaterThan(1.9e-5)
    expect(picks[1]!.margin).toBeLessThan(2.1e-5)
  })

  it('finds the directions of a known sequence again', async () => {
    const texts = [
      [1, 1],
      [1, -0.5],
    ]
    const { directions, picks } = await pick(texts, [3, 1], 2)
    const ordered = Float32Array.from(picks.flatMap(({ text }) => texts[text]!))
    directionsOf(ordered, 2).forEach((value, at) => expect(value).toBeCloseTo(directions[at]!, 12))
  })
})
