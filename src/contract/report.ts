/** Reports: self-contained HTML files to hand on. */
import { z } from 'zod'
import { call, Id } from './call.ts'
import { HeadPlace } from './head.ts'

export const reportCalls = {
  /**
   * A sheet a head: texts with what they explain, the curve, images that score highest and lowest along the first
   * texts, labels, evidence, and where all of it comes from. One HTML file without scripts, pictures in it.
   */
  'report/head-sheet': call(
    z.strictObject({ textSpanId: Id, heads: z.array(HeadPlace).min(1).max(1000) }),
    z.object({ fileName: z.string(), html: z.string() }),
  ),
}
