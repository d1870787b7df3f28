/**
 * Derivative of one residual block, x -> m = x + attention(ln_1 x) -> m + mlp(ln_2 m), for y one number an image. What
 * comes in is dy over the block's output, what goes out dy over its input and over its attention.
 */
import type { LayerWeights } from '../../model/index.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import {
  intoTokenSpace,
  type KeptFullLayer,
  type KeptLastLayer,
  type LayerValues,
  matrixByHead,
  type VisionSize,
} from '../vision-tower.ts'
import { activateBackward } from './activation.ts'
import { layerNormBackward } from './layer-norm.ts'
import { linearBackward } from './linear.ts'
import { softmaxBackward } from './softmax.ts'

export type BlockGradients = {
  /** dy/dA: [images, heads, tokens, tokens]; of the last layer's class token, [images, heads, tokens] */
  attention: Value
  /** A dy/dA, of the same shape */
  weighted: Value
  /** dy over the block's input, [images x tokens, width]; made on demand, as the first layer needs none */
  stream: () => Value
}

/** @param gradient dy over the block's output, [images x tokens, width] */
export function fullLayerBackward(
  g: GraphBuilder,
  shape: VisionSize,
  weights: LayerWeights,
  kept: KeptFullLayer,
  gradient: Value,
): BlockGradients {
  const { tokens, heads, headWidth } = shape
  const toMiddle = g.add(gradient, mlpBackward(g, shape, weights, kept, gradient))
  const toAttended = g.reshape(linearBackward(g, toMiddle, weights.attentionOutput), [-1, tokens, heads, headWidth])
  const toHeads = g.transpose(toAttended, [0, 2, 1, 3])
  const attention = g.op('MatMul', [toHeads, g.transpose(kept.value, [0, 1, 3, 2])])
  const weighted = g.multiply(kept.attention, attention)
  const stream = () => {
    const normed = attentionBackward(g, shape, weights, kept, { toHeads, weighted })
    return g.add(toMiddle, layerNormBackward(g, kept.stream, weights.beforeAttention, shape.epsilon, normed))
  }
  return { attention, weighted, stream }
}

/** @param gradient dy over the class token at the block's output, [images, width] */
export function lastLayerBackward(
  g: GraphBuilder,
  shape: VisionSize,
  weights: LayerWeights,
  { kept, valuesAlong }: { kept: KeptLastLayer; valuesAlong: LayerValues['valuesAlong'] },
  gradient: Value,
): BlockGradients {
  const { heads, headWidth, width, tokens } = shape
  const toMiddle = g.add(gradient, mlpBackward(g, shape, weights, kept, gradient))
  const toHeads = g.reshape(linearBackward(g, toMiddle, weights.attentionOutput), [-1, heads, headWidth])
  // As the class token takes sum_n a_n v_n, dy/da_n is v_n along its gradient.
  const attention = valuesAlong(toHeads)
  const weighted = g.multiply(kept.attention, attention)
  const stream = () => {
    const toNormed = g.reshape(lastAttentionBackward(g, shape, weights, kept, { toHeads, weighted }), [-1, width])
    const throughNorm = layerNormBackward(g, kept.stream, weights.beforeAttention, shape.epsilon, toNormed)
    return g.reshape(onClassToken(g, g.reshape(throughNorm, [-1, tokens, width]), toMiddle, tokens), [-1, width])
  }
  return { attention, weighted, stream }
}

/** Of mlp(ln_2 m): dy/dm without the residual's part. */
function mlpBackward(
  g: GraphBuilder,
  { activation, epsilon }: VisionSize,
  weights: LayerWeights,
  { middle, hidden }: { middle: Value; hidden: Value },
  gradient: Value,
): Value {
  const toActivated = linearBackward(g, gradient, weights.mlpOut)
  const toNormed = linearBackward(g, activateBackward(g, hidden, activation, toActivated), weights.mlpIn)
  return layerNormBackward(g, middle, weights.beforeMlp, epsilon, toNormed)
}

type AttentionGradients = {
  /** dy/do of o = A v, by head */
  toHeads: Value
  /** A dy/dA */
  weighted: Value
}

/**
 * Of o = A v, A = softmax(S), S = q k^T with q divided by sqrt(dh):
 *   dy/dv = A^T dy/do,  dy/dq = dy/dS k,  dy/dk = (dy/dS)^T q, and on through W_Q, W_K and W_V.
 * @returns dy over the rows that q, k and v are made of, [images x tokens, width]
 */
function attentionBackward(
  g: GraphBuilder,
  { width, headWidth }: VisionSize,
  weights: LayerWeights,
  { query, keyTransposed, attention }: KeptFullLayer,
  { toHeads, weighted }: AttentionGradients,
): Value {
  const turned = (value: Value) => g.transpose(value, [0, 1, 3, 2])
  const toScores = softmaxBackward(g, attention, weighted)
  const toValue = g.op('MatMul', [turned(attention), toHeads])
  const toKey = g.op('MatMul', [turned(toScores), query])
  const toScaledQuery = g.op('MatMul', [toScores, turned(keyTransposed)])
  const toQuery = g.multiply(toScaledQuery, g.floats([headWidth ** -0.5], []))
  const rows = (byHead: Value) => g.reshape(g.transpose(byHead, [0, 2, 1, 3]), [-1, width])
  return [
    linearBackward(g, rows(toQuery), weights.query),
    linearBackward(g, rows(toKey), weights.key),
    linearBackward(g, rows(toValue), weights.value),
  ].reduce((sum, part) => g.add(sum, part))
}

/**
 * The same for the class token's query alone, in the form of `lastAttention`: S_n = p . x_n with the probe p = W_K^T q,
 * and o = W_V sum_n a_n x_n + b_V.
 *   dy/dx_n = dy/dS_n p + a_n W_V^T dy/do,
 * and at the class token besides W_Q^T dy/dq with dy/dq = W_K (sum_n dy/dS_n x_n) / sqrt(dh)
 * @returns [images, tokens, width]
 */
function lastAttentionBackward(
  g: GraphBuilder,
  shape: VisionSize,
  weights: LayerWeights,
  { normed, probe, attention }: KeptLastLayer,
  { toHeads, weighted }: AttentionGradients,
): Value {
  const { width, headWidth, tokens } = shape
  const byToken = (byHead: Value) => g.transpose(byHead, [0, 2, 1])
  const toScores = softmaxBackward(g, attention, weighted)
  const throughKeys = g.op('MatMul', [byToken(toScores), probe])
  const throughValues = g.op('MatMul', [byToken(attention), intoTokenSpace(g, shape, weights.value, toHeads)])
  const toProbe = g.transpose(g.op('MatMul', [toScores, normed]), [1, 0, 2])
  const keyByHead = g.transpose(matrixByHead(g, shape, weights.key), [0, 2, 1])
  const toScaledQuery = g.reshape(g.transpose(g.op('MatMul', [toProbe, keyByHead]), [1, 0, 2]), [-1, width])
  const toQuery = g.multiply(toScaledQuery, g.floats([headWidth ** -0.5], []))
  const throughQuery = linearBackward(g, toQuery, weights.query)
  return onClassToken(g, g.add(throughKeys, throughValues), throughQuery, tokens)
}

/** Adds [images, width] to the class token of [images, tokens, width]. */
function onClassToken(g: GraphBuilder, all: Value, classToken: Value, tokens: number): Value {
  const first = g.add(g.slice(all, 1, 0, 1), g.op('Unsqueeze', [classToken, g.integers([1])]))
  return g.concat([first, g.slice(all, 1, 1, tokens)], 1)
}
