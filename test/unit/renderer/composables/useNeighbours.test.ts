import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findNeighbours, type ReadPage } from '../../../../src/renderer/composables/useNeighbours.ts'

/** A filtered list: only some ordinals are in it. */
function listOf(ordinals: number[]): { read: ReadPage; reads: () => number } {
  let reads = 0
  const images = ordinals.map((ordinal) => ({
    id: 100 + ordinal,
    ordinal,
    path: `${ordinal}.jpg`,
    label: null,
    split: null,
  }))
  return {
    read: async (offset, limit) => {
      reads++
      return { total: images.length, images: images.slice(offset, offset + limit) }
    },
    reads: () => reads,
  }
}

describe('the neighbours of an image', () => {
  it('are found at once where the guess is right', async () => {
    const { read, reads } = listOf([2, 5, 7, 11])
    expect(await findNeighbours(read, 7, 2)).toMatchObject({
      place: 2,
      total: 4,
      before: { ordinal: 5 },
      after: { ordinal: 11 },
    })
    expect(reads()).toBe(1)
  })

  it('are none at the ends', async () => {
    const { read } = listOf([2, 5, 7])
    expect(await findNeighbours(read, 2, 0)).toMatchObject({ place: 0, before: undefined, after: { ordinal: 5 } })
    expect(await findNeighbours(read, 7, 0)).toMatchObject({ place: 2, before: { ordinal: 5 }, after: undefined })
  })

  it('are those between which it lies when the filter leaves it out', async () => {
    const { read } = listOf([2, 5, 7])
    expect(await findNeighbours(read, 6, 0)).toMatchObject({
      place: undefined,
      total: 3,
      before: { ordinal: 5 },
      after: { ordinal: 7 },
    })
    const empty = await findNeighbours(listOf([]).read, 6, 0)
    expect(empty).toEqual({ place: undefined, total: 0, before: undefined, after: undefined })
  })

  it('are right in any list, from any guess', async () => {
    const lists = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(lists, fc.nat(60), fc.nat(200), async (unsorted, guess, ordinal) => {
        const ordinals = unsorted.sort((a, b) => a - b)
        const found = await findNeighbours(listOf(ordinals).read, ordinal, guess)
        const place = ordinals.indexOf(ordinal)
        expect(found.place).toBe(place < 0 ? undefined : place)
        expect(found.before?.ordinal).toBe(ordinals.findLast((other) => other < ordinal))
        expect(found.after?.ordinal).toBe(ordinals.find((other) => other > ordinal))
      }),
    )
  })
})
