/** Derivative of what comes after the tower: ln_post, the projection and the division by the length. */
import type { Checkpoint } from '../../model/index.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Represented } from '../vision-ends.ts'
import { layerNormBackward } from './layer-norm.ts'
import { projectionBackward } from './linear.ts'

/**
 * Of y = (rep / |rep|) . t: dy/drep = (t - y rep / |rep|) / |rep|, and on through P and ln_post.
 * @param final      the class token at the end of the tower, [images, width]
 * @param directions t, [images, d]
 * @returns          dy/dfinal, [images, width]
 */
export function representationBackward(
  g: GraphBuilder,
  { config, vision }: Checkpoint,
  final: Value,
  { representation, norm }: Pick<Represented, 'representation' | 'norm'>,
  directions: Value,
): Value {
  const gradient = unitBackward(g, representation, g.reshape(norm, [-1, 1]), directions)
  const throughProjection = projectionBackward(g, gradient, vision.projection)
  return layerNormBackward(g, final, vision.afterLayers, config.vision.epsilon, throughProjection)
}

/**
 * Of u = x / |x|: dy/dx = (dy/du - u (u . dy/du)) / |x|.
 * @param unit     u, [m, n]
 * @param norm     |x|, [m, 1]
 * @param gradient [m, n]
 */
export function unitBackward(g: GraphBuilder, unit: Value, norm: Value, gradient: Value): Value {
  const along = g.op('ReduceSum', [g.multiply(unit, gradient), g.integers([-1])], { keepdims: 1 })
  return g.op('Div', [g.op('Sub', [gradient, g.multiply(unit, along)]), norm])
}
