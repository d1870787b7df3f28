/** A head's term along a direction, token by token (spec 2). */
import { scalarCoordinates } from '../decompose/index.ts'
import type { ImagePass } from './vision-tower.ts'

/**
 * The bias and ln_post's mean and bias are shared evenly by the tokens: b_O / (N H), mu / (T N H), beta / (T N H).
 * @param values  a v of the head, [N, dh]
 * @param weights M^T u, [q]: the direction on the head's coordinates, whose last three numbers belong to those parts
 * @returns       [N], class token first; they add up to r . u
 */
export function tokenScores(
  values: Float32Array,
  pass: Pick<ImagePass, 'mean' | 'scale' | 'norm'>,
  weights: Float64Array,
): Float64Array {
  const headWidth = weights.length - 3
  const tokens = values.length / headWidth
  const [perScale, meanPerScale, perNorm] = scalarCoordinates(Float32Array.of(pass.mean, pass.scale, pass.norm), 0)
  const constant =
    (weights[headWidth]! * perScale + weights[headWidth + 1]! * meanPerScale + weights[headWidth + 2]! * perNorm) /
    tokens
  const scores = new Float64Array(tokens)
  for (let token = 0; token < tokens; token++) {
    let sum = 0
    for (let i = 0; i < headWidth; i++) sum += values[token * headWidth + i]! * weights[i]!
    scores[token] = sum * perScale + constant
  }
  return scores
}
