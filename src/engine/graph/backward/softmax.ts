/** Derivative of softmax. */
import type { GraphBuilder, Value } from '../graph-builder.ts'

/**
 * Of A = softmax(S) along the last axis: dy/dS = A (dy/dA - sum(A dy/dA)).
 * @param softmax  A
 * @param weighted A dy/dA, which the maps need as well
 */
export function softmaxBackward(g: GraphBuilder, softmax: Value, weighted: Value): Value {
  const sum = g.op('ReduceSum', [weighted, g.integers([-1])], { keepdims: 1 })
  return g.op('Sub', [weighted, g.multiply(softmax, sum)])
}
