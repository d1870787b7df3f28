/**
 * The exactness certificate: all terms of an image, put together from the compact form (spec 3), against its unit
 * representation. The sum takes the same way as every later use of the terms, through A, B, G and E, not the forward
 * pass's own residual stream, so that a mistake in the form shows.
 */
import { matrixProduct } from '../math/products.ts'
import type { Bases } from './bases.ts'
import type { BlockTensors } from './block.ts'

/**
 * Above this the terms do not add up. Sums of a few hundred float32 terms stay near 1e-6 of the representation, whose
 * length is 1; a missing bias or a wrong scale shows above 1e-3.
 */
export const exactnessTolerance = 1e-5

/** @returns the largest |sum of terms - representation| over the block's rows and components; Infinity for NaN */
export async function largestError(block: BlockTensors, bases: Bases): Promise<number> {
  const d = bases.G.length
  const { rows } = block
  const sums = new Float64Array(rows * d)
  for (const [layer, attended] of block.attended.entries()) {
    const width = attended.length === 0 ? 0 : bases.A.get(layer)!.length / d
    const used = attended.subarray(0, rows * width)
    if (rows > 0) addInPlace(sums, await matrixProduct(used, [rows, width], bases.A.get(layer)!, [width, d]))
    addInPlace(sums, block.mlp[layer]!)
    const B = bases.B.get(layer)!
    for (let at = 0; at < sums.length; at++) sums[at]! += B[at % d]!
  }
  let largest = 0
  for (let row = 0; row < rows; row++) {
    const [mean, scale, norm] = block.scalars.subarray(row * 3, row * 3 + 3) as unknown as [number, number, number]
    for (let k = 0; k < d; k++) {
      const sum = (sums[row * d + k]! + bases.initial[k]! - bases.G[k]! * mean) / (scale * norm) + bases.E[k]! / norm
      const error = Math.abs(sum - block.representation[row * d + k]!)
      // The comparison is this way round so that NaN counts as the worst.
      if (!(error <= largest)) largest = Number.isNaN(error) ? Infinity : error
    }
  }
  return largest
}

function addInPlace(sums: Float64Array, terms: Float32Array): void {
  for (let at = 0; at < sums.length; at++) sums[at]! += terms[at]!
}
