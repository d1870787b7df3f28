import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DraftRow } from '../../../../src/contract/pool.ts'
import { nearDuplicates, poolProblems } from '../../../../src/engine/text-pool/index.ts'
import { mendedText, textProblems } from '../../../../src/engine/text-pool/text-problems.ts'

const row = (id: number, text: string): DraftRow => ({
  id,
  position: id,
  text,
  roles: [],
  source: '',
  afterHeads: [],
  annotator: '',
  changedMs: 0,
})

describe('problems of a text', () => {
  it.each([
    ['a  lake', 'white-space', 'Has more than one space in a row.', 'a lake'],
    ['a\u00A0lake', 'white-space', 'Has white space of an unusual kind: U+00A0 no-break space.', 'a lake'],
    ['a\tlake\n', 'white-space', 'Has white space of an unusual kind: U+0009 tab, U+000A line break.', 'a lake'],
    [' a lake', 'white-space', 'Has white space at an end.', 'a lake'],
    ['a la\u200Bke', 'odd-characters', 'Has U+200B zero-width space.', 'a lake'],
    ['\uFEFFa \uE000lake', 'odd-characters', 'Has U+FEFF byte order mark, U+E000 private-use character.', 'a lake'],
    ['a\u0007 lake\u0007', 'odd-characters', 'Has U+0007 control character twice.', 'a lake'],
    ['caf\uFFFD', 'odd-characters', 'Has U+FFFD replacement character.', null],
    ['a \uD800 lake', 'odd-characters', 'Has U+D800 unpaired surrogate.', null],
    ['\u200B', 'odd-characters', 'Has U+200B zero-width space.', null],
  ])('%j: %s', (text, kind, message, mended) => {
    expect(textProblems(text)).toEqual([{ kind, message, mended, canMend: mended !== null || text === '\u200B' }])
  })

  it.each(['a lake', 'café', '👩‍🚀 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'می‌خواهم', '日本語', 'e\u0301', '❤️'])('%s has none', (text) => {
    expect(textProblems(text)).toEqual([])
  })

  it('counts characters', () => {
    expect(textProblems('x'.repeat(2000))).toEqual([])
    expect(textProblems('x'.repeat(2001))).toMatchObject([
      { kind: 'too-long', message: 'Has 2001 characters; a text has at most 2000.', canMend: false },
    ])
  })

  it('composes while it mends', () => {
    expect(textProblems('cafe\u0301  au lait')[0]!.mended).toBe('caf\u00E9 au lait')
  })

  it('takes out a joiner that belongs nowhere once its letter is composed', () => {
    expect(mendedText('e\u0301\u200D👩')).toBe('é👩')
    expect(mendedText('e\u200B\u0301\u200D👩')).toBe('é👩')
  })

  it('leaves nothing to mend behind', () => {
    const odd = fc.constantFrom(
      'a',
      'é',
      'e\u0301',
      ' ',
      '\t',
      '\u00A0',
      '\u200B',
      '\u200D',
      '\uE000',
      '\uFEFF',
      '👩',
      '\u3000',
    )
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 12 }), (parts) => {
        const mended = mendedText(parts.join(''))
        expect(mendedText(mended)).toBe(mended)
        expect(textProblems(mended)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('problems of a draft', () => {
  it('finds duplicates whatever their case, composition and white space', async () => {
    const rows = [row(7, 'A lake'), row(8, 'sand'), row(9, 'a  LAKE'), row(12, 'A lake')]
    const problems = await poolProblems(rows, undefined)
    const part = { kind: 'duplicate', otherRowId: 7, cosine: null, mended: null, canMend: true }
    expect(problems.filter(({ kind }) => kind === 'duplicate')).toEqual([
      { rowId: 9, message: 'Stands in row 1 already, written "A lake".', ...part },
      { rowId: 12, message: 'Stands in row 1 already.', ...part },
    ])
  })

  it('names near-duplicates and texts that the model cuts, among the embedded rows', async () => {
    const rows = [row(1, 'a lake'), row(2, 'not embedded'), row(3, 'a large lake'), row(4, 'A LAKE'), row(5, 'sand')]
    const at = (radians: number) => [Math.cos(radians), Math.sin(radians)]
    const embeddings = Float32Array.from([at(0), at(0.1), at(0), at(1.5)].flat())
    const embedded = { places: [0, 2, 3, 4], textIds: [1, 2, 3, 4], cutTokens: [0, 5, 0, 0], embeddings }
    const problems = await poolProblems(rows, { embedded, jointWidth: 2, contextLength: 32, cosineAbove: 0.97 })
    expect(problems.map(({ rowId, kind, message }) => [rowId, kind, message])).toEqual([
      [3, 'too-long', 'Has 37 tokens; the model takes 32 and leaves the rest out.'],
      [3, 'near-duplicate', 'Cosine 0.995 with row 1, "a lake".'],
      [4, 'duplicate', 'Stands in row 1 already, written "a lake".'],
    ])
    expect(problems[1]).toMatchObject({ otherRowId: 1, mended: null, canMend: false })
    expect(problems[1]!.cosine).toBeCloseTo(Math.cos(0.1), 6)
  })
})

describe('near-duplicates', () => {
  /** Unit rows around a common direction, every seventh near an earlier one. */
  function rowsOf(count: number, d: number): Float32Array {
    let state = 1
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32 - 0.5
    }
    const rows = new Float32Array(count * d)
    for (let at = 0; at < count; at++) {
      const isNear = at % 7 === 6
      const made = Float64Array.from({ length: d }, (_, k) =>
        isNear ? rows[(at - 5) * d + k]! + 0.2 * random() * Math.sqrt(1 / d) : random() + (k % 3 === 0 ? 0.3 : 0),
      )
      const length = Math.hypot(...made)
      for (let k = 0; k < d; k++) rows[at * d + k] = made[k]! / length
    }
    return rows
  }

  it.each([
    [300, 24, 0.97],
    [300, 256, 0.97],
    [300, 256, 0.55],
    [4200, 136, 0.9],
  ])('of %i rows of width %i above %f are those that all pairs give', async (count, d, above) => {
    const rows = rowsOf(count, d)
    const expected = bestOfAllPairs(rows, count, d, above)
    expect(expected.length).toBeGreaterThan(count / 8)
    expect(await nearDuplicates(rows, d, above)).toEqual(expected)
  })
})

function bestOfAllPairs(rows: Float32Array, count: number, d: number, above: number) {
  const found: { row: number; of: number; cosine: number }[] = []
  for (let row = 0; row < count; row++) {
    let best = above
    let of = -1
    for (let other = 0; other < row; other++) {
      let cosine = 0
      for (let k = 0; k < d; k++) cosine += rows[row * d + k]! * rows[other * d + k]!
      if (cosine > best) [best, of] = [cosine, other]
    }
    if (of >= 0) found.push({ row, of, cosine: best })
  }
  return found
}
