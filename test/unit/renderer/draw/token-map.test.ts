import { describe, expect, it } from 'vitest'
import { colored, enlarged, mapScale } from '../../../../src/renderer/draw/token-map.ts'

const grid = { gridRows: 2, gridColumns: 2, patches: [0, 1, 2, 3] }

describe('a token map', () => {
  it('is smooth between the centres of the patches, as align_corners = false has it', () => {
    expect(Array.from(enlarged({ gridRows: 1, gridColumns: 2, patches: [0, 1] }, 4, 1, 'bilinear'))).toEqual([
      0, 0.25, 0.75, 1,
    ])
    expect(Array.from(enlarged(grid, 4, 2, 'bilinear')).slice(4)).toEqual([2, 2.25, 2.75, 3])
  })

  it('shows patches as squares', () => {
    expect(Array.from(enlarged(grid, 4, 2, 'patches'))).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  })

  it('is centred on 0 where it is signed', () => {
    expect(mapScale([-1, 4], 'signed')).toMatchObject({ from: -4, to: 4 })
    expect(mapScale([-1, 4], 'sequential')).toMatchObject({ from: -1, to: 4 })
  })

  it('is coloured blue, grey and red, clearest at 0', () => {
    const scale = mapScale([-2, 0, 2], 'signed')
    expect(Array.from(colored(Float32Array.of(-2, 0, 2), scale, 'signed'))).toEqual([
      33, 102, 172, 255, 247, 247, 247, 51, 178, 24, 43, 255,
    ])
  })

  it('goes from dark to light, opaque, where it is sequential', () => {
    const scale = mapScale([1, 3], 'sequential')
    expect(Array.from(colored(Float32Array.of(1, 3), scale, 'sequential'))).toEqual([68, 1, 84, 255, 253, 231, 37, 255])
  })
})
