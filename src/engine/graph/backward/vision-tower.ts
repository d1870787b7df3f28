/**
 * The vision tower backwards: dy over the attention of every layer, from the last layer to the first, for y one number
 * an image. ONNX Runtime takes no derivatives, so they are written as operators like the tower itself.
 */
import type { Checkpoint } from '../../model/index.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { LayerValues } from '../vision-tower.ts'
import { type BlockGradients, fullLayerBackward, lastLayerBackward } from './layers.ts'

export type AttentionGradient = Pick<BlockGradients, 'attention' | 'weighted'> & { layer: number }

/**
 * @param layers   of the tower, from the first to the last
 * @param gradient dy over the class token at the end of the tower, [images, width]
 * @param onLayer  is called from the last layer down to `downTo`
 * @param downTo   the lowest layer that is wanted
 */
export function visionTowerBackward(
  g: GraphBuilder,
  { config, vision }: Checkpoint,
  layers: LayerValues[],
  gradient: Value,
  { onLayer, downTo }: { onLayer: (gradient: AttentionGradient) => void; downTo: number },
): void {
  let current = gradient
  for (let layer = layers.length - 1; layer >= downTo; layer--) {
    const { kept, valuesAlong } = layers[layer]!
    const weights = vision.layers[layer]!
    const { attention, weighted, stream } = kept.isLast
      ? lastLayerBackward(g, config.vision, weights, { kept, valuesAlong }, current)
      : fullLayerBackward(g, config.vision, weights, kept, current)
    onLayer({ layer, attention, weighted })
    if (layer > downTo) current = stream()
  }
}
