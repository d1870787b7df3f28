import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffPools, formatPool, normalised, parsePool } from '../../../../src/engine/text-pool/index.ts'
import { poolHash } from '../../../../src/engine/text-pool/pool-text.ts'

const title = { pool: 'words', version: 3, hash: 'f'.repeat(64) }
const part = fc.constantFrom(
  'a lake',
  '=1+1',
  '-x',
  '@y',
  '"',
  ',',
  ';',
  '\n',
  '\r\n',
  "'",
  'é',
  '👩‍🚀',
  '  ',
  '\t',
  'null',
  '#',
)
const text = fc
  .oneof(
    fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme' }),
  )
  .map((made) => made.trim())
  .filter((made) => made !== '' && !made.includes('\0'))
const tag = fc.constantFrom('place', 'weather', 'old "tag"', 'a, b')
const row = fc.record({
  text,
  roles: fc.uniqueArray(tag, { maxLength: 3 }),
  source: fc.oneof(fc.constant(''), text),
  afterHeads: fc.uniqueArray(fc.constantFrom('L5.H2', 'L4.H0'), { maxLength: 2 }),
})
const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 8, selector: (made) => normalised(made.text) })

describe('pools as files', () => {
  it.each(['csv', 'json'] as const)('are read back from .%s as they were', (format) => {
    fc.assert(
      fc.property(rows, (made) => {
        const read = parsePool(formatPool(made, format, title), `a.${format}`)
        expect(read.warnings).toEqual([])
        expect(
          read.texts.map(({ text, roles, source, afterHeads = [] }) => ({ text, roles, source, afterHeads })),
        ).toEqual(made)
      }),
      { numRuns: 300 },
    )
  })

  it('hold the texts alone as .txt, one a line', () => {
    const made = [
      { text: 'a lake', roles: ['place'], source: 'x', afterHeads: [] },
      { text: 'two\nlines', roles: [], source: '', afterHeads: [] },
    ]
    expect(formatPool(made, 'txt', title)).toBe('a lake\ntwo lines\n')
  })

  it('leave cells of CSV without a mark against formulas, which would become part of the text', () => {
    const made = [{ text: '=1+1', roles: ['place', 'weather'], source: 'a, b', afterHeads: [] }]
    expect(formatPool(made, 'csv', title)).toBe('text,role,source\n=1+1,place; weather,"a, b"\n')
  })

  it('say in .json which version they are', () => {
    const made = [{ text: 'a lake', roles: [], source: '', afterHeads: [] }]
    expect(JSON.parse(formatPool(made, 'json', title))).toEqual({ ...title, texts: made })
  })

  it('may name their roles in one column or in a list', () => {
    const roles = (content: string, name: string) => parsePool(content, name).texts[0]!.roles
    expect(roles('text,roles\na lake,place; Weather;place\n', 'a.csv')).toEqual(['place', 'Weather'])
    expect(roles('[{"text": "a lake", "role": "place; weather"}]', 'a.json')).toEqual(['place', 'weather'])
    expect(roles('[{"text": "a lake", "roles": ["place", "weather"]}]', 'a.json')).toEqual(['place', 'weather'])
    expect(roles('[{"text": "a lake", "role": null}]', 'a.json')).toBeUndefined()
    expect(roles('text\na lake\n', 'a.csv')).toBeUndefined()
  })

  it('have the hash of their texts and roles, as ever', () => {
    const hashOf = (content: string) =>
      poolHash(parsePool(content, 'a.csv').texts.map(({ text, roles = [] }) => ({ text, roles })))
    // echo -n '["a lake","place"]["sand",null]' | sha256sum
    expect(hashOf('text,role\na lake,place\nsand,\n')).toBe(
      '1a47714e3eebd9225d0f8aa3b3cef3a2fe78ed8fe273b8434d1ce7d0cb8200c7',
    )
    expect(hashOf('text,role,source\na lake,place,a walk\nsand,,\n')).toBe(hashOf('text,role\na lake,place\nsand,\n'))
  })
})

describe('a diff of pools', () => {
  const poolText = (id: number, ordinal: number, roles: string[] = [], source = '') => ({
    id,
    ordinal,
    text: `text ${id}`,
    roles,
    source,
    afterHeads: [],
    line: ordinal + 1,
  })

  it('tells what came, what went and whose notes are other', () => {
    const from = [poolText(1, 0), poolText(2, 1, ['place']), poolText(3, 2, [], 'a walk'), poolText(4, 3)]
    const to = [poolText(4, 0), poolText(2, 1, ['color']), poolText(3, 2), poolText(5, 3)]
    expect(diffPools(from, to)).toEqual({
      added: [to[3]],
      removed: [from[0]],
      changed: [
        { before: from[1], after: to[1] },
        { before: from[2], after: to[2] },
      ],
      unchanged: 1,
    })
  })
})
