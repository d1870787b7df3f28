import { describe, expect, it } from 'vitest'
import type { Label } from '../../../../src/contract/label.ts'
import type { PoolText } from '../../../../src/contract/pool.ts'
import { axisFrom, axisInAddress, axisTitle, directionOf } from '../../../../src/renderer/draw/head-axis.ts'
import { headsTable, textsTable } from '../../../../src/renderer/draw/head-tables.ts'
import { overlayPixels } from '../../../../src/renderer/draw/paint-token-map.ts'
import { inkOn, rolePalette } from '../../../../src/renderer/draw/role-palette.ts'

const described = {
  layer: 5,
  head: 2,
  rank: 27,
  variance: 0.01,
  steps: [
    { textId: 7, text: 'a lake', explained: 0.25, margin: 0.02 },
    { textId: 9, text: 'night', explained: 0.75, margin: 0.3 },
  ],
}

describe('tables of heads', () => {
  it('have what each text adds, its tags and the heads it was written after', () => {
    const text = { roles: ['place', 'weather'], afterHeads: ['L5.H2'] } as PoolText
    expect(textsTable(described, new Map([[7, text]])).rows).toEqual([
      [1, 'a lake', 0.25, 0.25, 0.02, 'place; weather', 'L5.H2'],
      [2, 'night', 0.5, 0.75, 0.3, null, null],
    ])
  })

  it('have a row a head, described or not', () => {
    const role = { id: 1, name: 'place', color: '#0072b2', letter: 'P', description: '', position: 0, isRetired: false }
    const label = { confidence: 3, state: 'reviewed', note: 'clear' } as Label
    const { columns, rows } = headsTable(
      [
        { name: 'L5.H2', layer: 5, head: 2, effect: 0.01, described, label, role },
        {
          name: 'L0.H0',
          layer: 0,
          head: 0,
          effect: undefined,
          described: undefined,
          label: undefined,
          role: undefined,
        },
      ],
      'mara',
    )
    expect(rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])))).toMatchObject([
      {
        head: 'L5.H2',
        direct_effect: 0.01,
        rank: 27,
        share_explained: 0.75,
        text_2: 'night',
        text_3: null,
        role: 'place',
        state: 'reviewed',
        note: 'clear',
        annotator: 'mara',
      },
      { head: 'L0.H0', direct_effect: null, share_explained: null, role: null, state: 'open' },
    ])
  })
})

describe('the axis of the images', () => {
  it('is the same in the address and out of it', () => {
    for (const axis of [
      { kind: 'text', text: 'a lake' },
      { kind: 'principal', index: 2 },
      { kind: 'residual' },
    ] as const) {
      const { axis: named, text } = axisInAddress(axis)
      expect(axisFrom(named, text)).toEqual(axis)
    }
    expect(axisFrom('principal-9', undefined)).toBeUndefined()
    expect(axisTitle({ kind: 'principal', index: 0 })).toBe('principal direction 1')
  })

  it('needs a result for what no text explains', () => {
    expect(directionOf({ kind: 'residual' }, undefined)).toBeUndefined()
    expect(directionOf({ kind: 'residual' }, 4)).toEqual({ kind: 'residual', textSpanId: 4 })
    expect(directionOf({ kind: 'text', text: 'x' }, undefined)).toEqual({ kind: 'text', text: 'x' })
  })
})

describe('a token map over a picture', () => {
  it('is red where it adds, blue where it takes, clear at 0', () => {
    const pixels = overlayPixels({ gridRows: 1, gridColumns: 3, patches: [2, 0, -1] }, 3)
    const at = (x: number) => [...pixels.slice((3 + x) * 4, (4 + x) * 4)]
    const [red, , blue, alpha] = at(0) as [number, number, number, number]
    expect(red).toBeGreaterThan(2 * blue)
    expect(alpha).toBe(217)
    expect(at(1)[3]).toBe(0)
    expect(at(2)[2]).toBeGreaterThan(2 * at(2)[0]!)
    expect(at(2)[3]).toBe(108)
  })
})

describe('the colours of roles', () => {
  it('have letters that can be read: 4.5 to 1 at least', () => {
    const luminance = (hex: string) =>
      [1, 3, 5]
        .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
        .map((level) => (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4))
        .reduce((sum, level, at) => sum + level * [0.2126, 0.7152, 0.0722][at]!, 0)
    for (const color of rolePalette) {
      const [a, b] = [luminance(color), luminance(inkOn(color))].sort((x, y) => y - x) as [number, number]
      expect((a + 0.05) / (b + 0.05), color).toBeGreaterThanOrEqual(4.5)
    }
    expect(new Set(rolePalette).size).toBe(12)
  })
})
