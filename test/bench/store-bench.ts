/** Bytes that an image takes in a workspace file, all in, from real blocks of made-up numbers. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type BlockShape, emptyBlock, storedBlock } from '../../src/engine/decompose/block.ts'
import { emptyMoment } from '../../src/engine/decompose/index.ts'
import {
  commitBlock,
  createDatabase,
  insertDataSet,
  insertModel,
  insertRun,
  readMigrations,
} from '../../src/engine/store/index.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { databaseFolder } from '../support/sample.ts'
import { randomUniform, type Shape } from './make-checkpoint.ts'
import type { Result } from './measure.ts'

const blockImages = 256

export function benchStore(name: string, shape: Shape, folder: string, sampleModel: string): Result {
  const { layers, width, headWidth } = shape.vision
  const block: BlockShape = { layers, width, jointWidth: shape.joint, classToClass: true }
  const images = 4 * blockImages
  const path = join(folder, `${name.replace(/\W/g, '-')}.headwise`)
  const { db, close } = createDatabase(path, readMigrations(join(databaseFolder, 'migrations')))
  const { config } = openCheckpoint(sampleModel)
  const modelId = insertModel(db, { hash: '0'.repeat(64), name, folder: '.', config, weightsBytes: 0, addedMs: 0 })
  const dataSetId = insertDataSet(db, {
    name,
    kind: 'folder',
    root: '.',
    hash: '0'.repeat(64),
    addedMs: 0,
    columns: [],
    problems: [],
    images: Array.from({ length: images }, (_, at) => ({
      path: `images/ILSVRC2012_val_${String(at).padStart(8, '0')}.JPEG`,
      label: 'n01440764',
      split: null,
      sizeBytes: 100_000,
      modifiedMs: 0,
      attributes: {},
    })),
  })
  const runId = insertRun(db, {
    key: crypto.randomUUID(),
    modelId,
    dataSetId,
    store: 'float16',
    provider: 'cpu',
    hasClassToClass: true,
    imageCount: images,
    blockImages,
    tolerance: 1e-5,
    programVersion: 'bench',
    createdMs: 0,
  })
  const moments = Array.from({ length: layers }, (_, layer) =>
    emptyMoment(layer, { heads: width / headWidth, headWidth }),
  )
  const next = randomUniform(5)
  for (let number = 0; number < images / blockImages; number++) {
    const tensors = emptyBlock(blockImages, block)
    tensors.rows = blockImages
    for (const layer of tensors.attended) for (let at = 0; at < layer.length; at++) layer[at] = next()
    const ordinals = Int32Array.from({ length: blockImages }, (_, row) => number * blockImages + row)
    const { contents } = storedBlock(tensors, block, 'float16')
    commitBlock(db, runId, { number, ordinals, computedError: 0, storedError: 0 }, contents, [], moments)
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  const momentBytes = moments.reduce((sum, { mean, products }) => sum + mean.byteLength + products.byteLength, 0)
  const bytesAnImage = (statSync(path).size - momentBytes) / images
  close()
  return {
    what: `bytes stored an image, ${name}, float16`,
    measured: `${(bytesAnImage / 1000).toFixed(1)} KB, and ${(momentBytes / 1e6).toFixed(1)} MB of moments a run`,
    limit: '',
    isMet: null,
    numbers: { bytesAnImage, momentBytes },
  }
}
