/** Masks and overlays as PNG files. */
import sharp from 'sharp'
import type { Mask } from '../truth/mask.ts'

/** Colours of what a prediction got right and wrong; true background stays the image. */
const errorColors = {
  truePositive: [0x0f, 0x8b, 0x8d],
  falsePositive: [0xe0, 0x82, 0x14],
  falseNegative: [0x7b, 0x32, 0x94],
} as const

const opacity = 0.6

/** Grey, 0 background, 255 foreground: a file that can be linked as ground truth. */
export async function maskPng({ widthPx, heightPx, foreground }: Mask): Promise<Uint8Array> {
  const levels = foreground.map((pixel) => pixel * 255)
  return sharp(levels, { raw: { width: widthPx, height: heightPx, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

/**
 * @param rgb        [S, S, 3], the image as the model sees it
 * @param foreground [S, S], predicted
 * @param truth      [S, S]
 */
export async function overlayPng(
  rgb: Uint8Array,
  foreground: Uint8Array,
  truth: Uint8Array,
  sizePx: number,
): Promise<Uint8Array> {
  const painted = Uint8Array.from(rgb)
  for (let at = 0; at < foreground.length; at++) {
    const color = colorOf(foreground[at] === 1, truth[at] === 1)
    if (!color) continue
    for (let channel = 0; channel < 3; channel++) {
      const place = at * 3 + channel
      painted[place] = Math.round((1 - opacity) * rgb[place]! + opacity * color[channel]!)
    }
  }
  return sharp(painted, { raw: { width: sizePx, height: sizePx, channels: 3 } })
    .png()
    .toBuffer()
}

function colorOf(isPredicted: boolean, isTrue: boolean): readonly number[] | undefined {
  if (isPredicted) return isTrue ? errorColors.truePositive : errorColors.falsePositive
  return isTrue ? errorColors.falseNegative : undefined
}
