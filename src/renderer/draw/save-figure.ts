/**
 * Figures to hand on: the chart on white, its title above, its provenance below, as SVG (also in <metadata>) or as a
 * PNG of twice the size.
 */
import { type ChartColors, type ChartOption, loadCharts, printColors } from './charts.ts'
import { fileNameOf, saveFile } from './save-file.ts'

export type Figure = {
  title: string
  /** lines of "name: fact" */
  provenance: string[]
  option: (colors: ChartColors) => ChartOption
  widthPx: number
  heightPx: number
}

const marginPx = 12
const lineHeightPx = 13
const titleHeightPx = 24

export async function figureSvg({ title, provenance, option, widthPx, heightPx }: Figure): Promise<string> {
  const { init } = await loadCharts()
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width: widthPx, height: heightPx })
  chart.setOption({ ...option(printColors), backgroundColor: '#ffffff' })
  const inner = chart.renderToSVGString()
  chart.dispose()
  const lines = wrapped(provenance, Math.floor(widthPx / 5.4))
  const width = widthPx + 2 * marginPx
  const height = titleHeightPx + heightPx + lines.length * lineHeightPx + 3 * marginPx
  const foot = titleHeightPx + heightPx + 2 * marginPx
  const text = (content: string, y: number, size: number, color: string) =>
    `<text x="${marginPx}" y="${y}" font-family="sans-serif" font-size="${size}" fill="${color}">${escaped(content)}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<metadata>${escaped(JSON.stringify({ provenance }))}</metadata>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(title, marginPx + 12, 12, printColors.text),
    `<svg x="${marginPx}" y="${titleHeightPx + marginPx / 2}" width="${widthPx}" height="${heightPx}">${inner}</svg>`,
    ...lines.map((line, at) => text(line, foot + at * lineHeightPx, 9, printColors.dim)),
    '</svg>',
  ].join('\n')
}

export async function saveSvg(figure: Figure): Promise<void> {
  saveFile(fileNameOf(figure.title, 'svg'), await figureSvg(figure), 'image/svg+xml')
}

export async function savePng(figure: Figure): Promise<void> {
  const url = URL.createObjectURL(new Blob([await figureSvg(figure)], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * 2
    canvas.height = image.naturalHeight * 2
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (!png) throw new Error('The figure is too large for a PNG; save it as SVG.')
    saveFile(fileNameOf(figure.title, 'png'), png, 'image/png')
  } finally {
    URL.revokeObjectURL(url)
  }
}

function wrapped(facts: string[], widest: number): string[] {
  const lines: string[] = []
  for (const fact of facts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + fact.length + 3 <= widest) lines[lines.length - 1] = `${last} · ${fact}`
    else lines.push(fact)
  }
  return lines
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
