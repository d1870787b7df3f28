/** Masks of data sets: those inside a .mat, and those that were linked. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { GroundTruth } from '../../contract/segment.ts'
import { openCocoTruth, openMatTruth, openPngTruth, refuseMissingCoco, type Truth } from '../segment/index.ts'
import {
  findGroundTruth,
  imagesBetween,
  type ReadDb,
  resolvedPath,
  saveGroundTruth,
  type StoredDataSet,
  storedPath,
} from '../store/index.ts'
import { type CallContext, dataSetById } from './context.ts'
import { memoryOf } from './model-memory.ts'

/**
 * The masks of a data set as they are on disk now; the caller closes them.
 * @throws HeadwiseError 'bad-input' when the data set has none, and what opening them throws
 */
export async function openTruth(context: CallContext, dataSet: StoredDataSet): Promise<Truth> {
  const images = imagesBetween(context.db, dataSet.id, 0, dataSet.imageCount)
  if (dataSet.kind === 'mat') return openMatTruth(dataSet.root, images, false)
  const linked = findGroundTruth(context.db, dataSet.id)
  if (!linked) {
    throw new HeadwiseError(
      'bad-input',
      `The data set "${dataSet.name}" must have masks; none are linked to it. Link a folder of PNG masks or a COCO file.`,
    )
  }
  const place = resolvedPath(context.path, linked.place)
  return linked.kind === 'png' ? openPngTruth(place, images) : openCocoTruth(place, images)
}

/**
 * What can be told at once of masks that a job will open. A COCO file is parsed as a whole, which may take seconds: that
 * is left to the job.
 * @throws HeadwiseError as `openTruth`
 */
export async function refuseMissingTruth(context: CallContext, dataSet: StoredDataSet): Promise<void> {
  const linked = findGroundTruth(context.db, dataSet.id)
  if (linked?.kind === 'coco') return refuseMissingCoco(resolvedPath(context.path, linked.place))
  const truth = await openTruth(context, dataSet)
  truth.close()
}

/** The same for looking at images one by one: kept open for a while. */
export async function withTruth<Result>(
  context: CallContext,
  dataSet: StoredDataSet,
  work: (truth: Truth) => Promise<Result>,
): Promise<Result> {
  const linked = dataSet.kind === 'mat' ? undefined : findGroundTruth(context.db, dataSet.id)
  const place = dataSet.kind === 'mat' ? dataSet.root : resolvedPath(context.path, linked?.place ?? '')
  const found = statSync(place, { throwIfNoEntry: false })
  // A place that was linked or changed since is opened anew; folders inside of it show in the hash of a link alone.
  const key = JSON.stringify([dataSet.id, place, linked?.hash, found?.size, found?.mtimeMs])
  return memoryOf(context).truths.use(key, () => openTruth(context, dataSet), work)
}

export async function groundTruth(context: CallContext, dataSetId: number): Promise<GroundTruth | null> {
  const dataSet = dataSetById(context, dataSetId)
  if (dataSet.kind === 'mat') return matGroundTruth(context, dataSet)
  const linked = findGroundTruth(context.db, dataSetId)
  if (!linked) return null
  const { kind, masks, problems } = linked
  return { dataSetId, kind, place: resolvedPath(context.path, linked.place), masks, problems }
}

const checkedMats = new WeakMap<ReadDb, Map<string, GroundTruth>>()

/** Each mask is looked at once for as long as the file stays as it is. */
async function matGroundTruth({ db }: CallContext, { id, root, imageCount }: StoredDataSet): Promise<GroundTruth> {
  const known = checkedMats.get(db) ?? new Map<string, GroundTruth>()
  checkedMats.set(db, known)
  const found = statSync(root, { throwIfNoEntry: false })
  const key = JSON.stringify([id, root, found?.size, found?.mtimeMs])
  const before = known.get(key)
  if (before) return before
  const truth = { dataSetId: id, kind: 'mat' as const, place: root }
  try {
    const { masks, problems, close } = await openMatTruth(root, imagesBetween(db, id, 0, imageCount), true)
    close()
    const checked = { ...truth, masks, problems }
    known.set(key, checked)
    return checked
  } catch (error) {
    // A file of images alone is a data set like any other.
    if (!(error instanceof HeadwiseError)) throw error
    return { ...truth, masks: 0, problems: [{ where: root, reason: error.message }] }
  }
}

export async function linkMasks(context: CallContext, dataSetId: number, path: string): Promise<GroundTruth> {
  const db = context.write()
  const dataSet = dataSetById(context, dataSetId)
  if (dataSet.kind === 'mat') {
    throw new HeadwiseError(
      'bad-input',
      `The data set "${dataSet.name}" has its masks in its .mat file; others cannot be linked to it.`,
    )
  }
  const place = resolve(path)
  const found = statSync(place, { throwIfNoEntry: false })
  if (!found) throw new HeadwiseError('not-found', `There is no folder or file "${path}".`)
  if (!found.isDirectory() && !/\.json$/i.test(place)) {
    throw new HeadwiseError('bad-input', `Masks are a folder of PNG files or a COCO .json; "${path}" is neither.`)
  }
  const images = imagesBetween(db, dataSetId, 0, dataSet.imageCount)
  const truth = found.isDirectory() ? await openPngTruth(place, images) : openCocoTruth(place, images)
  truth.close()
  const { masks, problems, hash } = truth
  const kind = found.isDirectory() ? 'png' : 'coco'
  if (masks === 0) {
    throw new HeadwiseError(
      'bad-input',
      `"${path}" must hold the mask of at least one image of "${dataSet.name}"; it holds none. ${exampleOf(kind, images[0]!.path)}`,
    )
  }
  saveGroundTruth(db, { dataSetId, kind, place: storedPath(context.path, place), hash, masks, problems }, context.now())
  context.changed('segment', dataSetId)
  return { dataSetId, kind, place, masks, problems }
}

function exampleOf(kind: 'png' | 'coco', path: string): string {
  return kind === 'png'
    ? `The mask of "${path}" would be "${path.replace(/\.[^./]*$/, '')}.png".`
    : `The entry of "${path}" would have that as its file_name.`
}
