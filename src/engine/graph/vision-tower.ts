/**
 * The vision tower as ONNX operators, with a hook on every layer that hands out what the decomposition needs.
 * In the last layer only the class token is carried on: with one query, attention needs neither keys nor values of
 * the other tokens (see `lastAttention`), so that the layer costs next to nothing.
 */
import type { Affine, Checkpoint, LayerWeights } from '../model/index.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { headTensors, layerNorm, linear, mlpSteps, weight } from './transformer.ts'

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
  /** v[l,h,n]: [images, heads, tokens, headWidth], made on demand */
  tokenValues: () => Value
  /** v[l,h,n] . u[l,h]: [images, heads, tokens] from directions u [images, heads, headWidth], made on demand */
  valuesAlong: (directions: Value) => Value
  /** [images, width], the MLP's output at the class token */
  mlpOutput: Value
  /** what the layer's derivative needs (see `backward`) */
  kept: KeptLayer
}

/** Of a layer that carries every token; rows are [images x tokens, ...]. */
export type KeptFullLayer = {
  isLast: false
  /** before the layer, [rows, width] */
  stream: Value
  /** as in `HeadTensors` */
  query: Value
  keyTransposed: Value
  value: Value
  /** A after softmax: [images, heads, tokens, tokens] */
  attention: Value
  /** after the attention, [rows, width] */
  middle: Value
  /** before the MLP's activation, [rows, mlpWidth] */
  hidden: Value
}

/** Of the last layer, which carries the class token alone. */
export type KeptLastLayer = {
  isLast: true
  /** before the layer, all tokens: [images x tokens, width] */
  stream: Value
  /** all tokens: [images, tokens, width] */
  normed: Value
  /** W_K^T q of each head: [images, heads, width] */
  probe: Value
  /** a: [images, heads, tokens] */
  attention: Value
  /** [images, width] */
  middle: Value
  /** [images, mlpWidth] */
  hidden: Value
}

export type KeptLayer = KeptFullLayer | KeptLastLayer

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
  const { hidden, output: mlpRows } = mlpSteps(g, middle, weights, shape)
  const classRow = (rows: Value) => g.pick(g.reshape(rows, [-1, tokens, width]), 1, 0)
  const values = (): LayerValues => ({
    layer,
    attended: classRow(attended),
    attentionRow: () => g.pick(attention, 2, 0),
    classAttention: () => g.pick(g.pick(attention, 2, 0), 2, 0),
    classValue: () => g.reshape(g.pick(value, 2, 0), [-1, width]),
    tokenValues: () => value,
    valuesAlong: (directions) => {
      const columns = g.op('Unsqueeze', [directions, g.integers([3])])
      return g.op('Squeeze', [g.op('MatMul', [value, columns]), g.integers([3])])
    },
    mlpOutput: classRow(mlpRows),
    kept: { isLast: false, stream, query, keyTransposed, value, attention, middle, hidden },
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
  const { probe, attention, attended } = lastAttention(g, shape, weights, normed)
  const middle = g.add(classStream, linear(g, attended, weights.attentionOutput))
  const { hidden, output: mlpOutput } = mlpSteps(g, middle, weights, shape)
  const values: LayerValues = {
    layer,
    attended,
    attentionRow: () => attention,
    classAttention: () => g.pick(attention, 2, 0),
    classValue: () => linear(g, g.pick(normed, 1, 0), weights.value),
    tokenValues: () => lastTokenValues(g, shape, weights, normed),
    valuesAlong: (directions) => lastValuesAlong(g, shape, weights, normed, directions),
    mlpOutput,
    kept: { isLast: true, stream, normed, probe, attention, middle, hidden },
  }
  return { classToken: g.add(middle, mlpOutput), values }
}

export type VisionSize = Checkpoint['config']['vision']
type HeadShape = Pick<VisionSize, 'heads' | 'headWidth' | 'width'>

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
): { probe: Value; attention: Value; attended: Value } {
  const shape = { heads, headWidth, width }
  const query = g.multiply(linear(g, g.pick(normed, 1, 0), weights.query), g.floats([headWidth ** -0.5], []))
  const probe = intoTokenSpace(g, shape, weights.key, g.reshape(query, [-1, heads, headWidth]))
  const scores = g.op('MatMul', [probe, g.transpose(normed, [0, 2, 1])])
  const attention = g.op('Softmax', [scores], { axis: -1 })
  const context = g.transpose(g.op('MatMul', [attention, normed]), [1, 0, 2])
  const valueByHead = g.transpose(matrixByHead(g, shape, weights.value), [0, 2, 1])
  const attendedByHead = g.transpose(g.op('MatMul', [context, valueByHead]), [1, 0, 2])
  const attended = g.add(g.reshape(attendedByHead, [-1, width]), weight(g, weights.value.bias))
  return { probe, attention, attended }
}

/** W_Q, W_K or W_V in parts, [heads, headWidth, width]. */
export function matrixByHead(g: GraphBuilder, { heads, headWidth, width }: HeadShape, layer: Affine): Value {
  return g.reshape(weight(g, layer.weight), [heads, headWidth, width])
}

/** v_n of every token after all: [images, heads, tokens, headWidth]. */
function lastTokenValues(
  g: GraphBuilder,
  { heads, headWidth, width, tokens }: VisionSize,
  weights: LayerWeights,
  normed: Value,
): Value {
  const rows = linear(g, g.reshape(normed, [-1, width]), weights.value)
  return g.transpose(g.reshape(rows, [-1, tokens, heads, headWidth]), [0, 2, 1, 3])
}

/** v_n . u = x_n . (W_V^T u) + b_V . u for directions u [images, heads, headWidth]: [images, heads, tokens]. */
function lastValuesAlong(
  g: GraphBuilder,
  { heads, headWidth, width }: VisionSize,
  weights: LayerWeights,
  normed: Value,
  directions: Value,
): Value {
  const inTokenSpace = intoTokenSpace(g, { heads, headWidth, width }, weights.value, directions)
  const along = g.op('MatMul', [inTokenSpace, g.transpose(normed, [0, 2, 1])])
  const bias = g.reshape(weight(g, weights.value.bias), [1, heads, headWidth])
  return g.add(along, g.op('ReduceSum', [g.multiply(directions, bias), g.integers([2])], { keepdims: 1 }))
}

/** W^T u of each head, from [images, heads, headWidth] to [images, heads, width]. */
export function intoTokenSpace(g: GraphBuilder, shape: HeadShape, layer: Affine, directions: Value): Value {
  const byHead = g.transpose(directions, [1, 0, 2])
  return g.transpose(g.op('MatMul', [byHead, matrixByHead(g, shape, layer)]), [1, 0, 2])
}
