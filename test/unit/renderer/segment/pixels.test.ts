import { describe, expect, it } from 'vitest'
import {
  paintFalseColors,
  paintMask,
  countPixels,
  outlinePath,
  scoresOf,
  statisticsOf,
} from '../../../../src/renderer/segment/pixels.ts'
import { legendOf, nextOverlay } from '../../../../src/renderer/segment/overlays.ts'

/** 2 x 2: found, taken, missed, background. */
const map = Float32Array.of(0.9, 0.8, 0.1, 0)
const truth = Uint8Array.of(1, 0, 1, 0)

describe('counting pixels', () => {
  it('knows the four kinds', () => {
    expect(countPixels(map, truth, 0.5)).toEqual({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      trueNegatives: 1,
    })
  })

  it('takes what lies above the threshold, not what lies on it', () => {
    const half = Float32Array.of(0.5, 0.5, 0.75, 0.25)
    expect(countPixels(half, truth, 0.5)).toMatchObject({ truePositives: 1, falsePositives: 0 })
    expect(countPixels(half, truth, 0.25)).toMatchObject({ truePositives: 2, falsePositives: 1 })
  })

  it('makes background of a constant map at its mean', () => {
    const nothing = new Float32Array(4)
    expect(countPixels(nothing, truth, 0)).toEqual({
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 2,
      trueNegatives: 2,
    })
    expect(statisticsOf(nothing, 0)).toEqual({ min: 0, max: 0, mean: 0, shareAbove: 0, isConstant: true })
  })
})

describe('scores from counts', () => {
  it('gives accuracy, IoU of both classes and the point of the curve', () => {
    expect(scoresOf({ truePositives: 3, falsePositives: 1, falseNegatives: 2, trueNegatives: 4 })).toEqual({
      pixelAccuracy: 0.7,
      foregroundIou: 0.5,
      backgroundIou: 4 / 7,
      iou: (0.5 + 4 / 7) / 2,
      precision: 0.75,
      recall: 0.6,
    })
  })

  it('counts a class that is neither predicted nor there as found', () => {
    const empty = scoresOf({ truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 9 })
    expect(empty).toMatchObject({ foregroundIou: 1, backgroundIou: 1, precision: 1, recall: 1 })
  })

  it('gives 0 to a class that is only predicted', () => {
    const wrong = scoresOf({ truePositives: 0, falsePositives: 3, falseNegatives: 0, trueNegatives: 6 })
    expect(wrong).toMatchObject({ foregroundIou: 0, precision: 0, recall: 1 })
  })
})

it('describes a map', () => {
  const { min, max, mean, shareAbove, isConstant } = statisticsOf(map, 0.5)
  expect(min).toBe(0)
  expect(max).toBeCloseTo(0.9, 6)
  expect(mean).toBeCloseTo(0.45, 6)
  expect(shareAbove).toBe(0.5)
  expect(isConstant).toBe(false)
})

describe('painting', () => {
  it('gives each kind its colour and leaves background clear', () => {
    const pixels = [...paintFalseColors(map, truth, 0.5)]
    expect(pixels.slice(0, 4)).toEqual([0x0f, 0x8b, 0x8d, 255])
    expect(pixels.slice(4, 8)).toEqual([0xe0, 0x82, 0x14, 255])
    expect(pixels.slice(8, 12)).toEqual([0x7b, 0x32, 0x94, 255])
    expect(pixels.slice(12)).toEqual([0, 0, 0, 0])
  })

  it('says nothing of right and wrong without ground truth', () => {
    const pixels = [...paintMask(map, 0.5)]
    expect(pixels.slice(0, 4)).toEqual(pixels.slice(4, 8))
    expect(pixels.slice(8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('has a legend whose shares add up', () => {
    const keys = legendOf(countPixels(map, truth, 0.5))
    expect(keys.map(({ title, share }) => [title, share])).toEqual([
      ['found', 0.25],
      ['background taken', 0.25],
      ['missed', 0.25],
      ['background', 0.25],
    ])
  })

  it('goes round the overlays', () => {
    expect([nextOverlay('colors'), nextOverlay('heat'), nextOverlay('none')]).toEqual(['heat', 'none', 'colors'])
  })
})

describe('the edge of a mask', () => {
  it('is four lines around a rectangle', () => {
    // 3 x 3 with the two right pixels of the upper row
    const mask = [0, 1, 1, 0, 0, 0, 0, 0, 0]
    const lines = outlinePath(mask, 3)
      .match(/M\d+ \d+[HV]\d+/g)!
      .sort()
    expect(lines).toEqual(['M1 0H3', 'M1 0V1', 'M1 1H3', 'M3 0V1'])
  })

  it('goes around a hole', () => {
    const ring = [1, 1, 1, 1, 0, 1, 1, 1, 1]
    expect(outlinePath(ring, 3).match(/M/g)).toHaveLength(8)
  })

  it('is nothing for an empty mask', () => {
    expect(outlinePath(new Uint8Array(9), 3)).toBe('')
  })
})
