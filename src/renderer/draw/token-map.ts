/** A map over the patches of an image: enlarged to pixels and coloured, without any canvas. */
import { divergingColor, sequentialColor } from './color-map.ts'
import { type Scale, sequentialScale, signedScale } from './scales.ts'

export type PatchGrid = {
  gridRows: number
  gridColumns: number
  /** [gridRows, gridColumns] */
  patches: ArrayLike<number>
}

/** `patches` shows each patch as a square, `bilinear` is smooth between their centres (spec 6: align_corners = false). */
export const mapViews = ['bilinear', 'patches'] as const
export type MapView = (typeof mapViews)[number]

export const mapColors = ['signed', 'sequential'] as const
export type MapColors = (typeof mapColors)[number]

/** @returns [heightPx, widthPx] */
export function enlarged(grid: PatchGrid, widthPx: number, heightPx: number, view: MapView): Float32Array {
  const { gridRows, gridColumns, patches } = grid
  const across = weightsAlong(gridColumns, widthPx, view)
  const down = weightsAlong(gridRows, heightPx, view)
  const pixels = new Float32Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    const [above, below, lower] = [down.before[y]! * gridColumns, down.after[y]! * gridColumns, down.share[y]!]
    for (let x = 0; x < widthPx; x++) {
      const [left, right, part] = [across.before[x]!, across.after[x]!, across.share[x]!]
      const top = patches[above + left]! * (1 - part) + patches[above + right]! * part
      const bottom = patches[below + left]! * (1 - part) + patches[below + right]! * part
      pixels[y * widthPx + x] = top * (1 - lower) + bottom * lower
    }
  }
  return pixels
}

/** For every pixel the two cells it lies between, and how far it is on the way to the second. */
function weightsAlong(cells: number, sizePx: number, view: MapView) {
  const before = new Int32Array(sizePx)
  const after = new Int32Array(sizePx)
  const share = new Float32Array(sizePx)
  for (let at = 0; at < sizePx; at++) {
    const place = ((at + 0.5) * cells) / sizePx
    if (view === 'patches') before[at] = after[at] = Math.min(cells - 1, Math.floor(place))
    else {
      const centred = Math.min(cells - 1, Math.max(0, place - 0.5))
      before[at] = Math.floor(centred)
      after[at] = Math.min(cells - 1, before[at]! + 1)
      share[at] = centred - before[at]!
    }
  }
  return { before, after, share }
}

/** Signed maps are centred on 0; sequential ones go from the least to the most. */
export function mapScale(patches: ArrayLike<number>, colors: MapColors): Scale {
  const measured = Array.from(patches)
  return colors === 'signed' ? signedScale(measured) : sequentialScale(measured, { from: Math.min(...measured) })
}

/** @param pixels  measures, row by row
 *  @returns RGBA; a signed map is nearly clear at 0 and opaque at its ends, so that the picture stays visible where nothing is */
export function colored(pixels: Float32Array, scale: Scale, colors: MapColors): Uint8ClampedArray<ArrayBuffer> {
  const table = tableOf(colors)
  const rgba = new Uint8ClampedArray(pixels.length * 4)
  for (let at = 0; at < pixels.length; at++) {
    const share = scale.share(pixels[at]!)
    const level = Math.round((colors === 'signed' ? (share + 1) / 2 : share) * levels)
    const from = Math.min(levels, Math.max(0, level)) * 3
    rgba[at * 4] = table[from]!
    rgba[at * 4 + 1] = table[from + 1]!
    rgba[at * 4 + 2] = table[from + 2]!
    rgba[at * 4 + 3] =
      colors === 'signed' ? Math.round(255 * (clearest + (1 - clearest) * Math.min(1, Math.abs(share)))) : 255
  }
  return rgba
}

/** Opacity of a signed map at 0. */
const clearest = 0.2

/** Even, so that zero has a level of its own. */
const levels = 510
const tables = new Map<MapColors, Uint8Array>()

function tableOf(colors: MapColors): Uint8Array {
  const known = tables.get(colors)
  if (known) return known
  const table = new Uint8Array((levels + 1) * 3)
  for (let level = 0; level <= levels; level++) {
    const share = level / levels
    const color = colors === 'signed' ? divergingColor(2 * share - 1) : sequentialColor(share)
    table.set(color.match(/\d+/g)!.map(Number), level * 3)
  }
  tables.set(colors, table)
  return table
}

/** Colours of a legend, least first, at even steps. */
export function mapColorStops(colors: MapColors): string[] {
  return Array.from({ length: 13 }, (_, at) =>
    colors === 'signed' ? divergingColor(at / 6 - 1) : sequentialColor(at / 12),
  )
}

/** CSS background of a legend, least at the left. */
export function mapGradient(colors: MapColors): string {
  return `linear-gradient(to right, ${mapColorStops(colors).join(', ')})`
}
