/**
 * Carries a run from its first missing block to its end. Blocks are independent: each is committed in one
 * transaction with the moments after it, and a run that was stopped goes on with the block that is missing.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import { createPreprocessor, openImageReader } from '../dataset/index.ts'
import type { JobContext } from '../jobs/index.ts'
import type { Checkpoint } from '../model/index.ts'
import {
  type Block,
  commitBlock,
  imagesBetween,
  listBlocks,
  readMoments,
  refuseRun,
  saveHeadEffects,
  type Skip,
  type StoredDataSet,
  type StoredMoment,
  type StoredRun,
  summariseRun,
  type WriteDb,
} from '../store/index.ts'
import { allLayers, type Bases, computeBases } from './bases.ts'
import { appendInPlace, type BlockShape, type BlockTensors, emptyBlock, storedBlock } from './block.ts'
import { largestError } from './certificate.ts'
import { type Decomposer, openDecomposer } from './decomposer.ts'
import { headEffects } from './head-effects.ts'
import { blockMoment, emptyMoment, mergedMoment } from './moments.ts'
import { type ImageSource, pixelBatches } from './pixel-batches.ts'

export type RunPlan = {
  db: WriteDb
  run: StoredRun
  checkpoint: Checkpoint
  /** with `root` resolved to where the images are now */
  dataSet: StoredDataSet
  cacheFolder: string
  /** images a forward pass */
  batch: number
  threads?: number
}

/** About two seconds of work on a processor, so that cancelling and other calls need not wait long. */
export function defaultBatch(checkpoint: Checkpoint): number {
  const { tokens, width, layers } = checkpoint.config.vision
  const operations = 24 * tokens * width ** 2 * layers
  return Math.max(1, Math.min(32, 2 ** Math.floor(Math.log2(3e11 / operations))))
}

/** @throws HeadwiseError 'not-exact' when a block's terms do not add up; that block is not committed */
export async function decomposeRun(plan: RunPlan, job: JobContext): Promise<void> {
  const { db, run, checkpoint, cacheFolder } = plan
  const done = new Set(listBlocks(db, run.id).map(({ number }) => number))
  const summary = summariseRun(db, run.id)
  job.progress({ done: summary.rows, skipped: summary.skipped, total: run.imageCount })
  const blockCount = Math.ceil(run.imageCount / run.blockImages)
  if (done.size === blockCount) return
  const bases = await computeBases(checkpoint, allLayers(checkpoint), cacheFolder)
  const shape = blockShape(checkpoint, run)
  const tools = await openTools(plan)
  let moments = startMoments(db, run, checkpoint)
  try {
    for (let number = 0; number < blockCount; number++) {
      if (done.has(number)) continue
      moments = await decomposeBlock({ ...plan, ...tools, bases, shape, job }, number, moments)
    }
  } finally {
    await tools.close()
  }
  // The bases are at hand here; later the weights may be gone.
  const { layers, heads, headWidth } = checkpoint.config.vision
  saveHeadEffects(db, run.id, await headEffects(moments, bases, { layers, heads, headWidth }))
}

type Tools = { decomposer: Decomposer; source: ImageSource; close(): Promise<void> }

async function openTools({ run, checkpoint, dataSet, cacheFolder, threads }: RunPlan): Promise<Tools> {
  const { preprocessing } = checkpoint.config
  const reader = await openImageReader(dataSet)
  const preprocessor = await createPreprocessor(preprocessing)
  const decomposer = await openDecomposer(checkpoint, {
    provider: run.provider,
    classToClass: run.hasClassToClass,
    cacheFolder,
    threads,
  })
  const source = { kind: dataSet.kind, root: dataSet.root, reader, preprocessor, sizePx: preprocessing.sizePx }
  return {
    decomposer,
    source,
    async close() {
      reader.close()
      await preprocessor.close()
      await decomposer.close()
    },
  }
}

function blockShape({ config }: Checkpoint, run: StoredRun): BlockShape {
  const { layers, width } = config.vision
  return { layers, width, jointWidth: config.jointWidth, classToClass: run.hasClassToClass }
}

function startMoments(db: WriteDb, run: StoredRun, checkpoint: Checkpoint): StoredMoment[] {
  const stored = readMoments(db, run.id)
  if (stored.length > 0) return stored
  return allLayers(checkpoint).map((layer) => emptyMoment(layer, checkpoint.config.vision))
}

type BlockWork = RunPlan & Tools & { bases: Bases; shape: BlockShape; job: JobContext }

/** @returns the run's moments with this block's rows */
async function decomposeBlock(work: BlockWork, number: number, moments: StoredMoment[]): Promise<StoredMoment[]> {
  const { db, run, dataSet, shape, checkpoint } = work
  const from = number * run.blockImages
  const images = imagesBetween(db, dataSet.id, from, Math.min(run.imageCount, from + run.blockImages))
  const { tensors, ordinals, skips } = await computeBlock(work, images)
  const stored = storedBlock(tensors, shape, run.store)
  const block: Block = { number, ordinals, ...(await certify(work, tensors, stored.tensors)) }
  const merged = moments.map((moment) => {
    const added = blockMoment(
      moment.layer,
      stored.tensors.attended[moment.layer]!,
      stored.tensors.scalars,
      checkpoint.config.vision,
    )
    return mergedMoment(moment, added, checkpoint.config.vision)
  })
  commitBlock(db, run.id, block, stored.contents, skips, merged)
  return merged
}

async function computeBlock(
  { run, source, decomposer, shape, batch, job }: BlockWork,
  images: Parameters<typeof pixelBatches>[0],
): Promise<{ tensors: BlockTensors; ordinals: Int32Array; skips: Skip[] }> {
  const tensors = emptyBlock(Math.min(run.blockImages, images.length), shape)
  const ordinals: number[] = []
  const skips: Skip[] = []
  for await (const pixels of pixelBatches(images, batch, source)) {
    job.signal.throwIfAborted()
    if (pixels.images.length > 0) {
      appendInPlace(tensors, await decomposer.decompose(pixels.pixels, pixels.images.length), shape)
    }
    ordinals.push(...pixels.images.map(({ ordinal }) => ordinal))
    skips.push(...pixels.skips)
    job.advance(pixels.images.length, pixels.skips.length)
  }
  return { tensors, ordinals: Int32Array.from(ordinals), skips }
}

async function certify(
  { db, run, bases }: BlockWork,
  computed: BlockTensors,
  stored: BlockTensors,
): Promise<{ computedError: number; storedError: number }> {
  const computedError = await largestError(computed, bases)
  if (!(computedError <= run.tolerance)) {
    refuseRun(db, run.id, computedError)
    throw new HeadwiseError(
      'not-exact',
      `The terms must add up to the representation within ${run.tolerance}; they miss it by ${computedError.toPrecision(2)} with the provider "${run.provider}". The run is refused.`,
    )
  }
  const storedError = await largestError(stored, bases)
  if (!Number.isFinite(storedError)) {
    throw new HeadwiseError(
      'not-exact',
      'Some terms are beyond the range of float16 (65,504); store this run as float32.',
    )
  }
  return { computedError, storedError }
}
