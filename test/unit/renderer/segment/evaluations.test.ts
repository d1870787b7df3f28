import { describe, expect, it } from 'vitest'
import type { Evaluation, SegmentedImage } from '../../../../src/contract/segment.ts'
import { csvOf } from '../../../../src/renderer/draw/csv.ts'
import { differencesOf, siblingsOf } from '../../../../src/renderer/segment/compare.ts'
import {
  curveNames,
  curveTable,
  evaluationProvenance,
  evaluationsTable,
  mapProvenance,
} from '../../../../src/renderer/segment/tables.ts'
import {
  evaluationTitle,
  headsWords,
  misclassifiedSentence,
  otherMasksSentence,
  scoreSum,
  sumSentence,
  targetWords,
} from '../../../../src/renderer/segment/words.ts'
import { evaluation } from '../../../support/fake-evaluations.ts'

describe('what makes evaluations another', () => {
  const first = evaluation({ id: 1 })

  it('is nothing between methods of one job', () => {
    expect(differencesOf(evaluation({ id: 2, method: 'rollout' }), first)).toEqual([])
  })

  it.each<[string, Partial<Evaluation>, string[]]>([
    ['another data set', { dataSetHash: 'x', dataSetName: 'birds', groundTruthHash: 'y' }, ['data set birds']],
    ['other masks', { groundTruthHash: 'y' }, ['other masks']],
    ['another checkpoint', { modelHash: 'x', modelName: 'large' }, ['checkpoint large']],
    ['other classes', { task: { classes: ['a', 'b', 'c'], templates: ['a {}'] } }, ['3 other classes']],
    ['other templates', { task: { classes: ['duck', 'owl'], templates: ['the {}'] } }, ['other templates']],
    ['fewer images', { images: 12 }, ['12 images instead of 60']],
    [
      'the true class of elsewhere',
      { task: { ...first.task, attribute: 'object' } },
      ['true class of attribute object'],
    ],
    ['other ids of classes', { task: { ...first.task, ids: ['n01', 'n02'] } }, ['other class ids']],
    ['a filter', { filter: { split: 'test' } }, ['split test']],
  ])('%s', (_, change, differences) => {
    expect(differencesOf({ ...first, ...change }, first)).toEqual(differences)
  })
})

describe('the evaluations that M goes through', () => {
  it('are those of the job, oldest first, and the one compared with', () => {
    const all = [evaluation({ id: 4, jobId: 9 }), evaluation({ id: 3 }), evaluation({ id: 2, method: 'rollout' })]
    expect(siblingsOf(all[1]!, all).map(({ id }) => id)).toEqual([2, 3])
    expect(siblingsOf(all[1]!, all, all[0]).map(({ id }) => id)).toEqual([2, 3, 4])
  })

  it('are those of the same images where the job made one', () => {
    const all = [
      evaluation({ id: 5, jobId: 8 }),
      evaluation({ id: 4, jobId: 9 }),
      { ...evaluation({ id: 1, jobId: 7 }), dataSetId: 99 },
    ]
    expect(siblingsOf(all[0]!, all).map(({ id }) => id)).toEqual([4, 5])
  })
})

describe('words', () => {
  const { settings } = evaluation({ id: 1 })

  it('name method and protocol always, and what is not as published', () => {
    expect(evaluationTitle({ settings })).toBe('Decomposition, as published')
    const other = { ...settings, protocol: 'aligned', target: { kind: 'true' }, threshold: 0.4 } as const
    expect(evaluationTitle({ settings: other })).toBe('Decomposition, aligned, true class, above 0.4')
  })

  it('name heads, the first of many, or where they came from', () => {
    const heads = [0, 1, 2, 3].map((head) => ({ layer: 5, head }))
    expect(headsWords({ ...settings, heads: heads.slice(0, 2) })).toBe('L5.H0, L5.H1')
    expect(headsWords({ ...settings, heads })).toBe('L5.H0, L5.H1 + 2')
    expect(headsWords({ ...settings, heads, headsNote: 'role place' })).toBe('role place (4)')
    expect(headsWords({ ...settings, method: 'rollout' })).toBe('–')
    const ignored = { ...settings, method: 'rollout', heads } as const
    expect(evaluationTitle({ settings: ignored })).toBe('Attention rollout, as published')
  })

  it('name targets', () => {
    expect(targetWords({ kind: 'text', text: 'a boat', minus: 'the sea' })).toBe('“a boat” minus “the sea”')
  })

  it('tell errors of the prediction from errors of the map', () => {
    const facts = { predictedClass: 'owl', trueClass: 'duck', iou: 0.3 }
    expect(misclassifiedSentence({ ...facts, iouOfTrue: 0.6 })).toBe(
      'Predicted “owl”, but the data set says “duck”. With the true class IoU is 0.600 instead of 0.300: the error may come from the misclassification.',
    )
    expect(misclassifiedSentence({ ...facts, iouOfTrue: 0.31 })).toContain('hardly another: the error is the map’s.')
    expect(misclassifiedSentence({ ...facts, iouOfTrue: 0.1 })).toContain('the true class makes it worse')
  })

  it('say when the masks are not those of the evaluation any more', () => {
    const own = evaluation({ id: 1 })
    expect(otherMasksSentence({ groundTruthHash: own.groundTruthHash }, own)).toBeUndefined()
    expect(otherMasksSentence({ groundTruthHash: null }, own)).toBeUndefined()
    expect(otherMasksSentence({ groundTruthHash: 'd'.repeat(64) }, own)).toBe(
      'The masks were changed since the evaluation: what is shown here is against the masks as they are now.',
    )
  })

  it('say how a score adds up', () => {
    const image = { patches: Float32Array.of(0.5, -0.25), classTokenPart: -0.125, mlpPart: 0.25, score: 0.5 }
    const sum = scoreSum(image as unknown as SegmentedImage)!
    expect(sum).toEqual({ patches: 0.25, classToken: -0.125, mlps: 0.25, other: 0.125, score: 0.5 })
    expect(sumSentence(sum)).toBe('Patches +0.2500, class token −0.1250, MLPs +0.2500, other +0.1250 = score +0.5000.')
    const attention = { ...image, score: null, classTokenPart: null, mlpPart: null }
    expect(scoreSum(attention as unknown as SegmentedImage)).toBeUndefined()
  })
})

