import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WordGroup } from '../../../resources/pools/source/build-starter.ts'
import {
  articleFor,
  readWordLists,
  starterPool,
  starterRoles,
  toCsv,
} from '../../../resources/pools/source/build-starter.ts'
import { readPool } from '../../../src/engine/text-pool/index.ts'
import { projectFolder } from '../../support/sample.ts'

const path = join(projectFolder, 'resources', 'pools', 'starter.csv')
const lists = readWordLists()
const rows = starterPool(lists)

function group(part: Partial<WordGroup>): WordGroup {
  return { role: 'place', templates: [], words: [], texts: [], ...part }
}

function textsWith(pattern: RegExp): string[] {
  return rows.map(({ text }) => text).filter((text) => pattern.test(text))
}

describe('the starter pool', () => {
  it('is what the word lists make', () => {
    expect(readFileSync(path, 'utf8')).toBe(toCsv(rows))
  })

  it('is read back whole, without a warning', () => {
    const { texts, warnings } = readPool(path)
    expect(warnings).toEqual([])
    expect(texts.map(({ text, roles }) => ({ text, role: roles?.join('; ') }))).toEqual(rows)
  })

  it('holds about 1,500 texts, each once', () => {
    expect(rows.length).toBeGreaterThanOrEqual(1480)
    expect(rows.length).toBeLessThanOrEqual(1560)
    expect(new Set(rows.map(({ text }) => text.toLowerCase().replace(/\s+/g, ' ').trim())).size).toBe(rows.length)
  })

  it('uses every role and no other', () => {
    expect([...new Set(rows.map(({ role }) => role))].sort()).toEqual([...starterRoles].sort())
  })

  it('has at least a third of sentences written one by one', () => {
    const written = lists.groups.reduce((sum, { texts }) => sum + texts.length, 0)
    expect(written / rows.length).toBeGreaterThan(1 / 3)
  })

  it('reads as captions: ASCII, a capital or a digit first, no full stop, at most 20 words, closed-up spaces', () => {
    expect(rows.map(({ text }) => text).filter((text) => !/^[A-Z0-9][\x20-\x7e]*[^\s.]$/.test(text))).toEqual([])
    expect(
      rows.map(({ text }) => text).filter((text) => text.split(' ').length > 20 || / {2}|\{|\}/.test(text)),
    ).toEqual([])
  })

  it('has "an" before a vowel sound and "a" before any other', () => {
    // A rule of its own rather than articleFor, and over the handwritten sentences too.
    const spokenLetter = '[AEFHILMNORSX](?=-|\\b)'
    expect(
      textsWith(new RegExp(`\\b[Aa] (?!(?:[Oo]ne|[Uu]ni|[Uu]se|[Ee]u)|U-)(?:[AEIOUaeiou]|${spokenLetter})`)),
    ).toEqual([])
    expect(textsWith(new RegExp(`\\b[Aa]n (?!(?:hour|honest|heir)|${spokenLetter})[^AEIOUaeiou]`))).toEqual([])
  })
})

describe('the generator', () => {
  it('gives the words of a group its templates in turn, then its sentences', () => {
    const made = starterPool({
      groups: [group({ templates: ['A {}', 'Inside a {}'], words: ['attic', 'igloo', 'barn'], texts: ['A red door'] })],
    })
    expect(made.map(({ text }) => text)).toEqual(['An attic', 'Inside an igloo', 'A barn', 'A red door'])
  })

  it.each([
    ['apple', 'an'],
    ['barn', 'a'],
    ['hourglass', 'an'],
    ['house', 'a'],
    ['unicycle', 'a'],
    ['uninhabited island', 'an'],
    ['umbrella', 'an'],
    ['used car', 'a'],
    ['European town', 'a'],
    ['one-way street', 'a'],
    ['onion', 'an'],
    ['L-shaped room', 'an'],
    ['U-shaped object', 'a'],
    ['X-ray', 'an'],
    ['8-sided die', 'an'],
    ['80-year-old tree', 'an'],
    ['18th-century house', 'an'],
    ['180-degree view', 'a'],
    ['3D rendering', 'a'],
  ])('says "%s" after "%s"', (word, article) => {
    expect(articleFor(word)).toBe(article)
  })

  it('quotes a text with a comma or a quotation mark', () => {
    expect(toCsv([{ text: 'A sign with "open", in red', role: 'letters' }])).toBe(
      'text,role\n"A sign with ""open"", in red",letters\n',
    )
  })

  it('refuses a text that stands there twice, and a template without one place for the word', () => {
    expect(() => starterPool({ groups: [group({ texts: ['A red door', 'a  Red door'] })] })).toThrow(
      'Every text must stand in the lists once; "a  Red door" (place) does twice.',
    )
    expect(() => starterPool({ groups: [group({ templates: ['A {} and a {}'], words: ['cat'] })] })).toThrow(
      'A template of "place" must have one {}; got "A {} and a {}".',
    )
    expect(() => starterPool({ groups: [group({ words: ['cat'] })] })).toThrow(
      'A template of "place" must have one {}; got "no template".',
    )
  })
})
