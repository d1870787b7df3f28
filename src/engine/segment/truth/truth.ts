/** Ground truth of a data set: one reader over the three places where masks are kept. Originals are only read. */
import type { groundTruthKinds } from '../../../contract/segment.ts'
import type { Mask } from './mask.ts'

export type TruthKind = (typeof groundTruthKinds)[number]

/** An image as readers know it: the path relative to the data set's root, or "#3" in a .mat. */
export type TruthImage = { ordinal: number; path: string }

export type TruthProblem = { where: string; reason: string }

export type Truth = {
  kind: TruthKind
  /** of these images, how many have a mask */
  masks: number
  /** images without a mask, and masks without an image, as far as it can be told without reading pixels */
  problems: TruthProblem[]
  /** SHA-256 over the kind, the masks' places and their sizes */
  hash: string
  /**
   * @param image     whose mask it is
   * @param imageSize of the decoded image, which the mask must have
   * @throws HeadwiseError 'not-found' or 'damaged', with the reason in words
   */
  read(image: TruthImage, imageSize: { widthPx: number; heightPx: number }): Promise<Mask>
  close(): void
}
