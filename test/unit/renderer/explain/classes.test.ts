import { describe, expect, it } from 'vitest'
import { classesOf } from '../../../../src/renderer/explain/classes.ts'

describe('classes of a column', () => {
  it('are its contents, without the empty one', () => {
    expect(classesOf(['boat', '', 'star'], '')).toEqual({
      names: ['boat', 'star'],
      isNumbered: false,
      problem: undefined,
    })
  })

  it('need two', () => {
    expect(classesOf(['boat', ' '], '').problem).toBe('At least 2 classes are needed; this column has 1.')
    expect(classesOf([], '').problem).toBe('At least 2 classes are needed; this column has 0.')
  })

  it('that are numbers need names, up to the highest number', () => {
    expect(classesOf(['0', '2'], 'owl, duck')).toEqual({
      names: ['owl', 'duck'],
      isNumbered: true,
      problem: 'This column has class numbers up to 2: type the 3 names, number 0 first; 2 are there.',
    })
    expect(classesOf(['1', '0'], ' owl ,duck, ')).toEqual({
      names: ['owl', 'duck'],
      isNumbered: true,
      problem: undefined,
    })
  })
})
