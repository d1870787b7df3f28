/**
 * The vision tower as ONNX operators, with a hook on every layer that hands out what the decomposition needs.
 * In the last layer only the class token is carried on: with one query, attention needs neither keys nor values of
 * the other tokens (see `lastAttention`), so that the layer costs next to nothing.
 */
import type { Checkpoint, LayerWeights } from '../model/index.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { headTensors, layerNorm, linear, mlp, weight } from './transformer.ts'

export type LayerValues = {
  layer: number
  /** z: [images, width], the attention module's output at the class token before its output projection */
  attended: Value
  /** a[l,h,0]: [images, heads], made on demand */
  classAttention: () => Value
  /** a[l,h,n]: [images, heads, tokens], made on demand */
  attentionRow: () => Value
  /** v[l,h,0] for all heads side by side: [images, width], made on demand */
  classValue: () => Value
  /** [images, heads, tokens, K]: values times directions [heads, headWidth, K], made on demand */
  valuesAlong: (directions: Value) => Value
  /** [images, width], the MLP's output at the class token */
  mlpOutput: Value
}

export type VisionTowerOptions = {
  /** Carries every token through the last layer too: the plain encoder that the bench compares with. */
  isPlain?: boolean
  onLayer?: (values: LayerValues) => void
}

/**
 * @param pixels [images, 3, S, S]
 * @returns the class token's final residual stream, [images, width]
 */
export function visionTower(
  g: GraphBuilder,
  checkpoint: Checkpoint,
  pixels: Value,
  { isPlain = false, onLayer }: VisionTowerOptions = {},
): Value {
  const { tokens, width, layers } = checkpoint.config.vision
  let stream = embedTokens(g, checkpoint, pixels)
  for (let layer = 0; layer < layers - 1; layer++) {
    const { rows: next, values } = fullLayer(g, checkpoint, stream, layer)
    onLayer?.(values())
    stream = next
  }
  const last = layers - 1
  if (isPlain) {
    const { rows: next } = fullLayer(g, checkpoint, stream, last)
    return g.pick(g.reshape(next, [-1, tokens, width]), 1, 0)
  }
  const { classToken, values } = lastLayer(g, checkpoint, stream, last)
  onLayer?.(values)
  return classToken
}

/** Patches, class token, positions and ln_pre: [images x tokens, width]. */
function embedTokens(g: GraphBuilder, { config, vision }: Checkpoint, pixels: Value): Value {
  const { width, patchSizePx, tokens, epsilon } = config.vision
  const patches = g.op('Conv', [pixels, weight(g, vision.patchEmbedding)], {
    kernel_shape: [patchSizePx, patchSizePx],
    strides: [patchSizePx, patchSizePx],
  })
  const patchRows = g.transpose(g.reshape(patches, [0, width, tokens - 1]), [0, 2, 1])
  const positions = weight(g, vision.positionEmbedding)
  const placedPatches = g.add(patchRows, g.slice(positions, 0, 1, tokens))
  const classRow = g.add(g.reshape(weight(g, vision.classEmbedding), [1, width]), g.slice(positions, 0, 0, 1))
  const images = g.slice(g.op('Shape', [pixels]), 0, 0, 1)
  const classShape = g.concat([images, g.integers([1, width])], 0)
  const placedClass = g.op('Expand', [g.reshape(classRow, [1, 1, width]), classShape])
  const embedded = g.reshape(g.concat([placedClass, placedPatches], 1), [-1, width])
  return layerNorm(g, embedded, vision.beforeLayers, epsilon)
}

function fullLayer(
  g: GraphBuilder,
  checkpoint: Checkpoint,
  stream: Value,
  layer: number,
): { rows: Value; values: () => LayerValues } {
  const shape = checkpoint.config.vision
  const weights = checkpoint.vision.layers[layer]!
  const { tokens, width, heads, headWidth } = shape
  const normed = layerNorm(g, stream, weights.beforeAttention, shape.epsilon)
  const split = (rows: Value) => g.reshape(rows, [-1, tokens, heads, headWidth])
  const { query, keyTransposed, value } = headTensors(g, normed, weights, shape, split)
  const attention = g.op('Softmax', [g.op('MatMul', [query, keyTransposed])], { axis: -1 })
  const attendedHeads = g.transpose(g.op('MatMul', [attention, value]), [0, 2, 1, 3])
  const attended = g.reshape(attendedHeads, [-1, width])
  const middle = g.add(stream, linear(g, attended, weights.attentionOutput))
  const mlpRows = mlp(g, middle, weights, shape)
  const classRow = (rows: Value) => g.pick(g.reshape(rows, [-1, tokens, width]), 1, 0)
  const values = (): LayerValues => ({
    layer,
    attended: classRow(attended),
    attentionRow: () => g.pick(attention, 2, 0),
    classAttention: () => g.pick(g.pick(attention, 2, 0), 2, 0),
    classValue: () => g.reshape(g.pick(value, 2, 0), [-1, width]),
    valuesAlong: (directions) => g.op('MatMul', [value, directions]),
    mlpOutput: classRow(mlpRows),
  })
  return { rows: g.add(middle, mlpRows), values }
}

