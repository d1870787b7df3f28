/** Checks of texts while they are typed, pasted lines, and find and replace. */
import { describe, expect, it } from 'vitest'
import { type Search, previewOf } from '../../../../src/renderer/pool/find-replace.ts'
import { copiedRows, pastedRows } from '../../../../src/renderer/pool/pasted-rows.ts'
import { idsByNormalised, localProblems, normalised, tagsOf } from '../../../../src/renderer/pool/text-check.ts'
import { normalised as engineNormalised } from '../../../../src/engine/text-pool/pool-text.ts'

describe('a text that is typed', () => {
  const ids = idsByNormalised([
    { id: 1, text: 'a scene on water' },
    { id: 2, text: 'Café' },
  ])
  const check = (text: string, ownId?: number) => localProblems(text, ownId, ids, (id) => id * 10)

  it('is compared with the others after normalising, but not with itself', () => {
    expect(check('A  scene on WATER ')).toEqual(['Row 10 has the same text.', 'Has more than one space in a row.'])
    expect(check('cafe\u0301')).toEqual(['Row 20 has the same text.'])
    expect(check('a scene on water', 1)).toEqual([])
  })

  it('is looked at for odd characters and white space', () => {
    expect(check('a\u200Bb')).toEqual(['Has an odd character, U+200B.'])
    expect(check('a\uFFFD')).toEqual(['Has an odd character, U+FFFD.'])
    expect(check('a\u00A0b')).toEqual(['Has white space of an unusual kind.'])
    // Joiners hold an emoji together.
    expect(check('👩\u200D🔬 at work')).toEqual([])
    expect(check('   ')).toEqual([])
  })

  it.each(['Plain text', ' two  spaces ', 'Ünïcode', 'e\u0301', '\tTAB\t', '', 'İstanbul', 'a-b_c!'])(
    'is normalised as the engine does: %j',
    (text) => expect(normalised(text)).toBe(engineNormalised(text)),
  )

  it('has tags written with semicolons', () => {
    expect(tagsOf(' place; Weather ;place;; ')).toEqual(['place', 'Weather'])
  })
})

describe('pasted lines', () => {
  it('are rows: text, tags and source after tabs; empty lines are left out', () => {
    expect(pastedRows('a barn\tplace; object\tmy notes\r\n\r\n  a boat \n\tonly tags\nlast')).toEqual([
      { text: 'a barn', roles: ['place', 'object'], source: 'my notes' },
      { text: 'a boat', roles: [], source: '' },
      { text: 'last', roles: [], source: '' },
    ])
  })

  it('come back as they were copied', () => {
    const rows = [
      { text: 'a barn', roles: ['place', 'object'], source: 'notes' },
      { text: 'a boat', roles: [], source: '' },
    ]
    expect(copiedRows(rows)).toBe('a barn\tplace; object\tnotes\na boat')
    expect(pastedRows(copiedRows(rows))).toEqual(rows)
  })

  it('that a pool cannot take are refused with their line', () => {
    expect(() => pastedRows(`ok\n${'x'.repeat(2001)}`)).toThrow('Line 2 has 2001 characters; a text has at most 2000.')
    expect(() => pastedRows(`ok\t${'t'.repeat(61)}`)).toThrow(
      'Line 1 has a tag of 61 characters; a tag has at most 60.',
    )
  })
})

describe('find and replace', () => {
  const rows = [
    { id: 1, text: 'a photo of a cat' },
    { id: 2, text: 'A Photo, a photograph' },
    { id: 3, text: 'photo' },
  ]
  const search = (more: Partial<Search>): Search => ({
    find: 'photo',
    replace: 'picture',
    isCaseSensitive: false,
    isWholeWord: false,
    isRegularExpression: false,
    ...more,
  })

  it('shows what would become of which text', () => {
    const { matches, texts, replacements } = previewOf(rows, search({}))
    expect([matches, texts]).toEqual([4, 3])
    expect(replacements[1]).toEqual({ rowId: 2, before: rows[1]!.text, after: 'A picture, a picturegraph' })
  })

  it('minds case and whole words', () => {
    expect(previewOf(rows, search({ isCaseSensitive: true })).matches).toBe(3)
    expect(previewOf(rows, search({ isWholeWord: true })).replacements[1]!.after).toBe('A picture, a photograph')
    expect(previewOf([{ id: 1, text: 'Äpfel pf' }], search({ find: 'pf', isWholeWord: true })).matches).toBe(1)
  })

  it('takes groups in regular expressions, and signs as they are elsewhere', () => {
    const groups = search({ find: 'a (\\w+) of', replace: 'the $1 of', isRegularExpression: true })
    expect(previewOf(rows, groups).replacements[0]!.after).toBe('the photo of a cat')
    const plain = search({ find: 'cat', replace: '$& (x)' })
    expect(previewOf(rows, plain).replacements[0]!.after).toBe('a photo of a $& (x)')
    expect(previewOf([{ id: 1, text: 'a.b (c)' }], search({ find: '.b (', replace: '' })).replacements[0]!.after).toBe(
      'ac)',
    )
  })

  it('leaves texts alone that would be empty or too long', () => {
    expect(previewOf(rows, search({ replace: '' }))).toMatchObject({ refused: 1, texts: 3 })
    expect(previewOf(rows, search({ replace: 'x'.repeat(2001) }))).toMatchObject({ refused: 3, replacements: [] })
  })

  it('says what is wrong with an expression', () => {
    expect(() => previewOf(rows, search({ find: 'a (photo|', isRegularExpression: true }))).toThrow(
      '“a (photo|” is not a regular expression: Unterminated group.',
    )
    expect(() => previewOf(rows, search({ find: 'x*', isRegularExpression: true }))).toThrow(
      '“x*” fits the empty text; it must ask for at least one character.',
    )
    expect(previewOf(rows, search({ find: '' })).matches).toBe(0)
  })
})
