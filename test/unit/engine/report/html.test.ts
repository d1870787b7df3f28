/** Templates that escape, and the numbers and figures of the sheet. */
import { describe, expect, it } from 'vitest'
import { inkOn } from '../../../../src/engine/report/figures.ts'
import { html } from '../../../../src/engine/report/html.ts'
import { digits, filterSentence, percent, utcTime } from '../../../../src/engine/report/words.ts'

describe('html', () => {
  it('escapes everything but what is markup already', () => {
    const bold = html`<b>${'<i>'}</b>`
    expect(html`<p title="${`"' onclick=x`}">${bold}${[bold, bold]}${'a & b'}${3}</p>`.markup).toBe(
      '<p title="&quot;&#39; onclick=x"><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b>a &amp; b3</p>',
    )
  })

  it('takes no characters that HTML has not', () => {
    expect(html`${'a\u0000\u001bb\ud800c\n\t\u0085'}`.markup).toBe('a\ufffd\ufffdb\ufffdc\n\t\ufffd')
  })
})

describe('words', () => {
  it('write shares with the digits that count, and never a share as none', () => {
    expect([0, 1e-9, 0.0042, 0.0996, 0.314, 1].map(percent)).toEqual([
      '0 %',
      '< 0.1 %',
      '0.4 %',
      '10 %',
      '31 %',
      '100 %',
    ])
  })

  it('write quantities with three digits', () => {
    expect([0, 0.012, -3.14159, 2e-7, 1234567, 250.4, 0.5].map(digits)).toEqual([
      ...['0', '0.0120', '-3.14', '2.00e-7', '1.23e+6', '250', '0.500'],
    ])
  })

  it('write times in UTC', () => {
    expect(utcTime(Date.UTC(2026, 0, 31, 12, 4, 5, 678))).toBe('2026-01-31 12:04:05 UTC')
    expect(utcTime(1e300)).toBe('unknown')
  })

  it('write filters out', () => {
    expect(filterSentence({})).toBe('all images')
    expect(filterSentence({ split: 'test', label: 'owl', attributes: { place: 'water' }, path: 'a/' })).toBe(
      'split = test, label = owl, place = water, path has "a/"',
    )
  })
})

describe('letters on role colours', () => {
  it('are black or white, whichever has the higher contrast', () => {
    expect(['#000000', '#0072b2', '#882255', '#f0e442', '#e69f00', '#ffffff'].map(inkOn)).toEqual([
      ...['#ffffff', '#ffffff', '#ffffff', '#000000', '#000000', '#000000'],
    ])
  })
})
