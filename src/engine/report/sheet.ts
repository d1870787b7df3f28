/** What stands on a head sheet, as it is gathered before it is written. */
import type { DataSet } from '../../contract/data-set.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { Evidence, Label } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import type { Run } from '../../contract/run.ts'
import type { DescribedHead, TextSpan } from '../../contract/text-span.ts'
import type { StoredEdit } from '../store/index.ts'

export type SheetText = {
  text: string
  /** share of the head's variance that it adds to those before it */
  added: number
  explained: number
  margin: number
  tags: string[]
  /** its author had opened this very head before writing it */
  isAfterHead: boolean
}

export type Picture = {
  path: string
  label: string | null
  score: number
  /** null where there is no thumbnail and the image cannot be read */
  webp: Uint8Array | null
}

/** The images at both ends of a text's direction. */
export type Strip = {
  step: number
  text: string
  images: number
  mean: number
  standardDeviation: number
  /** of the head's variance, along the text alone */
  share: number
  highest: Picture[]
  lowest: Picture[]
}

export type SheetHead = HeadPlace & {
  described: DescribedHead
  /** of the variance of all heads of the run; null where heads were not compared yet */
  shareOfRun: number | null
  texts: SheetText[]
  evidence: Evidence
  /** that say something now, of all annotators */
  labels: Label[]
  /** newest first */
  history: StoredEdit[]
  strips: Strip[]
  /** heads whose outputs correlate with this one's; null where that was not worked out */
  twins: (HeadPlace & { correlation: number })[] | null
}

export type Sheet = {
  run: Run
  textSpan: TextSpan
  dataSet: Pick<DataSet, 'name' | 'hash'> & { imageCount: number }
  /** texts of the pool version */
  poolTexts: number
  roles: Role[]
  heads: SheetHead[]
  /** images that the correlations are over; null where there are none */
  correlationImages: number | null
  programVersion: string
  madeMs: number
}
