/**
 * A made-up workspace of ViT-L/14 shape for measuring the workbench: images and thumbnails, a run with blocks of its
 * last layers, a described result with the images kept for it, and a large pool. Numbers are random; no weights exist.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { emptyMoment } from '../../src/engine/decompose/index.ts'
import {
  commitBlock,
  createDatabase,
  insertDataSet,
  insertModel,
  insertPool,
  insertPoolVersion,
  insertRun,
  insertTextSpan,
  type KeptDirection,
  poolTexts,
  readMigrations,
  saveHeadEffects,
  saveKeptDirections,
  type WriteDb,
} from '../../src/engine/store/index.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { databaseFolder, sampleFolder } from '../support/sample.ts'
import { randomUniform } from './make-checkpoint.ts'

export type MadeUpSize = { images: number; runImages: number; poolTexts: number }

const shape = { layers: 24, heads: 16, headWidth: 64, width: 1024, jointWidth: 768, tokens: 257 }
const describedLayers = 4
const textsAHead = 20
const blockImages = 256

export async function makeWorkspace(path: string, size: MadeUpSize): Promise<void> {
  const { db, close } = createDatabase(path, readMigrations(join(databaseFolder, 'migrations')))
  const { config } = openCheckpoint(join(sampleFolder, 'model'))
  const vision = { ...config.vision, ...shape, imageSizePx: 224, patchSizePx: 14, mlpWidth: 4096 }
  const modelId = insertModel(db, {
    hash: '0'.repeat(64),
    name: 'made-up ViT-L-14',
    folder: 'not-there',
    config: { ...config, jointWidth: shape.jointWidth, vision },
    weightsBytes: 1,
    addedMs: 0,
  })
  const dataSetId = insertDataSet(db, {
    name: 'made-up images',
    kind: 'folder',
    root: '.',
    hash: '0'.repeat(64),
    addedMs: 0,
    columns: ['group'],
    problems: [],
    images: Array.from({ length: size.images }, (_, at) => ({
      path: `val/ILSVRC2012_val_${String(at).padStart(8, '0')}.JPEG`,
      label: `n${String(at % 1000).padStart(8, '0')}`,
      split: at % 10 === 0 ? 'valid' : 'train',
      sizeBytes: 100_000,
      modifiedMs: 0,
      attributes: { group: `group ${at % 4}` },
    })),
  })
  await fillThumbnails(db, size.images)
  const runId = insertRun(db, {
    key: randomUUID(),
    modelId,
    dataSetId,
    store: 'float16',
    provider: 'cpu',
    hasClassToClass: false,
    imageCount: size.runImages,
    blockImages,
    tolerance: 1e-5,
    programVersion: 'bench',
    createdMs: 0,
  })
  fillBlocks(db, runId, size.runImages)
  describe(db, runId, size)
  db.pragma('wal_checkpoint(TRUNCATE)')
  close()
}

/** A hundred pictures of the sample, again and again. */
async function fillThumbnails(db: WriteDb, images: number): Promise<void> {
  const folder = join(sampleFolder, 'scenes')
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'))
  const pictures = await Promise.all(
    names.slice(0, 100).map((name) =>
      sharp(readFileSync(join(folder, name)))
        .resize(128)
        .webp()
        .toBuffer(),
    ),
  )
  const insert = db.prepare('INSERT INTO thumbnail (image_id, webp) VALUES (?, ?)')
  db.transaction(() => {
    for (let id = 1; id <= images; id++) insert.run(id, pictures[id % pictures.length])
  })()
}

