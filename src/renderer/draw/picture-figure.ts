/** A picture with its token map as a PNG to hand on: title, picture, legend, and the provenance below. */
import { printColors } from './charts.ts'
import { fileNameOf, saveFile } from './save-file.ts'
import { type MapColors, mapColorStops } from './token-map.ts'

export type PictureFigure = {
  title: string
  provenance: string[]
  /** address of what the model sees */
  pictureUrl: string
  map: HTMLCanvasElement
  opacity: number
  colors: MapColors
  /** ends of the colours, in words */
  from: string
  to: string
  /** instead of a range: what single colours mean; a key without a colour has an empty box */
  keys?: { color: string | undefined; title: string }[]
}

const sidePx = 640
const marginPx = 20
const linePx = 18

export async function savePicture(figure: PictureFigure): Promise<void> {
  const picture = new Image()
  picture.src = figure.pictureUrl
  await picture.decode()
  const canvas = document.createElement('canvas')
  canvas.width = sidePx + 2 * marginPx
  const context = canvas.getContext('2d')!
  const lines = [figure.title, ...figure.provenance].flatMap((line) => wrapped(context, line))
  canvas.height = sidePx + 3 * marginPx + 34 + lines.length * linePx
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, marginPx, marginPx, sidePx, sidePx)
  context.globalAlpha = figure.opacity
  // Masks have edges, maps have none.
  context.imageSmoothingEnabled = figure.keys === undefined
  context.drawImage(figure.map, marginPx, marginPx, sidePx, sidePx)
  context.globalAlpha = 1
  context.imageSmoothingEnabled = true
  if (figure.keys) drawKeys(context, figure.keys)
  else drawLegend(context, figure)
  context.textAlign = 'left'
  lines.forEach((line, at) => {
    context.fillStyle = at === 0 ? printColors.text : printColors.dim
    context.font = textFont
    context.fillText(line, marginPx, sidePx + 2 * marginPx + 44 + at * linePx)
  })
  const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!png) throw new Error('The browser made no PNG of this picture.')
  saveFile(fileNameOf(figure.title, 'png'), png, 'image/png')
}

const textFont = '13px sans-serif'

function drawLegend(context: CanvasRenderingContext2D, { colors, from, to }: PictureFigure): void {
  const y = sidePx + marginPx + 12
  const gradient = context.createLinearGradient(marginPx + 80, 0, marginPx + sidePx - 80, 0)
  const stops = mapColorStops(colors)
  stops.forEach((color, at) => gradient.addColorStop(at / (stops.length - 1), color))
  context.fillStyle = gradient
  context.fillRect(marginPx + 80, y, sidePx - 160, 10)
  context.fillStyle = printColors.text
  context.font = textFont
  context.textAlign = 'left'
  context.fillText(from, marginPx, y + 10)
  context.textAlign = 'right'
  context.fillText(to, marginPx + sidePx, y + 10)
}

function drawKeys(context: CanvasRenderingContext2D, keys: NonNullable<PictureFigure['keys']>): void {
  const y = sidePx + marginPx + 12
  let x = marginPx
  context.font = textFont
  context.textAlign = 'left'
  for (const { color, title } of keys) {
    if (color === undefined) {
      context.strokeStyle = printColors.dim
      context.strokeRect(x + 0.5, y + 0.5, 10, 10)
    } else {
      context.fillStyle = color
      context.fillRect(x, y, 11, 11)
    }
    context.fillStyle = printColors.text
    context.fillText(title, x + 16, y + 10)
    x += 16 + context.measureText(title).width + 18
  }
}

function wrapped(context: CanvasRenderingContext2D, line: string): string[] {
  context.font = textFont
  const lines: string[] = []
  let own = ''
  for (const word of line.split(' ')) {
    const longer = own === '' ? word : `${own} ${word}`
    if (own !== '' && context.measureText(longer).width > sidePx) {
      lines.push(own)
      own = word
    } else own = longer
  }
  return [...lines, own]
}
