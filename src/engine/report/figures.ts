/** Figures of the sheet as inline SVG, in black and grey so that they print well. */
import { type Html, html } from './html.ts'
import { percent } from './words.ts'

const barWidthPx = 64
const barHeightPx = 9

/** @param share of `largest`, which fills the bar's width; @param color #rrggbb */
export function bar(share: number, largest: number, color = '#4d4d4d'): Html {
  const width = largest > 0 ? rounded((Math.max(0, share) / largest) * barWidthPx) : 0
  return html`<svg
    class="bar"
    width="${barWidthPx}"
    height="${barHeightPx}"
    viewBox="0 0 ${barWidthPx} ${barHeightPx}"
    aria-hidden="true"
  >
    <rect width="${barWidthPx}" height="${barHeightPx}" fill="#ececec" />
    <rect width="${width}" height="${barHeightPx}" fill="${color}" />
  </svg>`
}

const curve = { width: 250, height: 120, left: 38, right: 44, top: 10, bottom: 24 }

/** Share of variance explained by the first k texts, k from 0. @param explained after each text, 0 to 1 */
export function explainedCurve(explained: number[]): Html {
  const { width, height, left, right, top, bottom } = curve
  const steps = Math.max(1, explained.length)
  const x = (step: number) => rounded(left + (step / steps) * (width - left - right))
  const y = (share: number) => rounded(top + (1 - share) * (height - top - bottom))
  const last = explained.at(-1) ?? 0
  const points = [0, ...explained].map((share, step) => `${x(step)},${y(share)}`).join(' ')
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<line
          x1="${left}"
          x2="${width - right}"
          y1="${y(share)}"
          y2="${y(share)}"
          stroke="#d9d9d9"
          stroke-width="0.6"
        /><text x="${left - 5}" y="${y(share) + 3}" text-anchor="end">${percent(share)}</text>`,
  )
  return html`<svg
    class="curve"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="share of variance explained by the first texts, ${percent(last)} by all"
  >
    <g font-size="9" fill="#555">
      ${grid}
      <text x="${left}" y="${height - 8}" text-anchor="middle">0</text>
      <text x="${width - right}" y="${height - 8}" text-anchor="middle">${explained.length}</text>
      <text x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle">texts</text>
    </g>
    <polyline points="${points}" fill="none" stroke="#1a1a1a" stroke-width="1.5" />
    <circle cx="${x(explained.length)}" cy="${y(last)}" r="2.5" fill="#1a1a1a" />
    <text x="${x(explained.length) + 6}" y="${y(last) + 3}" font-size="10" font-weight="600">${percent(last)}</text>
  </svg>`
}

function rounded(pixels: number): number {
  return Math.round(pixels * 100) / 100
}

/** Black or white, whichever stands out more on the colour (WCAG 2 relative luminance). @param color #rrggbb */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const linear = [1, 3, 5].map((at) => {
    const level = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!
  return (luminance + 0.05) ** 2 > 1.05 * 0.05 ? '#000000' : '#ffffff'
}
