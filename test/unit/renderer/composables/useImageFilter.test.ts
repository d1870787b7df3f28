import { describe, expect, it } from 'vitest'
import { filterOfQuery, isUnfiltered, queryOfFilter } from '../../../../src/renderer/composables/useImageFilter.ts'

describe('a filter in the address', () => {
  it('is there again', () => {
    const filter = { label: 'owl', split: 'test', path: 'img/0', attributes: { place: 'sea', label: '', 'by.x': 'y' } }
    const query = queryOfFilter(filter)
    expect(query).toEqual({
      label: 'owl',
      split: 'test',
      path: 'img/0',
      'by.place': 'sea',
      'by.label': '',
      'by.by.x': 'y',
    })
    expect(filterOfQuery(query as Record<string, string>)).toEqual(filter)
  })

  it('leaves out empty parts and what is no filter', () => {
    expect(filterOfQuery({ label: '', path: '', data: '3', run: '1', split: ['a', 'b'] })).toEqual({})
    expect(queryOfFilter({ label: undefined })).toEqual({})
    expect(isUnfiltered({ attributes: {} })).toBe(true)
    expect(isUnfiltered({ attributes: { place: '' } })).toBe(false)
  })
})
