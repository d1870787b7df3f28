import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createDatabase,
  type EvaluationPage,
  findEvaluation,
  insertDataSet,
  insertEvaluation,
  insertJob,
  insertMaskNote,
  flagsOfDataSet,
  listEvaluations,
  maskNotes,
  type OpenDatabase,
  pageOfEvaluation,
  pageStatement,
  readMigrations,
  saveEvaluationImages,
  scoredImages,
  skippedImages,
  summedBins,
} from '../../../../src/engine/store/index.ts'
import { addModel } from '../../../support/label-workspace.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

const imageCount = 50_000
const skipped = 7

let place: Place
let opened: OpenDatabase
let evaluations: number[]
const bins = { foreground: new Int32Array(101), background: new Int32Array(101) }
bins.foreground[40] = 3
bins.background[100] = 2 ** 31 - 1

/** Fifty thousand images under two evaluations, their scores spread without any two alike next to each other. */
beforeAll(() => {
  place = temporaryFolder()
  opened = createDatabase(join(place.folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
  const { db } = opened
  const modelId = addModel(db)
  const image = { label: null, split: null, sizeBytes: 1, modifiedMs: 0, attributes: {} }
  const images = Array.from({ length: imageCount }, (_, at) => ({ ...image, path: `${at}.png` }))
  const dataSetId = insertDataSet(db, {
    ...{ name: 'photos', kind: 'folder', root: '.', hash: 'b'.repeat(64), addedMs: 0 },
    ...{ columns: [], images, problems: [] },
  })
  const jobId = insertJob(db, {
    ...{ call: 'segment/evaluate', input: {}, kind: 'segment', title: 'segment photos', unit: 'images', createdMs: 0 },
  })
  evaluations = [1, 2].map((turn) => {
    const id = insertEvaluation(db, {
      ...{ jobId, modelId, dataSetId, groundTruthHash: 'c'.repeat(64), provider: 'cpu', imageCount },
      task: { classes: ['cat', 'dog'], templates: ['{}'] },
      filter: {},
      settings: { method: 'rollout', protocol: 'aligned', target: { kind: 'predicted' }, headsNote: `turn ${turn}` },
      programVersion: 'test',
      createdMs: 0,
    })
    const rows = images.map((_, ordinal) => {
      // The second lacks one more.
      if (ordinal < skipped + turn - 1) return { evaluationId: id, ordinal, skipReason: `No mask ${ordinal}.` }
      const right = (ordinal * 7919 * turn) % 101
      return {
        ...{ evaluationId: id, ordinal, averagePrecision: right / 101, bins },
        ...{ truePositives: right, falsePositives: 100 - right, falseNegatives: 0, trueNegatives: 0 },
        ...{ predictedClass: ordinal % 3 === 0 ? 'cat' : 'dog', trueClass: ordinal % 2 === 0 ? 'cat' : null },
      }
    })
    saveEvaluationImages(db, rows)
    return id
  })
})
afterAll(() => {
  opened.close()
  place.remove()
})

const page = (more: Partial<EvaluationPage> = {}): EvaluationPage => ({
  ...{ evaluationId: evaluations[0]!, sort: 'iou', isDescending: false, offset: 0, limit: 50, ...more },
})
const planOf = (of: EvaluationPage) => {
  const { sql, parameters } = pageStatement(of, 1)
  const rows = opened.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[]
  return rows.map(({ detail }) => detail).join('\n')
}

describe('a page of fifty thousand images', () => {
  it.each([
    ['iou', 'evaluation_image_by_iou'],
    ['averagePrecision', 'evaluation_image_by_precision'],
    ['pixelAccuracy', 'evaluation_image_by_accuracy'],
    ['class', 'evaluation_image_by_class'],
    ['ordinal', 'evaluation_image_by_reason'],
  ] as const)('by %s follows an index, either way', (sort, index) => {
    for (const isDescending of [false, true]) {
      const plan = planOf(page({ sort, isDescending }))
      expect(plan).toMatch(new RegExp(`SEARCH r USING (COVERING )?INDEX ${index} \\(evaluation_id=\\?`))
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
    }
  })

  it('against another evaluation finds each image by its place', () => {
    const plan = planOf(page({ sort: 'difference', againstId: evaluations[1]! }))
    expect(plan).toMatch(/SEARCH o USING INDEX \S+ \(evaluation_id=\? AND skip_reason=\? AND ordinal=\?\)/)
    expect(plan).not.toMatch(/SCAN/)
  })

  it('has the images in order, without those left out', () => {
    const { db } = opened
    const { total, images } = pageOfEvaluation(db, 1, page({ limit: 1000 }))
    expect(total).toBe(imageCount - skipped)
    for (const [at, { iou }] of images.entries()) expect(iou).toBeGreaterThanOrEqual(images[Math.max(0, at - 1)]!.iou)
    const last = pageOfEvaluation(db, 1, page({ isDescending: true, offset: total - 1, limit: 5 }))
    expect(last.images.map(({ id }) => id)).toEqual([images[0]!.id])
    expect(images[0]).toMatchObject({ truePositives: 0, iou: 0, foregroundIou: 0, pixelAccuracy: 0, difference: null })
  })

  it('narrows to a class, and to what was classified wrongly', () => {
    const { db } = opened
    const dogs = pageOfEvaluation(db, 1, page({ className: 'dog', sort: 'ordinal', limit: 2 }))
    expect(dogs.images.map(({ ordinal, predictedClass, trueClass }) => [ordinal, predictedClass, trueClass])).toEqual([
      [7, 'dog', null],
      [11, 'dog', null],
    ])
    const wrong = pageOfEvaluation(db, 1, page({ isMisclassified: true, sort: 'ordinal', limit: 2 }))
    const right = pageOfEvaluation(db, 1, page({ isMisclassified: false }))
    expect(wrong.images.map(({ ordinal }) => ordinal)).toEqual([8, 10])
    // Those without a known class are neither.
    expect(wrong.total + right.total).toBe((imageCount - 8) / 2)
  })

  it('has differences, and what has none comes last', () => {
    const { db } = opened
    const { images } = pageOfEvaluation(db, 1, page({ sort: 'difference', againstId: evaluations[1]!, limit: 3 }))
    const { ordinal, iou, difference } = images[0]!
    const other = scoredImages(db, evaluations[1]!).find((row) => row.ordinal === ordinal)!
    // The background is neither predicted nor there in these: its IoU is 0, the pixels that are wrong being all.
    expect(difference).toBeCloseTo(iou - other.truePositives / 100 / 2 - (other.truePositives === 100 ? 0.5 : 0), 12)
    for (const isDescending of [false, true]) {
      const last = page({
        sort: 'difference',
        againstId: evaluations[1]!,
        offset: imageCount - skipped - 1,
        isDescending,
      })
      expect(pageOfEvaluation(db, 1, last).images).toMatchObject([{ ordinal: skipped, difference: null }])
    }
  })
})

describe('an evaluation', () => {
  it('is counted within an index, never by reading rows', () => {
    for (const part of ['IS NULL', 'IS NOT NULL']) {
      const sql = `SELECT count(*) FROM evaluation_image WHERE evaluation_id = 1 AND skip_reason ${part}`
      const [plan] = opened.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]
      expect(plan!.detail).toMatch(
        /USING COVERING INDEX evaluation_image_by_reason \(evaluation_id=\? AND skip_reason.\?\)/,
      )
    }
  })

  it('counts what was scored and left out, and sums bins past 2^31', () => {
    const { db } = opened
    expect(findEvaluation(db, evaluations[0]!)).toMatchObject({ images: imageCount - skipped, skipped, scores: null })
    expect(listEvaluations(db).map(({ id }) => id)).toEqual([...evaluations].reverse())
    expect(skippedImages(db, evaluations[0]!)[2]).toEqual({ path: '2.png', reason: 'No mask 2.' })
    const { foreground, background } = summedBins(db, evaluations[0]!)
    expect(foreground[40]).toBe(3 * (imageCount - skipped))
    expect(background[100]).toBe((2 ** 31 - 1) * (imageCount - skipped))
  })

  it('never changes a row that was written', () => {
    const { db } = opened
    const write = (sql: string) => () => db.prepare(sql).run()
    expect(write('UPDATE evaluation_image SET true_positives = 1 WHERE ordinal = 9')).toThrow('a score never changes')
    const again = [{ evaluationId: evaluations[0]!, ordinal: 3, skipReason: 'again' }]
    expect(() => saveEvaluationImages(db, again)).toThrow(/UNIQUE/)
  })
})

describe('notes about masks', () => {
  it('are added, and the newest of each annotator counts', () => {
    const { db } = opened
    const say = (imageId: number, annotator: string, ...flags: string[]) =>
      insertMaskNote(db, { imageId, annotator, flags, note: flags.join(), madeMs: 1000 - imageId })
    say(9, 'Ann', 'missed part')
    say(9, 'Ben', 'good example', 'misclassified')
    say(9, 'Ann', 'wrong ground truth', 'misclassified')
    say(12, 'Ann', 'misclassified')
    say(13, 'Ann', 'misclassified')
    say(13, 'Ann')
    expect(maskNotes(db, 9).map(({ annotator, flags }) => [annotator, ...flags])).toEqual([
      ['Ann', 'wrong ground truth', 'misclassified'],
      ['Ben', 'good example', 'misclassified'],
      ['Ann', 'missed part'],
    ])
    expect(flagsOfDataSet(db, 1)).toEqual([
      { flag: 'misclassified', images: 2 },
      { flag: 'good example', images: 1 },
      { flag: 'wrong ground truth', images: 1 },
    ])
    const flagged = pageOfEvaluation(db, 1, page({ flag: 'misclassified', sort: 'ordinal' }))
    expect(flagged.images.map(({ id, flags }) => [id, flags])).toEqual([
      [9, ['good example', 'misclassified', 'wrong ground truth']],
      [12, ['misclassified']],
    ])
    expect(pageOfEvaluation(db, 1, page({ flag: 'any' })).total).toBe(2)
    expect(pageOfEvaluation(db, 1, page({ flag: 'missed part' })).total).toBe(0)
  })

  it('never change and are never deleted', () => {
    const { db } = opened
    const write = (sql: string) => () => db.prepare(sql).run()
    expect(write("UPDATE mask_note SET note = ''")).toThrow('a note never changes')
    expect(write('DELETE FROM mask_note')).toThrow('a note is never deleted')
  })
})
