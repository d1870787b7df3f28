/** Calls about reports. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { Engine } from '../../contract/index.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { headName } from '../label/index.ts'
import { gatherSheet, headSheet, sheetFileName } from '../report/index.ts'
import { describedHeads, findPoolVersion, listRoles } from '../store/index.ts'
import { type CallContext, dataSetById, describeRun, modelById, runById } from './context.ts'
import { thumbnailOf } from './data-set-calls.ts'
import { refuseOtherHeads } from './head-place.ts'
import { textSpanById } from './text-span-calls.ts'

type Calls = Pick<Engine, 'report/head-sheet'>

export function reportCalls(context: CallContext): Calls {
  return {
    'report/head-sheet': async ({ textSpanId, heads }) => reportHeads(context, textSpanId, heads),
  }
}

async function reportHeads(
  context: CallContext,
  textSpanId: number,
  places: HeadPlace[],
): Promise<{ fileName: string; html: string }> {
  const { db, programVersion } = context
  const textSpan = textSpanById(context, textSpanId)
  const run = describeRun(context, runById(context, textSpan.runId))
  const model = modelById(context, run.modelId)
  refuseOtherHeads(model, places)
  const sheet = await gatherSheet({
    db,
    modelId: model.id,
    headCount: model.config.vision.heads,
    described: describedPlaces(context, textSpan.id, places),
    picture: (imageId) => pictureOf(context, imageId),
    run,
    textSpan,
    dataSet: dataSetById(context, run.dataSetId),
    poolTexts: findPoolVersion(db, textSpan.poolVersionId)!.texts,
    roles: listRoles(db),
    programVersion,
    madeMs: context.now(),
  })
  return { fileName: sheetFileName(sheet), html: headSheet(sheet) }
}

/** In the order asked for, each once. */
function describedPlaces(context: CallContext, textSpanId: number, places: HeadPlace[]): DescribedHead[] {
  const described = describedHeads(context.db, textSpanId)
  const known = new Map(described.map((head) => [headName(head), head]))
  const layers = described.map(({ layer }) => layer)
  return [...new Set(places.map(headName))].map((name) => {
    const head = known.get(name)
    if (head) return head
    throw new HeadwiseError(
      'bad-input',
      `TEXTSPAN result ${textSpanId} must describe ${name}; it describes layers ${Math.min(...layers)} to ${Math.max(...layers)}.`,
    )
  })
}

/** An image that is gone leaves its place empty; the rest of the sheet is worth having. */
async function pictureOf(context: CallContext, imageId: number): Promise<Uint8Array | null> {
  try {
    return await thumbnailOf(context, imageId)
  } catch (error) {
    if (error instanceof HeadwiseError) return null
    throw error
  }
}