describe('tables', () => {
  it('say how many images the scores of an unfinished evaluation are over', () => {
    const own = { ...evaluation({ id: 7 }), images: 100, total: 120, isComplete: false }
    const { columns, rows } = evaluationsTable([own])
    expect(rows[0]![columns.indexOf('images_in_scores')]).toBe(60)
    expect(evaluationProvenance(own)).toContain(
      'Images in the scores: 60, as many as were there when they were last worked out',
    )
    expect(evaluationProvenance(evaluation({ id: 7 })).some((line) => /in the scores/.test(line))).toBe(false)
  })

  it('name the masks that a picture was held against, not those of the evaluation', () => {
    const map = { path: 'a.jpg', targetText: 'owl', threshold: 0.4, isTried: false, programVersion: 'test' }
    const lines = (groundTruthHash: string | null) => mapProvenance(evaluation({ id: 7 }), { ...map, groundTruthHash })
    expect(lines('d'.repeat(64))).toContain(`Ground truth hash: ${'d'.repeat(64)}`)
    expect(lines(null)).toContain('Ground truth hash: no ground truth')
  })

  it('have the scores unrounded and the hashes whole', () => {
    const own = evaluation({ id: 7 })
    const { columns, rows } = evaluationsTable([own])
    const cell = (name: string) => rows[0]![columns.indexOf(name)]
    expect(rows[0]).toHaveLength(columns.length)
    expect(cell('pixel_accuracy')).toBe(0.80968)
    expect(cell('mean_iou_low')).toBe(0.5)
    expect(cell('protocol')).toBe('as-published')
    expect(cell('model_hash')).toBe(own.modelHash)
    expect(cell('right_mean_iou')).toBeNull()
  })

  it('say where they come from', () => {
    const csv = csvOf(curveTable({ precision: [1, 0.5], recall: [0, 1] }), evaluationProvenance(evaluation({ id: 7 })))
    for (const line of [
      '# Protocol: as published',
      '# Method: Decomposition',
      '# Threshold: map mean',
      '# Images: 60 of 60, 0 left out, no filter',
    ])
      expect(csv).toContain(line)
    expect(csv.trimEnd().split('\r\n').slice(-3)).toEqual(['threshold,precision,recall', '1,1,0', '0,0.5,1'])
  })

  it('say what a map on the screen was made for, not what its evaluation says', () => {
    const map = {
      path: 'a.png',
      targetText: '“a boat”',
      threshold: 0.25,
      isTried: true,
      groundTruthHash: 'c'.repeat(64),
      programVersion: '0.2.0',
    }
    const lines = mapProvenance(evaluation({ id: 7 }), map)
    expect(lines).toEqual(
      expect.arrayContaining(['Target: “a boat”', 'Threshold: 0.2500 (chosen by hand)', 'Protocol: as published']),
    )
    expect(lines.filter((line) => line.startsWith('Target'))).toHaveLength(1)
    expect(mapProvenance(evaluation({ id: 7 }), { ...map, isTried: false })).toContain('Threshold: 0.2500 (map mean)')
  })

  it('tell evaluations with the same settings apart', () => {
    expect(
      curveNames([evaluation({ id: 1 }), evaluation({ id: 2 }), evaluation({ id: 3, method: 'rollout' })]),
    ).toEqual(['Decomposition, as published (1)', 'Decomposition, as published (2)', 'Attention rollout, as published'])
  })
})
