/**
 * What calls about heads and images keep in memory while people look around: opened towers, the bases of layers,
 * embeddings of texts that were typed, and what the last images were made of. It belongs to one open workspace; towers
 * are closed after minutes unused and with the workspace.
 */
import { join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { ZeroShotTask } from '../../contract/study.ts'
import { type Bases, computeBases, refuseChanged } from '../decompose/index.ts'
import { openImageReader, type DecodedImage } from '../dataset/index.ts'
import { type ImagePass, openVisionTower, type VisionTower } from '../explain/index.ts'
import { type HeadDirection, type HeadMemory, headMemory } from '../head/index.ts'
import { ByteCache, Kept } from '../memory/index.ts'
import type { MapTools, Truth } from '../segment/index.ts'
import { embeddingOfText, findImage, type ReadDb, type StoredImage, type StoredModel } from '../store/index.ts'
import { embedClasses, openTextTower, type TextTower } from '../text-pool/index.ts'
import { type CallContext, checkpointOf, dataSetById, embedPlan } from './context.ts'

type ModelBases = { known: Bases | undefined; close(): void }

export type ModelMemory = {
  heads: HeadMemory
  /** by run, head, filter and direction */
  directions: ByteCache<HeadDirection>
  textTowers: Kept<TextTower>
  visionTowers: Kept<VisionTower>
  bases: Kept<ModelBases>
  embeddings: ByteCache<Float32Array>
  classifiers: ByteCache<Float32Array>
  /** by model and image: all but the values of the layers */
  passes: ByteCache<Omit<ImagePass, 'values'>>
  /** by model, image and layer */
  values: ByteCache<Float32Array>
  /** by model and method of segmentation */
  mapTools: Kept<MapTools>
  /** by data set, place and state of its masks */
  truths: Kept<Truth>
  /** by evaluation and its number of images */
  evaluations: ByteCache<EvaluationDetails>
}

export type EvaluationDetails = Pick<Awaited<ReturnType<Engine['segment/read']>>, 'classes' | 'curve'>

const idleMs = 5 * 60_000

function emptyMemory(): ModelMemory {
  return {
    heads: headMemory(),
    directions: new ByteCache(8e6),
    textTowers: new Kept({ idleMs, most: 2 }),
    visionTowers: new Kept({ idleMs, most: 1 }),
    bases: new Kept({ idleMs, most: 2 }),
    embeddings: new ByteCache(8e6),
    classifiers: new ByteCache(32e6),
    passes: new ByteCache(16e6),
    // One image of ViT-L/14 with all its layers is 25 MB; one layer of it, as the head page asks for it, 1 MB.
    values: new ByteCache(128e6),
    mapTools: new Kept({ idleMs, most: 2 }),
    truths: new Kept({ idleMs, most: 1 }),
    evaluations: new ByteCache(8e6),
  }
}

const memories = new WeakMap<ReadDb, ModelMemory>()

export function memoryOf({ db }: CallContext): ModelMemory {
  const known = memories.get(db)
  if (known) return known
  const memory = emptyMemory()
  memories.set(db, memory)
  return memory
}

/** Closes what is open for the workspace. */
export async function forgetModels(db: ReadDb): Promise<void> {
  const memory = memories.get(db)
  memories.delete(db)
  if (!memory) return
  const { textTowers, visionTowers, bases, mapTools, truths } = memory
  await Promise.all([textTowers, visionTowers, bases, mapTools, truths].map((kept) => kept.close()))
}

/** @throws HeadwiseError 'not-found' or 'changed' when weights are needed and not there as they were */
export async function basesOf(context: CallContext, model: StoredModel, layers: number[]): Promise<Bases> {
  const open = async (): Promise<ModelBases> => ({ known: undefined, close: () => {} })
  return memoryOf(context).bases.use(model.hash, open, async (held) => {
    const missing = layers.filter((layer) => !held.known?.A.has(layer))
    if (missing.length > 0) {
      held.known = joined(held.known, await computeBases(checkpointOf(model), missing, context.cacheFolder))
    }
    return held.known!
  })
}

function joined(known: Bases | undefined, more: Bases): Bases {
  if (!known) return more
  const layers = [...known.layers, ...more.layers].sort((a, b) => a - b)
  return { ...known, layers, A: new Map([...known.A, ...more.A]), B: new Map([...known.B, ...more.B]) }
}

/** Unit embeddings of texts, [K, d]: from the workspace, from memory, or made now. */
export async function embeddedTexts(context: CallContext, model: StoredModel, texts: string[]): Promise<Float32Array> {
  const memory = memoryOf(context)
  const keyOf = (text: string) => `${model.hash}:${text}`
  const find = (text: string) => embeddingOfText(context.db, model.id, text) ?? memory.embeddings.get(keyOf(text))
  const found = new Map(texts.map((text) => [text, find(text)]))
  const missing = [...found.keys()].filter((text) => !found.get(text))
  if (missing.length > 0) {
    const open = () => openTextTower(checkpointOf(model), context.cacheFolder)
    const made = await memory.textTowers.use(model.hash, open, (tower) => tower.embed(missing))
    missing.forEach((text, at) => {
      const { embedding } = made[at]!
      found.set(text, memory.embeddings.set(keyOf(text), embedding, embedding.byteLength))
    })
  }
  const { jointWidth: d } = model.config
  const rows = new Float32Array(texts.length * d)
  texts.forEach((text, at) => rows.set(found.get(text)!, at * d))
  return rows
}

/** Unit texts of a classifier, [classes, d]; the class texts' embeddings are kept in the workspace. */
export async function classifierOf(
  context: CallContext,
  model: StoredModel,
  { classes, templates }: ZeroShotTask,
): Promise<Float32Array> {
  const { classifiers } = memoryOf(context)
  const key = JSON.stringify([model.hash, classes, templates])
  const known = classifiers.get(key)
  if (known) return known
  const classifier = await embedClasses(embedPlan(context, model), classes, templates)
  return classifiers.set(key, classifier, classifier.byteLength)
}

export type ImageOf = StoredImage & { dataSetId: number }

export function imageById(context: CallContext, imageId: number): ImageOf {
  const image = findImage(context.db, imageId)
  if (!image) throw new HeadwiseError('not-found', `There is no image ${imageId} in this workspace.`)
  return image
}

/** @throws HeadwiseError 'not-found' or 'changed' when the file is not what was imported */
export async function decodedImage(context: CallContext, image: ImageOf): Promise<DecodedImage> {
  const dataSet = dataSetById(context, image.dataSetId)
  const reader = await openImageReader(dataSet)
  try {
    if (dataSet.kind !== 'mat') await refuseChanged(join(dataSet.root, image.path), image)
    return await reader.read(image.path)
  } finally {
    reader.close()
  }
}

/**
 * What an image's scores are made of, with the values of some layers; from memory where it went through lately.
 * @throws HeadwiseError 'not-found' or 'changed' when the image's file or the weights are not there as they were
 */
export async function imagePass(
  context: CallContext,
  model: StoredModel,
  image: ImageOf,
  layers: number[],
): Promise<ImagePass> {
  const { passes, values, visionTowers } = memoryOf(context)
  const key = `${model.hash}:${image.id}`
  const known = passes.get(key)
  const found = new Map(layers.map((layer) => [layer, values.get(`${key}:${layer}`)]))
  const missing = layers.filter((layer) => !found.get(layer))
  if (known && missing.length === 0) return { ...known, values: found as Map<number, Float32Array> }
  const decoded = await decodedImage(context, image)
  const open = () => openVisionTower(checkpointOf(model), context.cacheFolder)
  const pass = await visionTowers.use(model.hash, open, (tower) => tower.pass(decoded, layers))
  for (const [layer, ofLayer] of pass.values) values.set(`${key}:${layer}`, ofLayer, ofLayer.byteLength)
  const { mlp, mean, scale, norm, representation } = pass
  passes.set(key, { mlp, mean, scale, norm, representation }, mlp.byteLength + representation.byteLength)
  return pass
}
