/** What is kept with a TEXTSPAN result, against the terms written out, from float16 as from float32. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { histogramOf, keepExtremes } from '../../../../src/engine/head/index.ts'
import { readKeptDirection, readMoments } from '../../../../src/engine/store/index.ts'
import { momentsOf } from '../../../../src/engine/terms/index.ts'
import { insertedTextSpan, type MadeUpRun, madeUpImages, madeUpRun } from '../../../support/made-up-run.ts'
import { centredRows, crossTrace, dot, orderOf, principalRows, unitOf } from '../../../support/plain-vectors.ts'
import { largestDifference, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let made: MadeUpRun
beforeEach(() => {
  place = temporaryFolder()
})
afterEach(() => {
  made.close()
  place.remove()
})

describe.each(['float32', 'float16'] as const)('images kept from %s', (store) => {
  it('are those at both ends of every text and principal direction', async () => {
    made = madeUpRun(place.folder, store)
    const { db, run, shape, bases, terms } = made
    const textSpanId = insertedTextSpan(made)
    const texts = new Map([0, 1, 2].map((head) => [head, [unitOf([...made.random(12)]), unitOf([...made.random(12)])]]))
    const heads = [...texts].map(([head, rows]) => ({ layer: 1, head, texts: Float32Array.from(rows.flat()) }))
    const moments = new Map([[1, readMoments(db, run.id)[1]!]])
    const shares: number[] = []
    const plan = { db, run, shape, bases, textSpanId, filter: {}, moments, heads }
    await keepExtremes(plan, { onShare: (share) => shares.push(share) })
    expect(shares.at(-1)).toBe(1)
    for (const [head, [, text]] of texts) {
      const expected = terms(1, head).map((row) => dot(row, Float32Array.from(text!)))
      const kept = readKeptDirection(db, textSpanId, 1, head, 'text:1')!
      expect(kept.images).toBe(madeUpImages)
      const order = orderOf(expected)
      expect(kept.highest.map(({ ordinal }) => ordinal)).toEqual(order.slice(0, 24))
      expect(kept.lowest.map(({ ordinal }) => ordinal)).toEqual(order.toReversed().slice(0, 24))
      const scores = kept.highest.map(({ score }) => score)
      expect(
        largestDifference(
          scores,
          [...expected].sort((a, b) => b - a),
          24,
        ),
      ).toBeLessThan(1e-7)
      expect(kept.histogram.from).toBe(kept.lowest[0]!.score)
      expect(kept.histogram.to).toBe(kept.highest[0]!.score)
      expect([...kept.histogram.counts]).toEqual([...histogramOf(expected).counts])
      const centred = centredRows(terms(1, head))
      const variance = centred.reduce((sum, row) => sum + dot(row, text!) ** 2, 0) / madeUpImages
      expect(kept.share).toBeCloseTo(variance / crossTrace(centred, centred), 6)
      expect(kept.standardDeviation).toBeCloseTo(Math.sqrt(variance), 6)
      const [strongest] = principalRows(centred, 1)
      const plain = centred.map((row) => dot(row, strongest!))
      const sign = Math.sign(plain.reduce((sum, score) => sum + score ** 3, 0))
      const principal = readKeptDirection(db, textSpanId, 1, head, 'principal:0')!
      const signed = plain.map((score) => sign * score)
      expect(principal.highest.map(({ ordinal }) => ordinal)).toEqual(orderOf(signed).slice(0, 24))
      expect(principal.lowest.map(({ ordinal }) => ordinal)).toEqual(orderOf(signed).toReversed().slice(0, 24))
      expect([...principal.histogram.counts]).toEqual([...histogramOf(signed).counts])
      expect(principal.mean).toBe(0)
    }
    expect(readKeptDirection(db, textSpanId, 1, 0, 'principal:2')).toBeDefined()
    expect(readKeptDirection(db, textSpanId, 1, 0, 'principal:3')).toBeUndefined()
    expect(readKeptDirection(db, textSpanId, 1, 0, 'text:2')).toBeUndefined()
    expect(readKeptDirection(db, textSpanId, 0, 0, 'text:0')).toBeUndefined()
  })
})

it('are kept over the images of the filter alone', async () => {
  made = madeUpRun(place.folder)
  const { db, run, shape, bases, terms } = made
  const textSpanId = insertedTextSpan(made, '{"label":"odd"}')
  const text = unitOf([...made.random(12)])
  const filter = { label: 'odd' }
  const moments = momentsOf(db, run, [0], filter, shape)
  const heads = [{ layer: 0, head: 1, texts: Float32Array.from(text) }]
  await keepExtremes({ db, run, shape, bases, textSpanId, filter, moments, heads })
  const kept = readKeptDirection(db, textSpanId, 0, 1, 'text:0')!
  const scores = terms(0, 1).map((row, at) => (at % 2 === 1 ? dot(row, text) : -Infinity))
  expect(kept.images).toBe(25)
  expect(kept.highest.map(({ ordinal }) => ordinal)).toEqual(orderOf(scores).slice(0, 24))
  expect(readKeptDirection(db, textSpanId, 0, 0, 'principal:0')!.images).toBe(25)
})

it('stop where they are cancelled, with whole layers kept', async () => {
  made = madeUpRun(place.folder)
  const { db, run, shape, bases } = made
  const textSpanId = insertedTextSpan(made)
  const abort = new AbortController()
  const moments = new Map(readMoments(db, run.id).map((moment) => [moment.layer, moment]))
  const stopped = keepExtremes(
    { db, run, shape, bases, textSpanId, filter: {}, moments, heads: [] },
    { signal: abort.signal, onShare: (share) => share === 1 && abort.abort(new Error('stop')) },
  )
  await expect(stopped).rejects.toThrow('stop')
  expect(readKeptDirection(db, textSpanId, 0, 2, 'principal:0')).toBeDefined()
  expect(readKeptDirection(db, textSpanId, 1, 0, 'principal:0')).toBeUndefined()
})

it('are let go when their result is dropped in the meantime', async () => {
  made = madeUpRun(place.folder)
  const { db, run, shape, bases } = made
  const textSpanId = insertedTextSpan(made)
  const moments = new Map(readMoments(db, run.id).map((moment) => [moment.layer, moment]))
  await keepExtremes(
    { db, run, shape, bases, textSpanId, filter: {}, moments, heads: [] },
    { onShare: () => db.prepare('DELETE FROM text_span WHERE id = ?').run(textSpanId) },
  )
  expect(db.prepare('SELECT count(*) FROM text_span_image').pluck().get()).toBe(0)
})
