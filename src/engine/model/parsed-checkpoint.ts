/** What both layouts are read into. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { ModelConfig } from '../../contract/model.ts'
import type { TextWeights, VisionWeights } from './weights.ts'

export type ParsedCheckpoint = { config: ModelConfig; vision: VisionWeights; text: TextWeights }

export function refuseUnfitPatches(imageSizePx: number, patchSizePx: number, configName: string): void {
  if (patchSizePx <= imageSizePx) return
  throw new HeadwiseError(
    'damaged',
    `The patch size in ${configName} must be at most the image size ${imageSizePx}; it is ${patchSizePx}.`,
  )
}
