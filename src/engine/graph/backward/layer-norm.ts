/** Derivative of a layer norm. */
import type { Affine } from '../../model/index.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import { weight } from '../transformer.ts'

/**
 * Of x^ gamma + beta with x^ = (x - mean x) / s and s = sqrt(var x + epsilon), a row at a time:
 *   dy/dx = (e - mean e - x^ mean(e x^)) / s   with e = dy/dout gamma
 * x^ and s are worked out again from the input: that is cheap, and no provider has to hand them out.
 * @param rows     the norm's input, [m, width]
 * @param gradient [m, width]
 */
export function layerNormBackward(g: GraphBuilder, rows: Value, norm: Affine, epsilon: number, gradient: Value): Value {
  const meanOf = (value: Value) => g.op('ReduceMean', [value, g.integers([-1])], { keepdims: 1 })
  const centred = g.op('Sub', [rows, meanOf(rows)])
  const variance = meanOf(g.multiply(centred, centred))
  const scale = g.op('Sqrt', [g.add(variance, g.floats([epsilon], []))])
  const normed = g.op('Div', [centred, scale])
  const scaled = g.multiply(gradient, weight(g, norm.weight))
  const along = g.multiply(normed, meanOf(g.multiply(scaled, normed)))
  return g.op('Div', [g.op('Sub', [g.op('Sub', [scaled, meanOf(scaled)]), along]), scale])
}
