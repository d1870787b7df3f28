/** TEXTSPAN over the heads of one layer: texts into every head's space, then Algorithm 1. */
import type { HeadShape } from '../decompose/moments.ts'
import { type Batch, product } from '../math/products.ts'
import type { StoredMoment } from '../store/index.ts'
import { type Greedy, pickTexts } from './greedy.ts'
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
  const projected = await projectTexts(space, texts.embeddings, texts.count, texts.width)
  const found = await pickTexts({ texts: projected, ...space }, options.texts)
  const heads = found.map((greedy, head) => ({
    ...greedy,
    head,
    rank: space.ranks[head]!,
    variance: space.variances[head]!,
  }))
  return { space, heads }
}

/** texts [t, d] -> [H, k, t] */
export async function projectTexts(
  space: LayerSpace,
  embeddings: Float32Array,
  count: number,
  width: number,
): Promise<Batch<Float32Array>> {
  const bases: Batch<Float32Array> = {
    data: new Float32Array(space.bases),
    shape: [space.ranks.length, space.size, width],
  }
  return product(bases, { data: embeddings, shape: [1, count, width] }, { transposeRight: true })
}
