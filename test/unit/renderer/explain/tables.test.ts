import { describe, expect, it } from 'vitest'
import { csvOf } from '../../../../src/renderer/draw/csv.ts'
import { printColors } from '../../../../src/renderer/draw/charts.ts'
import {
  type ExplanationOrigin,
  explanationProvenance,
  mapTable,
  termFigure,
  termTable,
  tokenTable,
} from '../../../../src/renderer/explain/tables.ts'

const terms = {
  layers: 1,
  heads: 2,
  tokens: 5,
  gridRows: 2,
  gridColumns: 2,
  byToken: Float64Array.of(1, 2, 3, 4, 5, -1, -2, -3, -4, 10),
  mlps: Float64Array.of(0.5, -0.25),
  score: 15.25,
}
const origin = {
  model: { name: 'sample', hash: 'ab'.repeat(32) },
  dataSet: { name: 'scenes', hash: 'cd'.repeat(32) },
  image: { path: '0004.jpg', ordinal: 4 },
  explanation: { texts: ['a star', 'a tree'], provider: 'cpu' },
  terms,
  programVersion: '0.2.0',
} as unknown as ExplanationOrigin

describe('tables of an explanation', () => {
  it('have one row a head and MLP, whose terms add up to the score', () => {
    const { columns, rows } = termTable(terms)
    expect(columns).toEqual(['kind', 'layer', 'head', 'term'])
    expect(rows).toEqual([
      ['attention', 0, 0, 15],
      ['attention', 0, 1, 0],
      ['start', null, null, 0.5],
      ['mlp', 0, null, -0.25],
    ])
    expect(rows.reduce((sum, row) => sum + Number(row[3]), 0)).toBe(terms.score)
  })

  it('name the patch of every token', () => {
    const { rows } = tokenTable(terms)
    expect(rows).toHaveLength(10)
    expect(rows[0]).toEqual([0, 0, 0, null, null, 1])
    expect(rows[8]).toEqual([0, 1, 3, 1, 0, -4])
    expect(mapTable(terms, new Set()).rows).toEqual([
      [0, null, null, 0],
      [1, 0, 0, 0],
      [2, 0, 1, 0],
      [3, 1, 0, 0],
      [4, 1, 1, 15],
    ])
    expect(mapTable(terms, new Set([1])).rows[4]).toEqual([4, 1, 1, 10])
  })
})

describe('the provenance of an explanation', () => {
  it('has the whole hashes, both texts and what it adds up to', () => {
    expect(explanationProvenance(origin)).toEqual([
      'Model: sample',
      `Model hash: ${'ab'.repeat(32)}`,
      'Data set: scenes',
      `Data set hash: ${'cd'.repeat(32)}`,
      'Image: 0004.jpg, place 4',
      'Text: a star',
      'Compared with: a tree (terms of the text minus terms of this one)',
      'Score: 15.25 (difference of cosines); all terms add up to it, off by 0',
      'Computed: anew from the image, float32 on cpu',
      'Program: Headwise 0.2.0',
    ])
  })

  it('names the part', () => {
    const part = { heads: new Set([1]), mlps: new Set<number>(), token: null }
    expect(explanationProvenance(origin, part)).toContain('Part: L0.H1')
  })

  it('stands above the table', () => {
    const csv = csvOf(termTable(terms), explanationProvenance(origin)).split('\r\n')
    expect(csv[0]).toBe('# Headwise: 11 lines of provenance, then the table')
    expect(csv.slice(11, 13)).toEqual(['kind,layer,head,term', 'attention,0,0,15'])
  })
})

describe('the figure of the terms', () => {
  it('has every term once', () => {
    const { series, visualMap } = termFigure(terms)(printColors) as {
      series: { data: unknown[] }[]
      visualMap: { min: number; max: number; inRange: { color: string[] } }
    }
    expect(visualMap).toMatchObject({ min: -15, max: 15 })
    expect(visualMap.inRange.color[6]).toBe('rgb(247, 247, 247)')
    expect(series.map(({ data }) => data)).toEqual([
      [null, 15],
      [0.5, -0.25],
      [
        [0, 1, 15],
        [1, 1, 0],
      ],
    ])
  })
})