/** The described layers alone: those below would only make the file larger. */
function fillBlocks(db: WriteDb, runId: number, images: number): void {
  const next = randomUniform(7)
  const attended = new Float16Array(blockImages * shape.width)
  for (let at = 0; at < attended.length; at++) attended[at] = next()
  const scalars = new Float32Array(blockImages * 3)
  for (let at = 0; at < scalars.length; at++) scalars[at] = 1 + next() / 10
  const layers = Array.from({ length: describedLayers }, (_, at) => shape.layers - describedLayers + at)
  const moments = layers.map((layer) => emptyMoment(layer, shape))
  const bytes = (array: Float16Array | Float32Array, values: number) =>
    new Uint8Array(array.buffer, 0, values * array.BYTES_PER_ELEMENT)
  for (let number = 0; number * blockImages < images; number++) {
    const rows = Math.min(blockImages, images - number * blockImages)
    const ordinals = Int32Array.from({ length: rows }, (_, row) => number * blockImages + row)
    const contents = [
      ...layers.map((layer) => ({ part: 'attended' as const, layer, content: bytes(attended, rows * shape.width) })),
      { part: 'scalars' as const, layer: 0, content: bytes(scalars, rows * 3) },
    ]
    commitBlock(db, runId, { number, ordinals, computedError: 3e-7, storedError: 2e-4 }, contents, [], moments)
  }
}

function describe(db: WriteDb, runId: number, size: MadeUpSize): void {
  const next = randomUniform(11)
  const chance = () => (next() + Math.sqrt(3)) / (2 * Math.sqrt(3))
  const texts = Array.from({ length: size.poolTexts }, (_, at) => ({
    text: `a made-up description number ${at} of something in a picture`,
    roles: at % 3 === 0 ? ['place'] : [],
    source: '',
    afterHeads: [],
    line: at + 1,
  }))
  const poolId = insertPool(db, 'made-up pool')
  const version = { poolId, hash: 'f'.repeat(64), annotator: '', note: '', createdMs: 0 }
  const versionId = insertPoolVersion(db, version, texts)
  const stored = poolTexts(db, versionId)
  const heads = Array.from({ length: describedLayers * shape.heads }, (_, at) => {
    let explained = 0
    return {
      layer: shape.layers - 1 - Math.floor(at / shape.heads),
      head: at % shape.heads,
      rank: 64,
      variance: 1e-4 * (1 + chance()),
      steps: Array.from({ length: textsAHead }, (_, step) => {
        const { id, text } = stored[Math.floor(chance() * 0.999 * stored.length)]!
        explained += (1 - explained) * 0.2 * chance()
        return { textId: id, text, explained, margin: chance() / (step + 1) }
      }),
    }
  })
  const textSpanId = insertTextSpan(
    db,
    {
      runId,
      poolVersionId: versionId,
      layers: describedLayers,
      texts: textsAHead,
      rank: 80,
      filter: {},
      images: size.runImages,
      programVersion: 'bench',
      createdMs: 0,
    },
    heads,
  )
  saveHeadEffects(
    db,
    runId,
    Array.from({ length: shape.layers * shape.heads }, (_, at) => ({
      layer: Math.floor(at / shape.heads),
      head: at % shape.heads,
      variance: 1e-5 + 1e-4 * chance(),
    })),
  )
  for (const layer of new Set(heads.map((head) => head.layer))) {
    const ofLayer = heads.filter((head) => head.layer === layer)
    const kept = ofLayer.map(({ head }) => ({ head, directions: keptDirections(size.runImages, chance) }))
    saveKeptDirections(db, textSpanId, layer, kept)
  }
}

function keptDirections(images: number, chance: () => number): KeptDirection[] {
  const names = [
    ...Array.from({ length: textsAHead }, (_, step) => `text:${step}`),
    ...[0, 1, 2].map((index) => `principal:${index}`),
  ]
  const end = (sign: number) =>
    Array.from({ length: 24 }, (_, at) => ({
      ordinal: Math.floor(chance() * 0.999 * images),
      score: (sign * (30 - at)) / 1000,
    }))
  return names.map((direction) => ({
    direction,
    highest: end(1),
    lowest: end(-1),
    images,
    mean: 0,
    standardDeviation: 0.01,
    share: chance(),
    histogram: {
      from: -0.03,
      to: 0.03,
      counts: Int32Array.from({ length: 40 }, (_, at) => Math.round(images * Math.exp(-((at - 20) ** 2) / 60) * 0.07)),
    },
  }))
}
