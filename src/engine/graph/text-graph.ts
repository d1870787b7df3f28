/**
 * The text tower: ids [K, T] and, for every text, the row of its end token in [K x T] -> unit embeddings [K, d].
 * The mask is causal, so tokens after the end token never matter: encode at the length of the batch's longest text.
 */
import { weightsLocation } from '../runtime/session.ts'
import type { Checkpoint } from '../model/index.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { headTensors, layerNorm, linear, mlp, weight } from './transformer.ts'

export function textGraph({ config, text }: Checkpoint): Uint8Array {
  const { width, heads, epsilon, activation, contextLength } = config.text
  const headWidth = width / heads
  const shape = { width, heads, headWidth, epsilon, activation }
  const g = new GraphBuilder('text', weightsLocation)
  const ids = g.input('ids', 'int64', ['texts', 'length'])
  const ends = g.input('ends', 'int64', ['texts'])
  const length = g.slice(g.op('Shape', [ids]), 0, 1, 2)
  const upTo = (table: Value, axes: number[]) =>
    g.op('Slice', [
      table,
      g.integers(axes.map(() => 0)),
      g.concat(
        axes.map(() => length),
        0,
      ),
      g.integers(axes),
    ])
  const embedded = g.op('Gather', [weight(g, text.tokenEmbedding), ids])
  let rows = g.reshape(g.add(embedded, upTo(weight(g, text.positionEmbedding), [0])), [-1, width])
  const mask = upTo(g.floats(causalMask(contextLength), [contextLength, contextLength]), [0, 1])
  // 0 keeps an axis of the input, so the batch is the one that is worked out.
  const splitShape = g.concat([g.integers([-1]), length, g.integers([heads, headWidth])], 0)
  const split = (value: Value) => g.op('Reshape', [value, splitShape])
  for (const layer of text.layers) {
    const normed = layerNorm(g, rows, layer.beforeAttention, epsilon)
    const { query, keyTransposed, value } = headTensors(g, normed, layer, shape, split)
    const attention = g.op('Softmax', [g.add(g.op('MatMul', [query, keyTransposed]), mask)], { axis: -1 })
    const attended = g.reshape(g.transpose(g.op('MatMul', [attention, value]), [0, 2, 1, 3]), [-1, width])
    rows = g.add(rows, linear(g, attended, layer.attentionOutput))
    rows = g.add(rows, mlp(g, rows, layer, shape))
  }
  const pooled = layerNorm(g, g.op('Gather', [rows, ends], { axis: 0 }), text.afterLayers, epsilon)
  const projected = g.op('Gemm', [pooled, weight(g, text.projection.weight)], {
    transB: text.projection.isTransposed ? 1 : 0,
  })
  const norm = g.op('ReduceL2', [projected, g.integers([1])], { keepdims: 1 })
  g.output('embeddings', g.op('Div', [projected, norm]), 'float32', ['texts', config.jointWidth])
  return g.encode()
}

/** 0 on and below the diagonal; above it a number that softmax turns into 0 without making NaN. */
function causalMask(length: number): Float32Array {
  const mask = new Float32Array(length * length)
  for (let from = 0; from < length; from++) mask.fill(-1e30, from * length + from + 1, (from + 1) * length)
  return mask
}
