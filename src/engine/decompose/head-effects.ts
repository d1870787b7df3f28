/**
 * How much each head does: the trace of the covariance of its terms r over the images. With r = f M^T it is the sum of
 * the products of equal places of f's covariance and M^T M, so that no term is ever made.
 */
import type { HeadEffect } from '../../contract/head.ts'
import { type Batch, product } from '../math/products.ts'
import { innerProduct } from '../math/symmetric.ts'
import type { StoredMoment } from '../store/index.ts'
import { type Bases, headMatrices } from './bases.ts'
import { coordinateCount, type HeadShape } from './moments.ts'

/** @returns layers as in `moments`, heads in order; [] for moments of no image */
export async function headEffects(
  moments: StoredMoment[],
  bases: Bases,
  shape: HeadShape & { layers: number },
): Promise<HeadEffect[]> {
  const q = coordinateCount(shape)
  const effects: HeadEffect[] = []
  for (const { layer, rowCount, products } of moments) {
    if (rowCount === 0) continue
    const M: Batch<Float64Array> = {
      data: headMatrices(bases, layer, shape),
      shape: [shape.heads, q, bases.G.length],
    }
    const gram = (await product(M, M, { transposeRight: true })).data
    for (let head = 0; head < shape.heads; head++) {
      const [from, to] = [head * q * q, (head + 1) * q * q]
      const sum = innerProduct(products.subarray(from, to), gram.subarray(from, to))
      effects.push({ layer, head, variance: Math.max(0, sum / rowCount) })
    }
  }
  return effects
}
