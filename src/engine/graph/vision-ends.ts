/** Both ends of the vision tower: what goes in, and what becomes of the class token that comes out. */
import type { Checkpoint, Projection } from '../model/index.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { layerNorm, weight } from './transformer.ts'

export function pixelsInput(g: GraphBuilder, { config }: Checkpoint): Value {
  return g.input('pixels', 'float32', ['images', 3, config.vision.imageSizePx, config.vision.imageSizePx])
}

/** Class token + its position, after ln_pre: [1, D]. */
export function initialClassToken(g: GraphBuilder, { config, vision }: Checkpoint): Value {
  const position = g.slice(weight(g, vision.positionEmbedding), 0, 0, 1)
  const row = g.add(g.reshape(weight(g, vision.classEmbedding), [1, config.vision.width]), position)
  return layerNorm(g, row, vision.beforeLayers, config.vision.epsilon)
}

/** P: [D, d]. */
export function plainProjection(g: GraphBuilder, projection: Projection): Value {
  const stored = weight(g, projection.weight)
  return projection.isTransposed ? g.transpose(stored, [1, 0]) : stored
}

/** diag(gamma) P: [D, d]. */
export function scaledProjection(g: GraphBuilder, { config, vision }: Checkpoint): Value {
  const gamma = g.reshape(weight(g, vision.afterLayers.weight), [config.vision.width, 1])
  return g.multiply(plainProjection(g, vision.projection), gamma)
}

export type Represented = {
  /** mu, sigma and |rep|, [images] each */
  mean: Value
  scale: Value
  norm: Value
  /** rep / |rep|, [images, d] */
  representation: Value
}

/**
 * ln_post, the projection and the length of what comes out.
 * @param final the class token at the end, [images, width]
 */
export function represent(g: GraphBuilder, { config, vision }: Checkpoint, final: Value): Represented {
  const mean = g.op('ReduceMean', [final, g.integers([1])], { keepdims: 1 })
  const centred = g.op('Sub', [final, mean])
  const variance = g.op('ReduceMean', [g.multiply(centred, centred), g.integers([1])], { keepdims: 1 })
  const scale = g.op('Sqrt', [g.add(variance, g.floats([config.vision.epsilon], []))])
  const gamma = weight(g, vision.afterLayers.weight)
  const beta = weight(g, vision.afterLayers.bias)
  const normed = g.add(g.multiply(g.op('Div', [centred, scale]), gamma), beta)
  const projected = g.op('MatMul', [normed, plainProjection(g, vision.projection)])
  const norm = g.op('ReduceL2', [projected, g.integers([1])], { keepdims: 1 })
  const flat = (value: Value) => g.reshape(value, [-1])
  return { mean: flat(mean), scale: flat(scale), norm: flat(norm), representation: g.op('Div', [projected, norm]) }
}
