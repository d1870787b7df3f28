import { describe, expect, it } from 'vitest'
import type { Label } from '../../../../src/contract/label.ts'
import type { DescribedHead } from '../../../../src/contract/text-span.ts'
import { divergingColor, sequentialColor } from '../../../../src/renderer/draw/color-map.ts'
import { formatMeasure, formatPoints } from '../../../../src/renderer/draw/format.ts'
import {
  effectChanges,
  explainedBy,
  explainedChanges,
  paintChange,
  paintEffects,
  paintExplained,
  paintRoles,
  paintStates,
} from '../../../../src/renderer/draw/head-measures.ts'
import { sequentialScale, signedScale } from '../../../../src/renderer/draw/scales.ts'

const head = (...explained: number[]) =>
  ({
    steps: explained.map((share, at) => ({ textId: at + 1, text: `t${at}`, explained: share, margin: 0 })),
  }) as DescribedHead
const label = (change: Partial<Label>) => ({ roleId: null, state: 'draft', note: '', ...change }) as Label

describe('scales', () => {
  it('are linear within one power of ten and logarithmic beyond', () => {
    const linear = sequentialScale([1, 3, 5])
    expect(linear).toMatchObject({ from: 1, to: 5, isLog: false })
    expect(linear.share(2)).toBe(0.25)
    const log = sequentialScale([0.001, 0.1])
    expect(log.isLog).toBe(true)
    expect(log.share(0.01)).toBeCloseTo(0.5, 12)
  })

  it('are never logarithmic from a fixed end or with a 0', () => {
    expect(sequentialScale([0, 5]).isLog).toBe(false)
    expect(sequentialScale([0.001, 1], { from: 0 })).toMatchObject({ from: 0, to: 1, isLog: false })
  })

  it('reach as far on both sides of 0', () => {
    const scale = signedScale([-0.3, 0.1])
    expect([scale.from, scale.to, scale.share(-0.15), scale.share(0)]).toEqual([-0.3, 0.3, -0.5, 0])
  })

  it('hold when there is nothing or one thing to show', () => {
    expect(sequentialScale([]).share(1)).toBe(0)
    expect(sequentialScale([0.2, 0.2]).share(0.2)).toBe(1)
    expect(signedScale([0, 0]).share(0)).toBe(0)
  })
})

describe('the colours of heads', () => {
  it('show direct effects, and say when the scale is logarithmic', () => {
    const { paints, legend } = paintEffects(
      new Map([
        ['L0.H0', 0.001],
        ['L0.H1', 0.1],
        ['L0.H2', 0],
      ]),
    )
    expect(paints.get('L0.H1')).toMatchObject({ fill: sequentialColor(1), words: '0.1' })
    expect(paints.get('L0.H2')!.fill).toBe(sequentialColor(0))
    expect(legend).toMatchObject({ map: 'sequential', from: '0.001', to: '0.1', isLog: true })
  })

  it('show the share that the first k texts explain, of all where there are fewer', () => {
    expect(explainedBy(head(0.2, 0.5), 1)).toBe(0.2)
    expect(explainedBy(head(0.2, 0.5), 9)).toBe(0.5)
    expect(explainedBy(head(), 3)).toBe(0)
    const { paints, legend } = paintExplained(new Map([['L1.H0', head(0.2, 0.5)]]), 2)
    expect(paints.get('L1.H0')!.words).toBe('50 %')
    expect(legend).toMatchObject({ from: '0 %', to: '50 %' })
  })

  it('show what changed against another result, for heads of both', () => {
    const here = new Map([
      ['L1.H0', head(0.6)],
      ['L1.H1', head(0.2)],
    ])
    const changes = explainedChanges(
      here,
      new Map([
        ['L1.H0', head(0.5)],
        ['L0.H0', head(0.1)],
      ]),
      1,
    )
    expect([...changes.keys()]).toEqual(['L1.H0'])
    const { paints, legend } = paintChange(changes, formatPoints, 'this less that')
    expect(paints.get('L1.H0')).toMatchObject({ fill: divergingColor(1), words: '+10 points' })
    expect(legend).toMatchObject({ map: 'signed', from: '−10 points', to: '+10 points' })
    expect(effectChanges(new Map([['L0.H0', 0.3]]), new Map([['L0.H0', 0.1]])).get('L0.H0')).toBeCloseTo(0.2, 12)
  })

  it('show roles with their letters and count them', () => {
    const roles = [
      { id: 1, name: 'place', color: '#0072b2', letter: 'P', description: '', position: 0, isRetired: false },
      { id: 2, name: 'count', color: '#56b4e9', letter: '#', description: '', position: 1, isRetired: false },
    ]
    const { paints, legend } = paintRoles(
      new Map([
        ['L0.H0', label({ roleId: 1 })],
        ['L0.H1', label({})],
      ]),
      roles,
    )
    expect([...paints]).toEqual([['L0.H0', { fill: '#0072b2', ink: '#ffffff', letter: 'P', words: 'place' }]])
    expect(legend).toMatchObject({ entries: [{ title: 'place', heads: 1 }] })
  })

  it('show how far each head is, those without a label as open', () => {
    const { paints, legend } = paintStates(new Map([['L0.H1', label({ state: 'disputed' })]]), ['L0.H0', 'L0.H1'])
    expect(paints.get('L0.H0')!.words).toBe('open')
    expect(paints.get('L0.H1')).toMatchObject({ words: 'disputed', letter: '!' })
    expect(legend.kind === 'keys' && legend.entries.map(({ title, heads }) => [title, heads])).toEqual([
      ['open', 1],
      ['draft', 0],
      ['reviewed', 0],
      ['disputed', 1],
    ])
  })

  it('name measures with sensible figures', () => {
    expect([0, 0.02138, 8.27e-4, -0.5, 12345].map(formatMeasure)).toEqual(['0', '0.0214', '8.3e-4', '−0.5', '1.2e+4'])
    expect([0.031, -0.2, 0].map(formatPoints)).toEqual(['+3.1 points', '−20 points', '0 points'])
  })
})
