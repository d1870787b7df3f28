import { describe, expect, it } from 'vitest'
import { partOfQuery, queryOfPart } from '../../../../src/renderer/explain/part-query.ts'
import { wholeScore } from '../../../../src/renderer/explain/terms.ts'
import { formatTerm, partWords, sumSentence } from '../../../../src/renderer/explain/words.ts'

const shape = { layers: 6, heads: 2, tokens: 10 }
const terms = {
  ...shape,
  gridRows: 3,
  gridColumns: 3,
  byToken: new Float32Array(120),
  mlps: new Float32Array(7),
  score: 0,
}

describe('a term in words', () => {
  it.each([
    [0.0912, '+0.0912'],
    [-0.3, '−0.3000'],
    [0.00005, '+0.0001'],
    [0.00004, '+4e-5'],
    [-3e-8, '−3e-8'],
    [0, '0'],
  ])('%s is written %s', (term, written) => expect(formatTerm(term)).toBe(written))
})

describe('the sentence under a score', () => {
  const totals = { attention: 0.0912, mlps: 0.1021, sum: 0.1933, score: 0.1933, residual: 3e-8, isRounding: true }

  it('says that it adds up', () => {
    expect(sumSentence(totals)).toBe(
      'Attention +0.0912, MLPs +0.1021, sum +0.1933 = score +0.1933, off by 3e-8 (rounding).',
    )
  })

  it('warns when it does not', () => {
    expect(sumSentence({ ...totals, score: 0.2, residual: -0.0067, isRounding: false })).toBe(
      'Attention +0.0912, MLPs +0.1021, sum +0.1933, but score +0.2000: off by 7e-3, more than rounding. Do not use these numbers.',
    )
  })
})

describe('a part in words', () => {
  it.each([
    [{}, 'Everything'],
    [{ head: 'L5.H1' }, 'L5.H1'],
    [{ head: 'L5.H1,L0.H0', mlp: 'start,L2' }, 'L0.H0, L5.H1, start and MLP of L2'],
    [{ head: 'L3.H0,L3.H1' }, 'attention of L3'],
    [{ token: '0' }, 'All heads at the class token'],
    [{ head: 'L5.H1', token: '6' }, 'L5.H1 at row 1, column 2'],
    [{ head: 'L0.H0,L1.H0,L2.H0,L3.H0,L4.H0,L5.H0', mlp: 'L0' }, 'L0.H0, L1.H0, L2.H0, L3.H0, L4.H0 and 2 more'],
  ])('%j', (query, words) => expect(partWords(partOfQuery(query, shape), terms)).toBe(words))
})

describe('a part in the address', () => {
  it('is there again', () => {
    const query = { head: 'L0.H0,L5.H1', mlp: 'start,L5', token: '9' }
    expect(queryOfPart(partOfQuery(query, shape), shape)).toEqual(query)
    expect(queryOfPart(wholeScore, shape)).toEqual({ head: undefined, mlp: undefined, token: undefined })
  })

  it('leaves out what the model does not have', () => {
    const query = { head: 'L6.H0,L0.H2,5.1,L1.H1', mlp: 'L6,end', token: '10' }
    expect(queryOfPart(partOfQuery(query, shape), shape)).toEqual({ head: 'L1.H1', mlp: undefined, token: undefined })
    expect(partOfQuery({ token: '-1' }, shape).token).toBeNull()
  })
})
