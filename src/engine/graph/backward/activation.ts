/** Derivatives of the activations. */
import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Activation } from '../transformer.ts'

/**
 * GELU x F(x), F the normal distribution: dy/dx = dy/dout (F(x) + x f(x)), f its density exp(-x^2 / 2) / sqrt(2 pi).
 * Quick GELU x s with s = sigmoid(1.702 x): dy/dx = dy/dout s (1 + 1.702 x (1 - s)).
 * @param rows     the activation's input, [m, n]
 * @param gradient [m, n]
 */
export function activateBackward(g: GraphBuilder, rows: Value, activation: Activation, gradient: Value): Value {
  return g.multiply(gradient, activation === 'quick-gelu' ? quickGeluSlope(g, rows) : geluSlope(g, rows))
}

function geluSlope(g: GraphBuilder, rows: Value): Value {
  const number = (value: number) => g.floats([value], [])
  const error = g.op('Erf', [g.op('Div', [rows, number(Math.SQRT2)])])
  const distribution = g.multiply(g.add(error, number(1)), number(0.5))
  const density = g.op('Exp', [g.multiply(g.multiply(rows, rows), number(-0.5))])
  return g.add(distribution, g.multiply(rows, g.multiply(density, number(1 / Math.sqrt(2 * Math.PI)))))
}

function quickGeluSlope(g: GraphBuilder, rows: Value): Value {
  const scaled = g.multiply(rows, g.floats([1.702], []))
  const share = g.op('Sigmoid', [scaled])
  const one = g.floats([1], [])
  return g.multiply(share, g.add(g.multiply(scaled, g.op('Sub', [one, share])), one))
}
