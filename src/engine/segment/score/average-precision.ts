/**
 * Average precision of both classes' scores pooled (spec 6): every pixel counts twice, once with its map as the score of
 * "foreground" and once with 1 - map as that of "background". AP = sum over distinct scores, highest first, of
 * (R_n - R_{n-1}) P_n, as scikit-learn's average_precision_score computes it, ties together.
 */

/**
 * A pixel is right once and wrong once, so that there are as many positives as pixels whatever the mask: an empty
 * mask has an average precision like any other.
 * @param map        [S, S], 0..1
 * @param isConstant both classes score 0 everywhere, which gives 0.5
 * @param truth      [S, S], 0 or 1
 */
export function averagePrecision(map: Float32Array, isConstant: boolean, truth: Uint8Array): number {
  if (isConstant) return 0.5
  const pixels = map.length
  const right = new Float32Array(pixels)
  const wrong = new Float32Array(pixels)
  for (let at = 0; at < pixels; at++) {
    // Stored as float32, as the reference computes them: ties between the classes depend on it.
    const background = 1 - map[at]!
    right[at] = truth[at] === 1 ? map[at]! : background
    wrong[at] = truth[at] === 1 ? background : map[at]!
  }
  return averagePrecisionOf(right.sort(), wrong.sort())
}

/** @param positives and @param negatives their scores, lowest first; at least one positive */
export function averagePrecisionOf(positives: Float32Array, negatives: Float32Array): number {
  let [positive, negative] = [positives.length - 1, negatives.length - 1]
  let sum = 0
  while (positive >= 0) {
    const score = negative >= 0 ? Math.max(positives[positive]!, negatives[negative]!) : positives[positive]!
    const before = positive
    while (positive >= 0 && positives[positive]! === score) positive--
    while (negative >= 0 && negatives[negative]! === score) negative--
    const truePositives = positives.length - 1 - positive
    const falsePositives = negatives.length - 1 - negative
    sum += ((before - positive) * truePositives) / (truePositives + falsePositives)
  }
  return sum / positives.length
}
