import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPool } from '../../../../src/engine/text-pool/index.ts'
import { poolHash } from '../../../../src/engine/text-pool/pool-text.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

function pool(name: string, content: string | Uint8Array): string {
  const path = join(place.folder, name)
  writeFileSync(path, content)
  return path
}

describe('readPool', () => {
  it('reads the same texts from .txt, .csv and .json', () => {
    const texts = [
      { text: 'a red duck', roles: undefined },
      { text: 'two, or three, keys', roles: undefined },
    ]
    const txt = readPool(pool('a.txt', 'a red duck\r\n\r\n  two, or three, keys  \n'))
    const csv = readPool(pool('a.csv', 'text\na red duck\n"two, or three, keys"\n'))
    const json = readPool(pool('a.json', JSON.stringify({ texts: ['a red duck', { text: 'two, or three, keys' }] })))
    for (const read of [txt, csv, json]) expect(read.texts.map(({ text, roles }) => ({ text, roles }))).toEqual(texts)
    expect(txt.texts.map(({ line }) => line)).toEqual([1, 3])
  })

  it('keeps roles, which belong to the identity of the pool', () => {
    const tagged = readPool(pool('c.csv', 'text,role\na red duck,color\n'))
    expect(tagged.texts[0]).toMatchObject({ text: 'a red duck', roles: ['color'] })
    expect(poolHash([{ text: 'a red duck', roles: ['color'] }])).not.toBe(poolHash([{ text: 'a red duck', roles: [] }]))
  })

  it('leaves out texts that a tokenizer cannot tell apart, and says which', () => {
    const { texts, warnings } = readPool(pool('d.txt', 'A red duck\na  RED duck\ntwo keys\na red duck\n'))
    expect(texts.map(({ text }) => text)).toEqual(['A red duck', 'two keys'])
    expect(warnings).toEqual([
      { line: 2, text: 'a  RED duck', reason: 'stands in line 1 already; left out' },
      { line: 4, text: 'a red duck', reason: 'stands in line 1 already; left out' },
    ])
  })

  it.each([
    ['none.txt', undefined, /^There is no file ".*none\.txt"\.$/],
    ['e.txt', '\n \n', '"e.txt" must hold at least one text; it has none.'],
    ['e.md', 'a', 'A pool is a .txt, .csv or .json file; "e.md" is none of them.'],
    ['e.csv', 'words\na duck\n', '"e.csv" must have a column "text"; its columns are "words".'],
    ['e.json', '{"texts": 3}', '"e.json" must be a list of texts, or of objects with "text" and "role".'],
    ['f.json', '[', '"f.json" must be JSON; it cannot be parsed.'],
    ['g.txt', Uint8Array.of(0xff, 0xfe, 0x41), '"g.txt" must be UTF-8 text; it is not.'],
  ] as const)('refuses %s', (name, content, message) => {
    const path = content === undefined ? join(place.folder, name) : pool(name, content)
    expect(() => readPool(path)).toThrow(message)
  })
})
