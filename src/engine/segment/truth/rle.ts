/**
 * COCO's run-length encoding of masks: lengths of runs of background and foreground by turns, background first, column
 * by column. Its compressed form writes each length, less the one two before it, in groups of five bits from the
 * lowest on, as characters from "0" on.
 * Source: cocoapi, common/maskApi.c (BSD licence), rleEncode, rleDecode, rleToString and rleFrString.
 */
import { HeadwiseError } from '../../../contract/errors.ts'
import type { Mask } from './mask.ts'

/** `size` is [height, width]. */
export type Rle = { size: [number, number]; counts: number[] }

export function encodeRle({ widthPx, heightPx, foreground }: Mask): Rle {
  const counts: number[] = []
  let [length, current] = [0, 0]
  for (let x = 0; x < widthPx; x++) {
    for (let y = 0; y < heightPx; y++) {
      const pixel = foreground[y * widthPx + x]!
      if (pixel !== current) {
        counts.push(length)
        ;[length, current] = [0, pixel]
      }
      length++
    }
  }
  counts.push(length)
  return { size: [heightPx, widthPx], counts }
}

/**
 * Adds the foreground to a mask of the same size.
 * @param name of the mask, for people
 * @throws HeadwiseError 'damaged' when the runs do not fill the mask exactly
 */
export function addRleInPlace({ widthPx, heightPx, foreground }: Mask, { counts }: Rle, name: string): void {
  const size = widthPx * heightPx
  let at = 0
  for (const [turn, length] of counts.entries()) {
    const end = at + length
    if (!(length >= 0) || end > size) throw unfilled(name, counts, size)
    if (turn % 2 === 1) for (; at < end; at++) foreground[(at % heightPx) * widthPx + Math.floor(at / heightPx)] = 1
    at = end
  }
  if (at !== size) throw unfilled(name, counts, size)
}

function unfilled(name: string, counts: number[], size: number): HeadwiseError {
  const sum = counts.reduce((total, length) => total + length, 0)
  return new HeadwiseError('damaged', `The runs of ${name} must add up to its ${size} pixels; they add up to ${sum}.`)
}

export function compressCounts(counts: number[]): string {
  let text = ''
  for (let at = 0; at < counts.length; at++) {
    let rest = at > 2 ? counts[at]! - counts[at - 2]! : counts[at]!
    for (let isMore = true; isMore;) {
      const bits = rest & 0x1f
      rest >>= 5
      isMore = (bits & 0x10) !== 0 ? rest !== -1 : rest !== 0
      text += String.fromCharCode((isMore ? bits | 0x20 : bits) + 48)
    }
  }
  return text
}

/** @throws HeadwiseError 'damaged' when a character is none of the form, or the last number is cut off */
export function expandCounts(text: string, name: string): number[] {
  const counts: number[] = []
  for (let at = 0; at < text.length;) {
    let [number, shift, isMore] = [0, 0, true]
    while (isMore) {
      const bits = text.charCodeAt(at) - 48
      if (!(bits >= 0 && bits < 64) || shift > 30) {
        const found = at < text.length ? `"${text[at]}" at ${at}` : 'the end of the text'
        throw new HeadwiseError('damaged', `The counts of ${name} must be compressed as by COCO; they have ${found}.`)
      }
      number |= (bits & 0x1f) << shift
      isMore = (bits & 0x20) !== 0
      at++
      shift += 5
      if (!isMore && (bits & 0x10) !== 0 && shift < 32) number |= -1 << shift
    }
    counts.push(counts.length > 2 ? number + counts.at(-2)! : number)
  }
  return counts
}
