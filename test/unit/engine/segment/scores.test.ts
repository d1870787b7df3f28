import { describe, expect, it } from 'vitest'
import { scoresByClass, scoresByOutcome } from '../../../../src/engine/segment/score/outcomes.ts'
import { binValues, countPixels, precisionRecall, scoreMap } from '../../../../src/engine/segment/score/pixels.ts'
import { seededRandom } from '../../../../src/engine/segment/score/random.ts'
import { measuresOf, setScores } from '../../../../src/engine/segment/score/set-scores.ts'

const counts = (truePositives: number, falsePositives: number, falseNegatives: number, trueNegatives: number) => ({
  ...{ truePositives, falsePositives, falseNegatives, trueNegatives },
})

describe('pixels of one image', () => {
  const map = Float32Array.of(0, 0.2, 0.5, 1)
  const truth = Uint8Array.of(0, 1, 0, 1)

  it('are foreground above the threshold', () => {
    expect(countPixels(map, truth, 0.425)).toEqual(counts(1, 1, 1, 1))
    expect(countPixels(map, truth, 0.5)).toEqual(counts(1, 0, 1, 2))
    expect(countPixels(map, truth, 1)).toEqual(counts(0, 0, 2, 2))
  })

  it('are held against the map’s own mean unless a threshold is chosen', () => {
    const scaled = { map, isConstant: false, mean: 0.425 }
    expect(scoreMap(scaled, truth, undefined)).toMatchObject(counts(1, 1, 1, 1))
    expect(scoreMap(scaled, truth, 0.1)).toMatchObject(counts(2, 1, 0, 1))
  })

  it('of a constant map are background, and both classes score alike', () => {
    const scored = scoreMap({ map: new Float32Array(4), isConstant: true, mean: 0 }, truth, undefined)
    expect(scored).toMatchObject({ ...counts(0, 0, 2, 2), averagePrecision: 0.5 })
  })

  it('give a curve whose points are the scores at those thresholds', () => {
    const random = seededRandom(5)
    const values = Float32Array.from({ length: 4000 }, (_, at) =>
      at % 3 === 0 ? Math.floor(random() * 101) / 100 : random(),
    )
    const mask = Uint8Array.from(values, (value) => (random() < value ? 1 : 0))
    const { precision, recall } = precisionRecall(binValues(values, mask))
    expect([precision.length, recall.length]).toEqual([101, 101])
    for (let at = 0; at <= 100; at++) {
      const { truePositives, falsePositives, falseNegatives } = countPixels(values, mask, (100 - at) / 100)
      const found = truePositives + falsePositives
      expect(precision[at]).toBeCloseTo(found === 0 ? 1 : truePositives / found, 6)
      expect(recall[at]).toBeCloseTo(truePositives / (truePositives + falseNegatives), 6)
    }
  })

  it('of an empty mask leave nothing to recall', () => {
    const { precision, recall } = precisionRecall(binValues(map, new Uint8Array(4)))
    expect([precision[0], precision[100], recall[0], recall[100]]).toEqual([1, 0, 1, 1])
  })
})

describe('scores over a set', () => {
  it('add up pixels, and average the precision over images', () => {
    const scores = setScores([
      { ...counts(1, 1, 1, 1), averagePrecision: 0.5 },
      { ...counts(3, 0, 1, 4), averagePrecision: 1 },
    ])!
    expect(scores).toMatchObject({ images: 2, meanAp: 0.75 })
    expect(scores.pixelAccuracy).toBeCloseTo(9 / 12, 12)
    expect(scores.foregroundIou).toBeCloseTo(4 / 7, 12)
    expect(scores.backgroundIou).toBeCloseTo(5 / 8, 12)
    expect(scores.meanIou).toBeCloseTo((4 / 7 + 5 / 8) / 2, 12)
  })

  it('count a class as found where it is neither predicted nor there', () => {
    expect(measuresOf(counts(0, 0, 0, 4))).toEqual({
      ...{ pixelAccuracy: 1, meanIou: 1, foregroundIou: 1, backgroundIou: 1 },
    })
    expect(measuresOf(counts(0, 1, 0, 3))).toMatchObject({ foregroundIou: 0, backgroundIou: 0.75 })
    expect(measuresOf(counts(4, 0, 0, 0))).toMatchObject({ meanIou: 1 })
  })

  it('come with intervals that are the same every time, hold the score, and narrow with more images', () => {
    const random = seededRandom(3)
    const images = Array.from({ length: 400 }, () => {
      const right = Math.floor(random() * 80)
      return { ...counts(right, 80 - right, 20, 100), averagePrecision: random() }
    })
    const [few, many] = [setScores(images.slice(0, 25))!, setScores(images)!]
    expect(setScores(images)).toEqual(many)
    for (const measure of ['pixelAccuracy', 'meanIou', 'meanAp'] as const) {
      const [low, high] = many.intervals[measure]
      expect(low).toBeLessThan(many[measure])
      expect(high).toBeGreaterThan(many[measure])
      expect(high - low).toBeLessThan(few.intervals[measure][1] - few.intervals[measure][0])
    }
    // Of uniform numbers: 2 x 1.96 x sqrt(1 / 12 / 400) = 0.0566.
    const [low, high] = many.intervals.meanAp
    expect(high - low).toBeGreaterThan(0.05)
    expect(high - low).toBeLessThan(0.064)
  })

  it('of one image do not vary, and of none are not there', () => {
    const one = setScores([{ ...counts(1, 1, 1, 1), averagePrecision: 0.5 }])!
    expect(one.intervals.meanAp).toEqual([0.5, 0.5])
    expect(setScores([])).toBeNull()
  })

  it('are told apart by what the model made of the image', () => {
    const image = (predictedClass: string, trueClass: string | null, truePositives: number) => ({
      ...{ predictedClass, trueClass, averagePrecision: 1 },
      ...counts(truePositives, 4 - truePositives, 0, 0),
    })
    const images = [image('cat', 'cat', 4), image('dog', 'cat', 1), image('dog', null, 2)]
    const { scores, scoresWhenRight, scoresWhenWrong } = scoresByOutcome(images)
    expect([scores, scoresWhenRight, scoresWhenWrong].map((of) => [of!.images, of!.foregroundIou])).toEqual([
      [3, 7 / 12],
      [1, 1],
      [1, 0.25],
    ])
    expect(scoresByOutcome([image('dog', null, 2)])).toMatchObject({ scoresWhenRight: null, scoresWhenWrong: null })
    expect(scoresByClass(images).map(({ name, scores: of }) => [name, of.images])).toEqual([
      ['cat', 2],
      ['dog', 1],
    ])
  })
})

describe('random numbers', () => {
  it('are the known ones of the seed', () => {
    const random = seededRandom(1)
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
  })
})
