/** What both layouts are read into. */
import type { z } from 'zod'
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

/**
 * @param at where the section stands in the file, with a dot behind it
 * @throws HeadwiseError 'damaged' naming the first entry that does not fit
 */
export function parseSection<Section extends z.ZodType>(
  section: Section,
  raw: unknown,
  fileName: string,
  at = '',
): z.output<Section> {
  const parsed = section.safeParse(raw)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw new HeadwiseError('damaged', `"${at}${issue.path.join('.')}" in ${fileName}: ${issue.message}.`)
}
