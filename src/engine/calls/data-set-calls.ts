/** Calls about data sets and images. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import type { DataSet } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import { type ImportedDataSet, readDataSet, thumbnail } from '../dataset/index.ts'
import type { JobContext } from '../jobs/index.ts'
import { Turns } from '../memory/index.ts'
import {
  countImagesBy,
  countImagesByAttribute,
  dataSetColumnNames,
  dataSetProblems,
  insertDataSet,
  listDataSets,
  pageOfImages,
  resolvedPath,
  storedPath,
  type StoredDataSet,
} from '../store/index.ts'
import { type CallContext, dataSetById, type JobInput, type JobWorks, startJob } from './context.ts'
import { decodedImage, imageById } from './model-memory.ts'

type Calls = Pick<Engine, 'data-set/add' | 'data-set/list' | 'data-set/contents' | 'image/page' | 'image/thumbnail'>

export function dataSetCalls(context: CallContext): Calls {
  return {
    'data-set/add': async (input) => startImport(context, input),
    'data-set/list': async () => listDataSets(context.db).map((dataSet) => describeDataSet(context, dataSet)),
    'data-set/contents': async ({ dataSetId, attribute }) => {
      dataSetById(context, dataSetId)
      if (attribute !== undefined) return countImagesByAttribute(context.db, dataSetId, attribute)
      return countImagesBy(context.db, dataSetId, 'label', Number.MAX_SAFE_INTEGER)
    },
    'image/page': async ({ dataSetId, filter, offset, limit }) => {
      dataSetById(context, dataSetId)
      const { total, images } = pageOfImages(context.db, dataSetId, filter, offset, limit)
      return {
        total,
        images: images.map(({ id, ordinal, path, label, split }) => ({ id, ordinal, path, label, split })),
      }
    },
    'image/thumbnail': async ({ imageId }) => thumbnailOf(context, imageId),
  }
}

export const dataSetWorks = { 'data-set/add': importDataSet } satisfies Partial<JobWorks>

type AddInput = JobInput<'data-set/add'>

function startImport(context: CallContext, input: AddInput): { jobId: number } {
  const db = context.write()
  const name = input.name ?? defaultName(input.path)
  if (listDataSets(db).some((dataSet) => dataSet.name === name)) {
    throw new HeadwiseError(
      'conflict',
      `A data set is called "${name}" in this workspace already; give this one another name.`,
    )
  }
  return startJob(
    context,
    'data-set/add',
    { ...input, path: resolve(input.path) },
    'import',
    `import ${name}`,
    'images',
  )
}

async function importDataSet(context: CallContext, { path, name }: AddInput, job: JobContext): Promise<void> {
  const imported = await readDataSet(path, { signal: job.signal, onProgress: () => job.advance(1) })
  const { kind, columns, images, problems } = imported
  const id = insertDataSet(context.write(), {
    name: name ?? defaultName(path),
    kind,
    root: storedPath(context.path, imported.root),
    hash: hashOf(imported),
    addedMs: context.now(),
    columns,
    images,
    problems,
  })
  job.progress({ done: images.length, total: images.length + problems.length, skipped: problems.length })
  job.result(id)
  context.changed('data-set')
}

/** "birds" for birds, birds/metadata.csv and birds.mat. */
function defaultName(path: string): string {
  const place = resolve(path)
  return basename(place) === 'metadata.csv' ? basename(dirname(place)) : basename(place, extname(place))
}

/** Over what makes the data set what it is; times of files are not part of it, so that copies are equal. */
function hashOf({ columns, images }: ImportedDataSet): string {
  const hash = createHash('sha256').update(JSON.stringify(columns))
  for (const { path, sizeBytes, label, split, attributes } of images) {
    hash.update(JSON.stringify([path, sizeBytes, label, split, columns.map((column) => attributes[column] ?? null)]))
  }
  return hash.digest('hex')
}

const listedContents = 200

function describeDataSet(context: CallContext, dataSet: StoredDataSet): DataSet {
  const { db } = context
  const count = (field: 'label' | 'split') => countImagesBy(db, dataSet.id, field, listedContents)
  return {
    id: dataSet.id,
    name: dataSet.name,
    kind: dataSet.kind,
    root: resolvedPath(context.path, dataSet.root),
    hash: dataSet.hash,
    images: dataSet.imageCount,
    columns: dataSetColumnNames(db, dataSet.id),
    labels: count('label').map(({ content, images }) => ({ label: content, images })),
    splits: count('split').map(({ content, images }) => ({ split: content, images })),
    problems: dataSetProblems(db, dataSet.id),
    isPresent: existsSync(resolvedPath(context.path, dataSet.root)),
    addedMs: dataSet.addedMs,
  }
}

/** A grid asks for hundreds at once, and a photograph is tens of megabytes while it is made small. */
const making = new Turns(4)

/** @throws HeadwiseError 'not-found' or 'changed' when there is none yet and the file is not what was imported */
export async function thumbnailOf(context: CallContext, imageId: number): Promise<Uint8Array<ArrayBuffer>> {
  const kept = context.thumbnails.read(imageId)
  if (kept) return new Uint8Array(kept)
  const image = imageById(context, imageId)
  const webp = await making.run(async () => thumbnail(await decodedImage(context, image)))
  context.thumbnails.add(imageId, webp)
  return new Uint8Array(webp)
}
