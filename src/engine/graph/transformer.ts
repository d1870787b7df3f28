/**
 * The pieces of a pre-norm transformer as ONNX operators, shared by both towers.
 * Tokens are kept as rows, [images x tokens, width], so that every linear layer is one Gemm and no copy is made.
 */
import type { Affine, LayerWeights, WeightRef } from '../model/index.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'

export type Activation = 'gelu' | 'quick-gelu'
export type BlockShape = {
  width: number
  heads: number
  headWidth: number
  epsilon: number
  activation: Activation
}

/** A weight as float32; ONNX Runtime folds the cast of a half-precision weight when it loads the graph. */
export function weight(g: GraphBuilder, ref: WeightRef): Value {
  const stored = g.external(ref.key, ref)
  return ref.elementType === 'float32' ? stored : g.cast(stored, 'float32')
}

/** rows [m, in] times the transposed matrix [out, in], plus the bias. */
export function linear(g: GraphBuilder, rows: Value, layer: Affine): Value {
  return g.op('Gemm', [rows, weight(g, layer.weight), weight(g, layer.bias)], { transB: 1 })
}

export function layerNorm(g: GraphBuilder, rows: Value, norm: Affine, epsilon: number): Value {
  const inputs = [rows, weight(g, norm.weight), weight(g, norm.bias)]
  return g.op('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } })
}

/** GELU is x (1 + erf(x / sqrt 2)) / 2, quick GELU x sigmoid(1.702 x); ONNX Runtime fuses both forms. */
export function activate(g: GraphBuilder, rows: Value, activation: Activation): Value {
  if (activation === 'quick-gelu') {
    return g.multiply(rows, g.op('Sigmoid', [g.multiply(rows, g.floats([1.702], []))]))
  }
  const error = g.op('Erf', [g.op('Div', [rows, g.floats([Math.SQRT2], [])])])
  return g.multiply(g.multiply(rows, g.add(error, g.floats([1], []))), g.floats([0.5], []))
}

export function mlp(g: GraphBuilder, rows: Value, layer: LayerWeights, shape: BlockShape): Value {
  return mlpSteps(g, rows, layer, shape).output
}

/** The MLP with what its derivative needs: `hidden` is [m, mlpWidth], before the activation. */
export function mlpSteps(
  g: GraphBuilder,
  rows: Value,
  layer: LayerWeights,
  shape: BlockShape,
): { hidden: Value; output: Value } {
  const normed = layerNorm(g, rows, layer.beforeMlp, shape.epsilon)
  const hidden = linear(g, normed, layer.mlpIn)
  return { hidden, output: linear(g, activate(g, hidden, shape.activation), layer.mlpOut) }
}

export type HeadTensors = {
  /** [images, heads, tokens, headWidth], divided by sqrt(headWidth) */
  query: Value
  /** [images, heads, headWidth, tokens] */
  keyTransposed: Value
  /** [images, heads, tokens, headWidth] */
  value: Value
}

/** @param tokens the number of tokens where it is fixed, otherwise a name for Reshape's shape input */
export function headTensors(
  g: GraphBuilder,
  normed: Value,
  layer: LayerWeights,
  shape: BlockShape,
  split: (rows: Value) => Value,
): HeadTensors {
  const scale = g.floats([shape.headWidth ** -0.5], [])
  const query = g.multiply(linear(g, normed, layer.query), scale)
  return {
    query: g.transpose(split(query), [0, 2, 1, 3]),
    keyTransposed: g.transpose(split(linear(g, normed, layer.key)), [0, 2, 3, 1]),
    value: g.transpose(split(linear(g, normed, layer.value)), [0, 2, 1, 3]),
  }
}
