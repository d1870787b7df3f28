import { describe, expect, it } from 'vitest'
import { placeOfClass } from '../../../../src/engine/study/index.ts'

describe('the class that a data set says', () => {
  it.each([
    ['carp', 1],
    ['n01440764', 0],
    ['1', 1],
    ['2', null],
    ['-1', null],
    ['trout', null],
    [null, null],
    [undefined, null],
  ])('%s is class %s', (content, place) => {
    expect(placeOfClass(content, { classes: ['tench', 'carp'], ids: ['n01440764', 'n01443537'] })).toBe(place)
  })

  it('is a name before it is an id, and an id before it is a number', () => {
    expect(placeOfClass('1', { classes: ['0', '1', '2'], ids: ['1', '2', '0'] })).toBe(1)
    expect(placeOfClass('1', { classes: ['a', 'b', 'c'], ids: ['x', 'y', '1'] })).toBe(2)
    expect(placeOfClass('1', { classes: ['a', 'b'] })).toBe(1)
  })
})
