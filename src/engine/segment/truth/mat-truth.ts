/** Masks inside the .mat that holds the images too. */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { HeadwiseError } from '../../../contract/errors.ts'
import { openMatMasks } from '../../dataset/index.ts'
import { refuseOtherSize, valuesInWords } from './mask.ts'
import type { Truth, TruthImage, TruthProblem } from './truth.ts'

/**
 * @param isChecked also looks whether each mask is there and of the right form, about a millisecond a mask
 * @throws HeadwiseError 'unsupported' or 'damaged' when the file lacks /value/gt or is another kind
 */
export async function openMatTruth(path: string, images: TruthImage[], isChecked: boolean): Promise<Truth> {
  const masks = await openMatMasks(path)
  const file = basename(path)
  const problems: TruthProblem[] = []
  for (const image of isChecked ? images : images.slice(masks.count)) {
    try {
      masks.check(placeOf(image))
    } catch (error) {
      if (!(error instanceof HeadwiseError)) throw error
      problems.push({ where: image.path, reason: error.message })
    }
  }
  return {
    kind: 'mat',
    masks: images.length - problems.length,
    problems,
    hash: createHash('sha256')
      .update(JSON.stringify(['mat', masks.count, statSync(path).size]))
      .digest('hex'),
    async read(image, imageSize) {
      const at = placeOf(image)
      const { widthPx, heightPx, pixels } = masks.read(at)
      const name = `Mask ${at} of "${file}"`
      refuseOtherSize(name, { widthPx, heightPx }, imageSize)
      const others = new Set(pixels.filter((pixel) => pixel > 1))
      if (others.size > 0) {
        throw new HeadwiseError('damaged', `${name} must hold 0 and 1 alone; it holds ${valuesInWords(others)} too.`)
      }
      return { widthPx, heightPx, foreground: pixels }
    },
    close: () => masks.close(),
  }
}

function placeOf({ path }: TruthImage): number {
  return Number(path.slice(1))
}
