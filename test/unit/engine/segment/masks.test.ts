import { describe, expect, it } from 'vitest'
import { maskOfImage } from '../../../../src/engine/segment/export/original-size.ts'
import { type Mask, maskForModel, nearestPixels, valuesInWords } from '../../../../src/engine/segment/truth/mask.ts'
import { addPolygonInPlace } from '../../../../src/engine/segment/truth/polygon.ts'
import { addRleInPlace, compressCounts, encodeRle, expandCounts } from '../../../../src/engine/segment/truth/rle.ts'
import { seededRandom } from '../../../../src/engine/segment/score/random.ts'

const maskOf = (...rows: string[]): Mask => ({
  widthPx: rows[0]!.length,
  heightPx: rows.length,
  foreground: Uint8Array.from(rows.join(''), Number),
})
const rowsOf = ({ widthPx, heightPx, foreground }: Mask) =>
  Array.from({ length: heightPx }, (_, y) => foreground.slice(y * widthPx, (y + 1) * widthPx).join(''))
const blank = (widthPx: number, heightPx: number): Mask => ({
  ...{ widthPx, heightPx },
  foreground: new Uint8Array(widthPx * heightPx),
})
/** Spots of several sizes, so that runs are long and short. */
function randomMask(seed: number): Mask {
  const random = seededRandom(seed)
  const mask = blank(1 + Math.floor(random() * 70), 1 + Math.floor(random() * 70))
  const coarseness = 1 + Math.floor(random() * 9)
  const spots = Uint8Array.from({ length: 8000 }, () => (random() < 0.4 ? 1 : 0))
  for (let y = 0; y < mask.heightPx; y++) {
    for (let x = 0; x < mask.widthPx; x++) {
      const spot = Math.floor(y / coarseness) * 71 + Math.floor(x / coarseness)
      mask.foreground[y * mask.widthPx + x] = spots[spot]!
    }
  }
  return mask
}

describe('run lengths', () => {
  it('go column by column and begin with background', () => {
    expect(encodeRle(maskOf('011', '010'))).toEqual({ size: [2, 3], counts: [2, 3, 1] })
    expect(encodeRle(maskOf('10', '10'))).toEqual({ size: [2, 2], counts: [0, 2, 2] })
    expect(encodeRle(blank(3, 2))).toEqual({ size: [2, 3], counts: [6] })
  })

  it('are packed as cocoapi packs them', () => {
    // The first pair is in pycocotools' own tests; 100000 is 0, 21, 1 and 3 in groups of five bits.
    expect(compressCounts([6, 1, 40, 4, 5, 4, 5, 4, 21])).toBe('61X13mN000`0')
    expect(compressCounts([0])).toBe('0')
    expect(compressCounts([100000])).toBe('PeQ3')
    expect(expandCounts('61X13mN000`0', 'it')).toEqual([6, 1, 40, 4, 5, 4, 5, 4, 21])
  })

  it('come back as they were, whatever the mask', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const mask = randomMask(seed)
      const { size, counts } = encodeRle(mask)
      expect(expandCounts(compressCounts(counts), 'it')).toEqual(counts)
      const back = blank(mask.widthPx, mask.heightPx)
      addRleInPlace(back, { size, counts }, 'it')
      expect(back, `seed ${seed}`).toEqual(mask)
    }
  })

  it('that do not fit are refused', () => {
    const add = (counts: number[]) => () => addRleInPlace(blank(3, 2), { size: [2, 3], counts }, 'the mask of "a.png"')
    expect(add([2, 3])).toThrow('The runs of the mask of "a.png" must add up to its 6 pixels; they add up to 5.')
    expect(add([2, 5])).toThrow('The runs of the mask of "a.png" must add up to its 6 pixels; they add up to 7.')
    expect(add([8, -2])).toThrow('The runs of the mask of "a.png" must add up to its 6 pixels; they add up to 6.')
    expect(() => expandCounts('6!', 'the mask of "a.png"')).toThrow(
      'The counts of the mask of "a.png" must be compressed as by COCO; they have "!" at 1.',
    )
    expect(() => expandCounts('6X', 'the mask of "a.png"')).toThrow(
      'The counts of the mask of "a.png" must be compressed as by COCO; they have the end of the text.',
    )
  })
})

