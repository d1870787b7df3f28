/** A head's scores, principal directions and residuals from compact coordinates, against its terms written out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageFilter } from '../../../../src/contract/data-set.ts'
import { headEffects } from '../../../../src/engine/decompose/index.ts'
import {
  headCorrelations,
  headMemory,
  openHead,
  principalDirection,
  residualLengths,
  residualOf,
  scoresAlong,
  textDirection,
} from '../../../../src/engine/head/index.ts'
import { readMoments } from '../../../../src/engine/store/index.ts'
import { type MadeUpRun, madeUpImages, madeUpRun } from '../../../support/made-up-run.ts'
import { centredRows, crossTrace, dot, meanOf, principalRows, unitOf, without } from '../../../support/plain-vectors.ts'
import { largestDifference, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let made: MadeUpRun
beforeAll(() => {
  place = temporaryFolder()
  made = madeUpRun(place.folder)
})
afterAll(() => {
  made.close()
  place.remove()
})

const [layer, head] = [1, 2]
const open = (filter: ImageFilter = {}, memory = headMemory()) => {
  const { db, run, shape, bases } = made
  return openHead({ db, run, shape, layer, head, memory }, filter, async () => bases)
}
const even = (_: unknown, at: number) => at % 2 === 0
const filters: [string, ImageFilter, (row: unknown, at: number) => boolean][] = [
  ['all images', {}, () => true],
  ['images that fit a filter', { label: 'even' }, even],
]

describe.each(filters)('over %s', (_, filter, isIn) => {
  const rows = () => made.terms(layer, head).filter(isIn)

  it('scores along a text are r . t', async () => {
    const text = Float32Array.from(unitOf([...made.random(12)]))
    const data = await open(filter)
    const direction = textDirection(data, text)
    const { ordinals, scores } = scoresAlong(data, direction)
    const expected = rows().map((row) => dot(row, text))
    expect([...ordinals]).toEqual([...Array(madeUpImages).keys()].filter((at) => isIn(undefined, at)))
    expect(largestDifference(scores, expected)).toBeLessThan(1e-12)
    const centred = centredRows(rows())
    expect(direction.mean).toBeCloseTo(dot(meanOf(rows()), text), 12)
    const variance = centred.reduce((sum, row) => sum + dot(row, text) ** 2, 0) / centred.length
    expect(direction.standardDeviation).toBeCloseTo(Math.sqrt(variance), 12)
    expect(direction.share).toBeCloseTo(variance / crossTrace(centred, centred), 10)
  })

  it.each([0, 1, 2])('principal direction %i is that of the terms, skewed to the positive side', async (index) => {
    const data = await open(filter)
    const direction = principalDirection(data, index)!
    const { scores } = scoresAlong(data, direction)
    const centred = centredRows(rows())
    const u = principalRows(centred, index + 1)[index]!
    const plain = centred.map((row) => dot(row, u))
    const sign = Math.sign(plain.reduce((sum, score) => sum + score ** 3, 0))
    expect(
      largestDifference(
        scores,
        plain.map((score) => sign * score),
      ),
    ).toBeLessThan(1e-9)
    expect(direction.mean).toBe(0)
    expect(direction.share).toBeCloseTo(dot(plain, plain) / plain.length / crossTrace(centred, centred), 10)
  })

  it('a residual is what sequential removal of the projected texts leaves', async () => {
    const texts = 3
    const embeddings = Float32Array.from(Array.from({ length: texts }, () => unitOf([...made.random(12)])).flat())
    const data = await open(filter)
    const described = await open()
    const residual = await residualOf(data, { moment: described.moment, rank: 80 }, embeddings)
    const { scores } = residualLengths(data, residual)
    let left = centredRows(rows())
    const total = crossTrace(left, left)
    const { bases, size } = described.space
    const basis = Array.from({ length: size }, (_, i) => [...bases.subarray(i * 12, (i + 1) * 12)])
    const directions: number[][] = []
    for (let t = 0; t < texts; t++) {
      const text = embeddings.subarray(t * 12, (t + 1) * 12)
      const shares = basis.map((row) => dot(row, text))
      let rest = [...text].map((_, k) => shares.reduce((sum, share, i) => sum + share * basis[i]![k]!, 0))
      for (const u of directions) rest = without(rest, u)
      const u = unitOf(rest)
      directions.push(u)
      left = left.map((row) => without(row, u))
    }
    const expected = left.map((row) => Math.sqrt(dot(row, row)))
    expect(largestDifference(scores, expected)).toBeLessThan(1e-7)
    expect(residual.share).toBeCloseTo(crossTrace(left, left) / total, 6)
  })
})

describe('a head in memory', () => {
  it('is not read again, and gives the same', async () => {
    const memory = headMemory()
    const first = await open({}, memory)
    const text = Float32Array.from(unitOf([...made.random(12)]))
    const scores = scoresAlong(first, textDirection(first, text)).scores
    const { db, run, shape } = made
    const second = await openHead({ db, run, shape, layer, head, memory }, {}, async () => {
      throw new Error('The bases must not be asked for again.')
    })
    expect(second.blocks()[Symbol.iterator]().next().value!.attended).toBe(
      first.blocks()[Symbol.iterator]().next().value!.attended,
    )
    expect(scoresAlong(second, textDirection(second, text)).scores).toEqual(scores)
  })

  it('varies along as many directions as its coordinates have, and no more', async () => {
    const data = await open()
    expect(principalDirection(data, 6)).toBeDefined()
    expect(principalDirection(data, 7)).toBeUndefined()
  })

  it('over no image is refused in words', async () => {
    await expect(open({ label: 'none' })).rejects.toThrow(
      'The filter {"label":"none"} must leave at least one image of the run; it leaves none.',
    )
  })
})

describe('all heads', () => {
  it('do as much as the trace of the covariance of their terms', async () => {
    const effects = await headEffects(readMoments(made.db, made.run.id), made.bases, made.shape)
    expect(effects.map(({ layer, head }) => [layer, head])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ])
    for (const effect of effects) {
      const centred = centredRows(made.terms(effect.layer, effect.head))
      expect(effect.variance / crossTrace(centred, centred)).toBeCloseTo(1, 10)
    }
  })

  it.each([512, 20])('correlate as their terms do over at most %i images', async (limit) => {
    const { images, heads, correlations } = await headCorrelations(made.db, made.run, made.bases, made.shape, limit)
    expect([images, heads]).toEqual([Math.min(limit, madeUpImages), 6])
    const chosen = Array.from({ length: images }, (_, at) => Math.floor((at * madeUpImages) / images))
    const centred = [0, 1].flatMap((l) =>
      [0, 1, 2].map((h) => {
        const terms = made.terms(l, h)
        return centredRows(chosen.map((at) => terms[at]!))
      }),
    )
    const expected = centred.flatMap((a) =>
      centred.map((b) => crossTrace(a, b) / Math.sqrt(crossTrace(a, a) * crossTrace(b, b))),
    )
    expect(largestDifference(correlations, expected)).toBeLessThan(1e-6)
  })
})