function lastLayer(
  g: GraphBuilder,
  checkpoint: Checkpoint,
  stream: Value,
  layer: number,
): { classToken: Value; values: LayerValues } {
  const shape = checkpoint.config.vision
  const weights = checkpoint.vision.layers[layer]!
  const { tokens, width } = shape
  const classStream = g.pick(g.reshape(stream, [-1, tokens, width]), 1, 0)
  const normed = g.reshape(layerNorm(g, stream, weights.beforeAttention, shape.epsilon), [-1, tokens, width])
  const { attention, attended } = lastAttention(g, shape, weights, normed)
  const middle = g.add(classStream, linear(g, attended, weights.attentionOutput))
  const mlpOutput = mlp(g, middle, weights, shape)
  const values: LayerValues = {
    layer,
    attended,
    attentionRow: () => attention,
    classAttention: () => g.pick(attention, 2, 0),
    classValue: () => linear(g, g.pick(normed, 1, 0), weights.value),
    valuesAlong: (directions) => lastValuesAlong(g, shape, weights, normed, directions),
    mlpOutput,
  }
  return { classToken: g.add(middle, mlpOutput), values }
}

type VisionSize = Checkpoint['config']['vision']

/**
 * Attention with the class token's query alone. For head h, q.k_n = (W_K^T q).x_n + q.b_K, whose second part is the
 * same for every n and leaves softmax as it is; and sum_n a_n v_n = W_V (sum_n a_n x_n) + b_V, as the a_n sum to 1.
 * So the keys and values of the other tokens are never made.
 * @param normed [images, tokens, width]
 */
function lastAttention(
  g: GraphBuilder,
  { heads, headWidth, width }: VisionSize,
  weights: LayerWeights,
  normed: Value,
): { attention: Value; attended: Value } {
  const perHead = (ref: LayerWeights['key']) => g.reshape(weight(g, ref.weight), [heads, headWidth, width])
  const query = g.multiply(linear(g, g.pick(normed, 1, 0), weights.query), g.floats([headWidth ** -0.5], []))
  const queryByHead = g.transpose(g.reshape(query, [-1, heads, headWidth]), [1, 0, 2])
  const probe = g.transpose(g.op('MatMul', [queryByHead, perHead(weights.key)]), [1, 0, 2])
  const scores = g.op('MatMul', [probe, g.transpose(normed, [0, 2, 1])])
  const attention = g.op('Softmax', [scores], { axis: -1 })
  const context = g.transpose(g.op('MatMul', [attention, normed]), [1, 0, 2])
  const valueByHead = g.transpose(perHead(weights.value), [0, 2, 1])
  const attendedByHead = g.transpose(g.op('MatMul', [context, valueByHead]), [1, 0, 2])
  const attended = g.add(g.reshape(attendedByHead, [-1, width]), weight(g, weights.value.bias))
  return { attention, attended }
}

/** v_n . u = x_n . (W_V^T u) + b_V . u for directions [heads, headWidth, K]: [images, heads, tokens, K]. */
function lastValuesAlong(
  g: GraphBuilder,
  { heads, headWidth, width }: VisionSize,
  weights: LayerWeights,
  normed: Value,
  directions: Value,
): Value {
  const valueByHead = g.transpose(g.reshape(weight(g, weights.value.weight), [heads, headWidth, width]), [0, 2, 1])
  const inTokenSpace = g.op('MatMul', [valueByHead, directions])
  const bias = g.op('MatMul', [g.reshape(weight(g, weights.value.bias), [heads, 1, headWidth]), directions])
  const along = g.op('MatMul', [g.op('Unsqueeze', [normed, g.integers([1])]), inTokenSpace])
  return g.add(along, bias)
}
