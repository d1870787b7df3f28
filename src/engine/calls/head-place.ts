/** Heads that callers name. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { StoredModel } from '../store/index.ts'

/** @throws HeadwiseError 'bad-input' when the model has no such head */
export function refuseOtherHeads({ name, config }: StoredModel, heads: HeadPlace[]): void {
  const { layers, heads: headCount } = config.vision
  for (const { layer, head } of heads) {
    if (layer >= layers) {
      throw new HeadwiseError(
        'bad-input',
        `Layer ${layer} does not exist in the model "${name}"; layers run from 0 to ${layers - 1}.`,
      )
    }
    if (head >= headCount) {
      throw new HeadwiseError(
        'bad-input',
        `Head ${head} does not exist in layer ${layer}; heads run from 0 to ${headCount - 1}.`,
      )
    }
  }
}
