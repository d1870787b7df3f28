/** Which images a filter leaves. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageFilter } from '../../../../src/contract/data-set.ts'
import {
  createDatabase,
  filteredOrdinals,
  imageAttributes,
  imagesByOrdinal,
  insertDataSet,
  type OpenDatabase,
  pageOfImages,
  readMigrations,
} from '../../../../src/engine/store/index.ts'
import { filterKey, isWhole } from '../../../../src/engine/terms/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let opened: OpenDatabase
let dataSetId: number
const paths = ['duck/0001.jpg', 'Duck/100%_sure.jpg', 'owl/a_b.jpg', 'owl/aXb.jpg', 'Übung/1.jpg', 'back\\slash.jpg']
beforeAll(() => {
  place = temporaryFolder()
  opened = createDatabase(join(place.folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
  const hash = '0'.repeat(64)
  const images = paths.map((path, at) => ({
    path,
    label: at < 2 ? 'duck' : 'owl',
    split: null,
    sizeBytes: 1,
    modifiedMs: 0,
    attributes: { light: at % 2 === 0 ? 'day' : 'night' } as Record<string, string>,
  }))
  const base = { name: 'birds', kind: 'folder', root: '.', hash, addedMs: 0 } as const
  dataSetId = insertDataSet(opened.db, { ...base, columns: ['light'], problems: [], images })
})
afterAll(() => {
  opened.close()
  place.remove()
})

describe('a filter', () => {
  it.each<[string, ImageFilter, number[]]>([
    ['part of the path, whatever its case', { path: 'DUCK' }, [0, 1]],
    ['letters beyond a to z too', { path: 'übung' }, [4]],
    ['signs of LIKE as they are', { path: '_b' }, [2]],
    ['a percent sign as it is', { path: '0%' }, [1]],
    ['a backslash as it is', { path: 'k\\s' }, [5]],
    ['every part at once', { path: 'd', label: 'duck', attributes: { light: 'night' } }, [1]],
    ['nothing', {}, [0, 1, 2, 3, 4, 5]],
  ])('takes %s', (_, filter, expected) => {
    expect(filteredOrdinals(opened.db, dataSetId, filter)).toEqual(expected)
    expect(pageOfImages(opened.db, dataSetId, filter, 0, 1).total).toBe(expected.length)
  })

  it('is whole only when it has no part', () => {
    expect([{}, { attributes: {} }].map(isWhole)).toEqual([true, true])
    const parts: ImageFilter[] = [{ path: 'a' }, { label: 'a' }, { split: 'a' }, { attributes: { a: 'b' } }]
    expect(parts.map(isWhole)).toEqual([false, false, false, false])
  })

  it('has one key whatever the order of its parts', () => {
    expect(filterKey({ split: 'test', attributes: { a: '1', b: '2' } })).toBe(
      filterKey({ attributes: { b: '2', a: '1' }, split: 'test' }),
    )
    expect(filterKey({})).toBe(filterKey({ attributes: {} }))
    expect(new Set([{ label: 'a' }, { split: 'a' }, { path: 'a' }, {}].map(filterKey)).size).toBe(4)
  })
})

describe('images', () => {
  it('are found by their places, in the order that was asked', () => {
    expect(imagesByOrdinal(opened.db, dataSetId, [3, 0]).map(({ path }) => path)).toEqual([paths[3], paths[0]])
  })

  it('have their attributes by name', () => {
    const [image] = imagesByOrdinal(opened.db, dataSetId, [1])
    expect(imageAttributes(opened.db, image!.id)).toEqual({ light: 'night' })
  })
})
