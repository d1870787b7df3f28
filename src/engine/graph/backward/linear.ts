/** Derivatives of matrix products. A gradient is that of y, one number an image, along the value of the same shape. */
import type { Affine, Projection } from '../../model/index.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import { weight } from '../transformer.ts'

/** Of rows W^T + b, W being [out, in]: dy/drows = dy/dout W. @param gradient [m, out] @returns [m, in] */
export function linearBackward(g: GraphBuilder, gradient: Value, layer: Affine): Value {
  return g.op('MatMul', [gradient, weight(g, layer.weight)])
}

/** Of rows P, P being [D, d]: dy/drows = dy/dout P^T. @param gradient [m, d] @returns [m, D] */
export function projectionBackward(g: GraphBuilder, gradient: Value, projection: Projection): Value {
  const stored = weight(g, projection.weight)
  return projection.isTransposed ? g.op('MatMul', [gradient, stored]) : g.op('Gemm', [gradient, stored], { transB: 1 })
}
