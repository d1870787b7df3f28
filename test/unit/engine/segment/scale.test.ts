/** Enlarging and scaling patch grids. */
import { describe, expect, it } from 'vitest'
import { scaledMap } from '../../../../src/engine/segment/map-maker.ts'
import { upsample } from '../../../../src/engine/segment/upsample.ts'

describe('enlarging', () => {
  it('gives the numbers of torch.nn.functional.interpolate, bilinear, align_corners=False', () => {
    // interpolate(tensor([[[[1., 2.], [3., 4.]]]]), size=4)
    expect(Array.from(upsample([1, 2, 3, 4], 2, 2, 4))).toEqual([
      ...[1, 1.25, 1.75, 2],
      ...[1.5, 1.75, 2.25, 2.5],
      ...[2.5, 2.75, 3.25, 3.5],
      ...[3, 3.25, 3.75, 4],
    ])
  })

  it('takes rows apart from columns, and one patch for all pixels', () => {
    expect(Array.from(upsample([0, 6], 1, 2, 3))).toEqual([0, 3, 6, 0, 3, 6, 0, 3, 6])
    expect(Array.from(upsample([0, 6], 2, 1, 3))).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6])
    expect(Array.from(upsample([5], 1, 1, 2))).toEqual([5, 5, 5, 5])
  })

  it('leaves a grid of the size it has', () => {
    expect(Array.from(upsample([1, -2, 3, 7], 2, 2, 2))).toEqual([1, -2, 3, 7])
  })
})

describe('scaling', () => {
  it('clips at 0 after enlarging, not before', () => {
    // Between -1 and 1 the enlarged map crosses 0 halfway; clipped first it would be above 0 there.
    const { map, isConstant, mean } = scaledMap([-1, 1], 1, 2, 4)
    expect(Array.from(map.subarray(0, 4))).toEqual([0, 0, 0.5, 1])
    expect(isConstant).toBe(false)
    expect(mean).toBe(0.375)
  })

  it('shifts the lowest value to 0 where all are above it', () => {
    expect(Array.from(scaledMap([2, 4, 3, 6], 2, 2, 2).map)).toEqual([0, 0.5, 0.25, 1])
  })

  it.each([
    ['equal values', [3, 3, 3, 3]],
    ['nothing above 0', [-3, -1, -2, 0]],
    ['values that are no numbers', [Number.NaN, 1, 2, 3]],
  ])('tells a constant map: %s', (_, patches) => {
    expect(scaledMap(patches, 2, 2, 2)).toEqual({ map: new Float32Array(4), isConstant: true, mean: 0 })
  })
})
