/** Calls about one image: the picture, what a model sees of it, and what its score along a text is made of. */
import type { Engine } from '../../contract/index.ts'
import type { Prediction } from '../../contract/image.ts'
import type { ZeroShotTask } from '../../contract/study.ts'
import { createPreprocessor, modelView, picture } from '../dataset/index.ts'
import { explainTexts } from '../explain/index.ts'
import { imageAttributes, listBlocks, listRuns, readBlockPart, type StoredModel, summariseRun } from '../store/index.ts'
import { placeOfClass } from '../study/index.ts'
import { type CallContext, dataSetById, everyLayer, modelById, termShape } from './context.ts'
import { gridSide } from './head-calls.ts'
import {
  basesOf,
  classifierOf,
  decodedImage,
  embeddedTexts,
  imageById,
  type ImageOf,
  imagePass,
} from './model-memory.ts'

type Calls = Pick<Engine, 'image/read' | 'image/picture' | 'image/model-view' | 'image/explain' | 'image/predict'>
type ExplainInput = Parameters<Engine['image/explain']>[0]
type PredictInput = Parameters<Engine['image/predict']>[0]

export function imageCalls(context: CallContext): Calls {
  return {
    'image/read': async ({ imageId }) => {
      const { id, ordinal, path, label, split, sizeBytes, dataSetId } = imageById(context, imageId)
      const dataSetName = dataSetById(context, dataSetId).name
      const attributes = imageAttributes(context.db, id)
      return { id, ordinal, path, label, split, sizeBytes, dataSetId, dataSetName, attributes }
    },
    'image/picture': async ({ imageId }) => picture(await decodedImage(context, imageById(context, imageId))),
    'image/model-view': async ({ modelId, imageId }) => viewOf(context, modelById(context, modelId), imageId),
    'image/explain': async (input) => explain(context, input),
    'image/predict': async (input) => predict(context, input),
  }
}

async function viewOf(context: CallContext, model: StoredModel, imageId: number): Promise<Uint8Array<ArrayBuffer>> {
  const image = await decodedImage(context, imageById(context, imageId))
  const preprocessor = await createPreprocessor(model.config.preprocessing)
  try {
    return await modelView(image, preprocessor, model.config.preprocessing)
  } finally {
    await preprocessor.close()
  }
}

async function explain(
  context: CallContext,
  { modelId, imageId, texts }: ExplainInput,
): ReturnType<Engine['image/explain']> {
  const model = modelById(context, modelId)
  const image = imageById(context, imageId)
  const shape = termShape(model)
  const layers = everyLayer(shape)
  const pass = await imagePass(context, model, image, layers)
  const embedded = await embeddedTexts(context, model, texts)
  const explained = await explainTexts(pass, await basesOf(context, model, layers), embedded, shape)
  const side = gridSide(model)
  const { heads, tokens } = shape
  const axes = { layers: shape.layers, heads, tokens, gridRows: side, gridColumns: side }
  return { texts, ...axes, ...explained, provider: 'cpu' }
}

async function predict(context: CallContext, { modelId, imageId, task }: PredictInput): Promise<Prediction> {
  const model = modelById(context, modelId)
  const image = imageById(context, imageId)
  const classifier = await classifierOf(context, model, task)
  const representation =
    keptRepresentation(context, model, image) ?? (await imagePass(context, model, image, [])).representation
  const d = model.config.jointWidth
  const classes = task.classes.map((name, at) => {
    let score = 0
    for (let k = 0; k < d; k++) score += representation[k]! * classifier[at * d + k]!
    return { name, score }
  })
  // Sorting is stable, so that equal scores keep the order of the classes.
  return { classes: classes.sort((a, b) => b.score - a.score), truth: truthOf(context, image, task) }
}

/** From a complete run of the model that holds the image. */
function keptRepresentation(context: CallContext, model: StoredModel, image: ImageOf): Float32Array | undefined {
  const { db } = context
  for (const run of listRuns(db)) {
    if (run.modelId !== model.id || run.dataSetId !== image.dataSetId || run.refusedError !== null) continue
    const { rows, skipped } = summariseRun(db, run.id)
    if (image.ordinal >= run.imageCount || rows + skipped < run.imageCount) continue
    const number = Math.floor(image.ordinal / run.blockImages)
    const row = listBlocks(db, run.id)
      .find((block) => block.number === number)
      ?.ordinals.indexOf(image.ordinal)
    if (row === undefined || row < 0) continue
    const { jointWidth: d } = model.config
    return readBlockPart(db, run, number, 'representation').subarray(row * d, (row + 1) * d)
  }
  return undefined
}

function truthOf(context: CallContext, image: ImageOf, task: ZeroShotTask): string | null {
  const content = task.attribute === undefined ? image.label : imageAttributes(context.db, image.id)[task.attribute]
  const place = placeOfClass(content, task)
  return place === null ? null : task.classes[place]!
}
