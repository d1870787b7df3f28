import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readGroups, starterPool, toCsv } from '../../../resources/pools/source/build-starter.ts'
import { readPool } from '../../../src/engine/text-pool/index.ts'
import { projectFolder } from '../../support/sample.ts'

const path = join(projectFolder, 'resources', 'pools', 'starter.csv')

describe('the starter pool', () => {
  it('is what the word lists make', () => {
    expect(readFileSync(path, 'utf8')).toBe(toCsv(starterPool(readGroups())))
  })

  it('holds about 1,500 texts, each once, each with a role', () => {
    const { texts, warnings } = readPool(path)
    expect(texts.length).toBeGreaterThan(1400)
    expect(texts.length).toBeLessThan(1600)
    expect(warnings).toEqual([])
    expect(texts.filter(({ role }) => !role)).toEqual([])
    expect(new Set(texts.map(({ role }) => role)).size).toBe(readGroups().length)
  })

  it('reads as English: the right article before a vowel, ASCII, no longer than a caption', () => {
    const vowel = /\ba (?!(one|uni|use|European)\w*)[aeiou]\w*/i
    const consonant = /\ban (?!(hour|honest|heir|X-ray)\w*)[^aeiou\W]\w*/i
    for (const { text } of readPool(path).texts) {
      expect(text).not.toMatch(vowel)
      expect(text).not.toMatch(consonant)
      expect(text).toMatch(/^[\x20-\x7e]+$/)
      expect(text.split(' ').length).toBeLessThanOrEqual(20)
    }
  })
})
