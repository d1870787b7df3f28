/** TEXTSPAN over the heads of one layer: texts into every head's space, then Algorithm 1 head by head. */
import type { HeadShape } from '../decompose/moments.ts'
import { type Batch, product } from '../math/products.ts'
import { innerProduct } from '../math/symmetric.ts'
import type { StoredMoment } from '../store/index.ts'
import { type Greedy, type HeadTexts, pickTexts } from './greedy.ts'
import { layerSpace, type LayerSpace } from './head-space.ts'

export type HeadDescription = Greedy & { head: number; rank: number; variance: number }

export type LayerDescription = { space: LayerSpace; heads: HeadDescription[] }

/**
 * @param matrices  M^T of every head, [H, q, d]
 * @param texts     [t, d], unit length
 */
export async function describeLayer(
  moment: StoredMoment,
  matrices: Float64Array,
  shape: HeadShape,
  texts: { embeddings: Float32Array; count: number; width: number },
  options: { texts: number; rank: number },
): Promise<LayerDescription> {
  const space = await layerSpace(moment, matrices, shape, texts.width, options.rank)
  const inBases = await projectTexts(space, texts.embeddings, texts.count, texts.width)
  const heads: HeadDescription[] = []
  for (let head = 0; head < shape.heads; head++) {
    const headTexts = await textsOfHead(space, inBases, head)
    const greedy = pickTexts(headTexts, options.texts)
    heads.push({ ...greedy, head, rank: space.ranks[head]!, variance: space.variances[head]! })
  }
  return { space, heads }
}

/** texts [t, d] -> [H, t, k] */
export async function projectTexts(
  space: LayerSpace,
  embeddings: Float32Array,
  count: number,
  width: number,
): Promise<Batch<Float32Array>> {
  const left: Batch<Float32Array> = { data: embeddings, shape: [1, count, width] }
  const bases: Batch<Float32Array> = {
    data: new Float32Array(space.bases),
    shape: [space.ranks.length, space.size, width],
  }
  return product(left, bases, { transposeRight: true })
}

async function textsOfHead(space: LayerSpace, inBases: Batch<Float32Array>, head: number): Promise<HeadTexts> {
  const k = space.size
  const count = inBases.shape[1]
  const texts = inBases.data.subarray(head * count * k, (head + 1) * count * k)
  const covariance = space.covariances.slice(head * k * k, (head + 1) * k * k)
  const exact = new Float64Array(texts)
  const turned = await product({ data: exact, shape: [1, count, k] }, { data: covariance, shape: [1, k, k] })
  const textVariances = new Float64Array(count)
  for (let text = 0; text < count; text++) {
    textVariances[text] = innerProduct(
      exact.subarray(text * k, (text + 1) * k),
      turned.data.subarray(text * k, (text + 1) * k),
    )
  }
  return { size: k, rank: space.ranks[head]!, texts, covariance, textVariances, variance: space.variances[head]! }
}
