import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTexts, rolesOf, taggedPool, tagRoles } from '../../../resources/sample/source/tag-pool.ts'
import { readPool } from '../../../src/engine/text-pool/index.ts'
import { databaseFolder, sampleFolder } from '../../support/sample.ts'

const csvPath = join(sampleFolder, 'pool.csv')

it('pool.csv of the sample has the texts of pool.txt, in their order', () => {
  const { texts, warnings } = readPool(csvPath)
  expect(warnings).toEqual([])
  expect(texts.map(({ text }) => text)).toEqual(readPool(join(sampleFolder, 'pool.txt')).texts.map(({ text }) => text))
  expect(texts).toHaveLength(307)
})

it('pool.csv is what the rules make', () => {
  expect(readFileSync(csvPath, 'utf8')).toBe(taggedPool(readTexts()))
})

it('every text has a tag, and every tag is a role that a new workspace begins with', () => {
  const sql = readFileSync(join(databaseFolder, 'migrations', '0080-roles-and-labels.sql'), 'utf8')
  const defaults = [...sql.matchAll(/\('(\w+)', '#[0-9a-f]{6}'/g)].map(([, name]) => name!)
  expect(defaults).toHaveLength(12)
  const { texts } = readPool(csvPath)
  expect(texts.filter(({ roles }) => roles!.length === 0)).toEqual([])
  expect(new Set(texts.flatMap(({ roles }) => roles))).toEqual(new Set(tagRoles))
  expect(defaults).toEqual(expect.arrayContaining(tagRoles))
})

it.each([
  ['a big red car', ['object', 'color', 'position']],
  ['a scene at night', ['place', 'light']],
  ['three objects', ['count']],
  ['a duck on water', ['place', 'animals']],
  ['a purple heart', ['object', 'color', 'shape']],
  ['a glass of orange juice', ['object']],
])('"%s" speaks of %j', (text, roles) => {
  expect(rolesOf(text)).toEqual(roles)
})
