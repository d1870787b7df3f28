/**
 * The map of the decomposition: what each patch token adds to rep / |rep| . t, summed over layers and heads
 * (spec 2 and 6).
 */
import { HeadwiseError } from '../../../contract/errors.ts'
import type { HeadPlace } from '../../../contract/head.ts'
import type { ModelConfig } from '../../../contract/model.ts'
import { layerTermCount } from '../../decompose/index.ts'
import type { PatchMap } from '../map-maker.ts'

/** Of one image, as `mapGraph` gives them; see there. */
export type DecompositionParts = {
  /** [L, H, N] */
  along: Float32Array
  /** [L] */
  alongBias: Float32Array
  /** [L + 1] */
  alongMlp: Float32Array
  alongOnes: number
  alongBeta: number
  mean: number
  scale: number
  norm: number
  /** rep / |rep| . t */
  score: number
}

/**
 * The bias of the output projection and ln_post's mean and bias are shared evenly, by the N H terms of a layer and by
 * the T terms of the sum. Added up in float64.
 * @param heads that take part; all when absent
 */
export function decompositionMap(
  parts: DecompositionParts,
  { layers, heads: headCount, tokens }: ModelConfig['vision'],
  heads: readonly HeadPlace[] = everyHead(layers, headCount),
): PatchMap {
  const perScale = 1 / (parts.scale * parts.norm)
  const perTerm = (parts.alongBeta / parts.norm - parts.alongOnes * parts.mean * perScale) / layerTermCount(layers)
  const sums = new Float64Array(tokens)
  for (const { layer, head } of withoutRepeats(heads)) {
    const from = (layer * headCount + head) * tokens
    const constant = (parts.alongBias[layer]! * perScale + perTerm) / (headCount * tokens)
    for (let token = 0; token < tokens; token++) sums[token]! += parts.along[from + token]! * perScale + constant
  }
  const mlpPart = parts.alongMlp.reduce((sum, term) => sum + term * perScale + perTerm, 0)
  return { patches: Float32Array.from(sums.subarray(1)), classTokenPart: sums[0]!, mlpPart, score: parts.score }
}

/** @throws HeadwiseError 'bad-input' when there is no such head */
export function refuseOtherHeads({ layers, heads: count }: ModelConfig['vision'], heads: readonly HeadPlace[]): void {
  for (const { layer, head } of heads) {
    if (layer >= layers) {
      throw new HeadwiseError('bad-input', `Layer ${layer} does not exist; layers run from 0 to ${layers - 1}.`)
    }
    if (head >= count) {
      throw new HeadwiseError(
        'bad-input',
        `Head ${head} does not exist in layer ${layer}; heads run from 0 to ${count - 1}.`,
      )
    }
  }
}

function everyHead(layers: number, heads: number): HeadPlace[] {
  return Array.from({ length: layers * heads }, (_, at) => ({ layer: Math.floor(at / heads), head: at % heads }))
}

function withoutRepeats(heads: readonly HeadPlace[]): HeadPlace[] {
  return [...new Map(heads.map((place) => [`${place.layer}.${place.head}`, place])).values()]
}
