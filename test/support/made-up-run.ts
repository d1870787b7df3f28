/** A small complete run of made-up numbers in a real workspace file, with the same numbers as plain vectors. */
import { join } from 'node:path'
import { type Bases, blockMoment, emptyMoment, mergedMoment } from '../../src/engine/decompose/index.ts'
import { emptyBlock, storedBlock } from '../../src/engine/decompose/block.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import {
  commitBlock,
  createDatabase,
  findRun,
  insertDataSet,
  insertModel,
  insertRun,
  type OpenDatabase,
  readMigrations,
  type StoredRun,
} from '../../src/engine/store/index.ts'
import type { TermShape } from '../../src/engine/terms/index.ts'
import { randomUniform } from '../bench/make-checkpoint.ts'
import { databaseFolder, sampleFolder } from './sample.ts'

export type MadeUpRun = OpenDatabase & {
  run: StoredRun
  bases: Bases
  shape: TermShape
  /** r of a head, one row of d numbers an image, worked out term by term from the formula of spec 3 */
  terms(layer: number, head: number): number[][]
  /** uniform numbers about 0 */
  random(count: number): Float32Array
}

export const madeUpImages = 50
const blockImages = 16
const shape: TermShape = { layers: 2, heads: 3, headWidth: 4, tokens: 5, jointWidth: 12 }

/** Images 0, 2, 4, ... have the label "even", the others "odd". */
export function madeUpRun(folder: string, store: 'float16' | 'float32' = 'float32'): MadeUpRun {
  const { db, close } = createDatabase(join(folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
  const next = randomUniform(17)
  const random = (count: number) => Float32Array.from({ length: count }, () => 2 * next() - 1)
  const { layers, heads, headWidth, jointWidth: d } = shape
  const width = heads * headWidth
  const bases: Bases = {
    layers: [0, 1],
    A: new Map([0, 1].map((layer) => [layer, random(width * d)])),
    B: new Map([0, 1].map((layer) => [layer, random(d)])),
    G: random(d),
    E: random(d),
    initial: random(d),
  }
  const run = insertedRun(db, store)
  const attended = Array.from({ length: layers }, () => [] as number[])
  const scalars: number[] = []
  let moments = Array.from({ length: layers }, (_, layer) => emptyMoment(layer, shape))
  for (let number = 0; number * blockImages < madeUpImages; number++) {
    const rows = Math.min(blockImages, madeUpImages - number * blockImages)
    const blockShape = { layers, width, jointWidth: d, classToClass: false }
    const block = { ...emptyBlock(rows, blockShape), rows }
    block.attended.forEach((ofLayer, layer) =>
      // Columns of falling strength, so that principal directions are far apart.
      ofLayer.set(random(ofLayer.length).map((value, at) => value / (1 + (at % headWidth)) + 0.2 * layer)),
    )
    block.scalars.set(random(rows * 3).map((value, at) => [0.1 * value, 2 + value, 6 + value][at % 3]!))
    const stored = storedBlock(block, blockShape, store)
    moments = moments.map((moment, layer) =>
      mergedMoment(moment, blockMoment(layer, stored.tensors.attended[layer]!, stored.tensors.scalars, shape), shape),
    )
    stored.tensors.attended.forEach((ofLayer, layer) => attended[layer]!.push(...ofLayer))
    scalars.push(...stored.tensors.scalars)
    const ordinals = Int32Array.from({ length: rows }, (_, row) => number * blockImages + row)
    commitBlock(db, run.id, { number, ordinals, computedError: 0, storedError: 0 }, stored.contents, [], moments)
  }
  const terms = (layer: number, head: number) =>
    Array.from({ length: madeUpImages }, (_, image) => {
      const [mean, scale, norm] = scalars.slice(image * 3, image * 3 + 3) as [number, number, number]
      const from = image * width + head * headWidth
      const z = attended[layer]!.slice(from, from + headWidth)
      return Array.from({ length: d }, (_, k) => term(bases, z, { layer, head, k, mean, scale, norm }))
    })
  return { db, close, run, bases, shape, terms, random }
}

type Place = { layer: number; head: number; k: number; mean: number; scale: number; norm: number }

/** r = A z / (sigma |rep|) + B / (H sigma |rep|) - G mu / (T H sigma |rep|) + E / (T H |rep|) (spec 3). */
function term(bases: Bases, z: number[], { layer, head, k, mean, scale, norm }: Place): number {
  const { heads, headWidth, jointWidth: d, layers } = shape
  const T = 2 * layers + 1
  const A = bases.A.get(layer)!
  const own = z.reduce((sum, value, i) => sum + value * A[(head * headWidth + i) * d + k]!, 0)
  const whole = scale * norm
  return (
    own / whole +
    bases.B.get(layer)![k]! / (heads * whole) -
    (bases.G[k]! * mean) / (T * heads * whole) +
    bases.E[k]! / (T * heads * norm)
  )
}

function insertedRun(db: OpenDatabase['db'], store: 'float16' | 'float32'): StoredRun {
  const { config } = openCheckpoint(join(sampleFolder, 'model'))
  const name = 'made up'
  const hash = '0'.repeat(64)
  const modelId = insertModel(db, { hash, name, folder: '.', config, weightsBytes: 0, addedMs: 0 })
  const images = Array.from({ length: madeUpImages }, (_, at) => ({
    path: `${at}.png`,
    label: at % 2 === 0 ? 'even' : 'odd',
    split: null,
    sizeBytes: 1,
    modifiedMs: 0,
    attributes: {},
  }))
  const dataSet = { name, kind: 'folder', root: '.', hash, addedMs: 0, columns: [], problems: [], images } as const
  const dataSetId = insertDataSet(db, { ...dataSet, columns: [], problems: [] })
  const id = insertRun(db, {
    key: crypto.randomUUID(),
    modelId,
    dataSetId,
    store,
    provider: 'cpu',
    hasClassToClass: false,
    imageCount: madeUpImages,
    blockImages,
    tolerance: 1e-5,
    programVersion: 'test',
    createdMs: 0,
  })
  return findRun(db, id)!
}

/** An empty TEXTSPAN result over the run's layers, to keep images with. */
export function insertedTextSpan({ db, run }: MadeUpRun, filter = '{}'): number {
  db.exec(`INSERT INTO pool (id, name) VALUES (1, 'p');
    INSERT INTO pool_version (id, pool_id, number, hash, text_count, created_ms) VALUES (1, 1, 1, '${'0'.repeat(64)}', 1, 0);`)
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO text_span (run_id, pool_version_id, layer_count, text_count, rank, filter, image_count,
       program_version, created_ms) VALUES (?, 1, 2, 2, 80, ?, ?, 'test', 0)`,
    )
    .run(run.id, filter, madeUpImages)
  return Number(lastInsertRowid)
}