describe('polygons', () => {
  it('fill the pixels whose centres are inside', () => {
    const square = blank(6, 6)
    addPolygonInPlace(square, [1, 1, 1, 4, 4, 4, 4, 1])
    expect(rowsOf(square)).toEqual(['000000', '011100', '011100', '011100', '000000', '000000'])
    const triangle = blank(5, 4)
    addPolygonInPlace(triangle, [0, 0, 4, 4, 0, 4])
    expect(rowsOf(triangle)).toEqual(['10000', '11000', '11100', '11110'])
  })

  it('fill the same whichever way round and wherever they begin, and stop at the border', () => {
    const [one, other] = [blank(6, 6), blank(6, 6)]
    addPolygonInPlace(one, [-3, 2, 3, 2, 3, 9, -3, 9])
    addPolygonInPlace(other, [3, 9, 3, 2, -3, 2, -3, 9])
    expect(one).toEqual(other)
    expect(rowsOf(one)).toEqual(['000000', '000000', '111000', '111000', '111000', '111000'])
  })
})

describe('masks at the size of the input', () => {
  it('take the pixel under the centre, as PIL does', () => {
    expect([...nearestPixels(10, 4)]).toEqual([1, 3, 6, 8])
    expect([...nearestPixels(3, 6)]).toEqual([0, 0, 1, 1, 2, 2])
    for (let seed = 1; seed < 300; seed++) {
      const [from, to] = [1 + ((seed * 37) % 700), 1 + ((seed * 53) % 336)]
      for (const [at, pixel] of nearestPixels(from, to).entries()) {
        const centre = ((at + 0.5) * from) / to
        // On a border between two pixels rounding decides.
        if (Math.abs(centre - Math.round(centre)) > 1e-9) expect(pixel).toBe(Math.floor(centre))
      }
    }
  })

  it('are squashed as published, and cropped like the image when aligned', () => {
    const wide = maskOf('10000001', '10000001')
    expect([...maskForModel(wide, 2, 'as-published')]).toEqual([0, 0, 0, 0])
    expect([...maskForModel(maskOf('11110000', '11110000'), 2, 'as-published')]).toEqual([1, 0, 1, 0])
    // 8 x 2 stays at 8 x 2 and loses three columns on each side.
    expect([...maskForModel(maskOf('11110000', '11110000'), 2, 'aligned')]).toEqual([1, 0, 1, 0])
    expect([...maskForModel(wide, 2, 'aligned')]).toEqual([0, 0, 0, 0])
    expect([...maskForModel(maskOf('00010000', '00001000'), 2, 'aligned')]).toEqual([1, 0, 0, 1])
  })

  it('are the same in both protocols where the image has the size of the input, and hold 0 and 1 alone', () => {
    for (let seed = 1; seed < 60; seed++) {
      const mask = randomMask(seed)
      const squashed = maskForModel(mask, 32, 'as-published')
      const aligned = maskForModel(mask, 32, 'aligned')
      expect([...squashed, ...aligned].every((pixel) => pixel === 0 || pixel === 1)).toBe(true)
      if (mask.widthPx === mask.heightPx) expect(aligned).toEqual(squashed)
    }
    const own = maskOf('0110', '1001', '1111', '0000')
    expect([...maskForModel(own, 4, 'aligned')]).toEqual([...own.foreground])
    expect([...maskForModel(own, 4, 'as-published')]).toEqual([...own.foreground])
  })

  it('go back to the size of the image, with background where the crop left out', () => {
    const seen = Uint8Array.of(1, 0, 0, 1)
    expect(rowsOf(maskOfImage(seen, 2, { widthPx: 8, heightPx: 2 }))).toEqual(['00010000', '00001000'])
    expect(rowsOf(maskOfImage(seen, 2, { widthPx: 4, heightPx: 4 }))).toEqual(['1100', '1100', '0011', '0011'])
  })
})

describe('values in words', () => {
  it('are sorted, and many are counted', () => {
    expect(valuesInWords([7])).toBe('7')
    expect(valuesInWords([7, 2])).toBe('2 and 7')
    expect(valuesInWords([3, 10, 2])).toBe('2, 3 and 10')
    expect(valuesInWords([9, 8, 7, 6, 5, 4, 3])).toBe('3, 4, 5, 6, 7 and 2 more')
  })
})
