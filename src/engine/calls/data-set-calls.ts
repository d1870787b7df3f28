/** Calls about data sets and images. */
import { createHash } from 'node:crypto'
import { basename, dirname, extname, resolve } from 'node:path'
import type { DataSet } from '../../contract/data-set.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import { type ImportedDataSet, openImageReader, readDataSet, thumbnail } from '../dataset/index.ts'
import {
  countImagesBy,
  countImagesByAttribute,
  dataSetColumnNames,
  dataSetProblems,
  findImage,
  insertDataSet,
  listDataSets,
  pageOfImages,
  readThumbnail,
  resolvedPath,
  saveThumbnail,
  storedPath,
  type StoredDataSet,
} from '../store/index.ts'
import { type CallContext, dataSetById, startJob } from './context.ts'

type Calls = Pick<Engine, 'data-set/add' | 'data-set/list' | 'data-set/contents' | 'image/page' | 'image/thumbnail'>

export function dataSetCalls(context: CallContext): Calls {
  return {
    'data-set/add': async ({ path, name }) => addDataSet(context, path, name),
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

function addDataSet(context: CallContext, path: string, wantedName: string | undefined): { jobId: number } {
  const db = context.write()
  const name = wantedName ?? defaultName(path)
  if (listDataSets(db).some((dataSet) => dataSet.name === name)) {
    throw new HeadwiseError(
      'conflict',
      `A data set is called "${name}" in this workspace already; give this one another name.`,
    )
  }
  return startJob(context, 'import', `import ${name}`, 'images', async (job) => {
    const imported = await readDataSet(path, { signal: job.signal, onProgress: () => job.advance(1) })
    const { kind, columns, images, problems } = imported
    const id = insertDataSet(db, {
      name,
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
  })
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
    addedMs: dataSet.addedMs,
  }
}

async function thumbnailOf(context: CallContext, imageId: number): Promise<Uint8Array<ArrayBuffer>> {
  const kept = readThumbnail(context.db, imageId)
  if (kept) return new Uint8Array(kept)
  const image = findImage(context.db, imageId)
  if (!image) throw new HeadwiseError('not-found', `There is no image ${imageId} in this workspace.`)
  const reader = await openImageReader(dataSetById(context, image.dataSetId))
  try {
    const webp = await thumbnail(await reader.read(image.path))
    saveThumbnail(context.write(), imageId, webp)
    return new Uint8Array(webp)
  } finally {
    reader.close()
  }
}
