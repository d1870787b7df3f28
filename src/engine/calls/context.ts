/** What the calls share: the open workspace, its job runner, and look-ups that fail in words. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { EventOf } from '../../contract/index.ts'
import type { Run } from '../../contract/run.ts'
import type { JobRunner, JobWork } from '../jobs/index.ts'
import type { JobKind } from '../../contract/job.ts'
import { type Checkpoint, openCheckpoint, weightsNameOf } from '../model/index.ts'
import {
  findDataSet,
  findModel,
  findRun,
  listSkips,
  type ReadDb,
  type RunSummary,
  resolvedPath,
  type StoredDataSet,
  type StoredModel,
  type StoredRun,
  summariseRun,
  type WriteDb,
} from '../store/index.ts'
import type { TermShape } from '../terms/index.ts'

export type Topic = EventOf<'workspace/changed'>['topic']

export type CallContext = {
  path: string
  db: ReadDb
  isReadOnly: boolean
  /** @throws HeadwiseError 'conflict' when the workspace was opened for reading only */
  write: () => WriteDb
  jobs: () => JobRunner
  cacheFolder: string
  programVersion: string
  now: () => number
  changed: (topic: Topic) => void
}

export function startJob(
  context: CallContext,
  kind: JobKind,
  title: string,
  unit: string,
  work: JobWork,
): { jobId: number } {
  return { jobId: context.jobs().start(kind, title, unit, work) }
}

export function modelById(context: CallContext, id: number): StoredModel {
  const model = findModel(context.db, id)
  if (!model) throw new HeadwiseError('not-found', `There is no model ${id} in this workspace.`)
  return { ...model, folder: resolvedPath(context.path, model.folder) }
}

export function dataSetById(context: CallContext, id: number): StoredDataSet {
  const dataSet = findDataSet(context.db, id)
  if (!dataSet) throw new HeadwiseError('not-found', `There is no data set ${id} in this workspace.`)
  return { ...dataSet, root: resolvedPath(context.path, dataSet.root) }
}

export function runById(context: CallContext, id: number): StoredRun {
  const run = findRun(context.db, id)
  if (!run) throw new HeadwiseError('not-found', `There is no run ${id} in this workspace.`)
  return run
}

/** @throws HeadwiseError 'bad-input' while the run is not whole: numbers from half a data set would pass for all of it */
export function completeRun(context: CallContext, id: number): StoredRun {
  const run = runById(context, id)
  if (run.refusedError !== null) {
    throw new HeadwiseError(
      'not-exact',
      `Run ${id} must be exact; its terms miss the representation by ${run.refusedError.toPrecision(2)}.`,
    )
  }
  const { rows, skipped } = summariseRun(context.db, id)
  if (rows + skipped < run.imageCount) {
    throw new HeadwiseError(
      'bad-input',
      `Run ${id} must be complete; ${rows + skipped} of ${run.imageCount} images are done. Decompose again to go on.`,
    )
  }
  if (rows === 0)
    throw new HeadwiseError('bad-input', `Run ${id} must hold at least one image; all ${skipped} were left out.`)
  return run
}

export function isModelPresent(model: StoredModel): boolean {
  const weights = join(model.folder, weightsNameOf(model.config.layout))
  return existsSync(weights) && statSync(weights).size === model.weightsBytes
}

/** @throws HeadwiseError 'changed' when the folder holds another checkpoint than the one that was added */
export function checkpointOf(model: StoredModel): Checkpoint {
  if (!existsSync(model.folder)) {
    throw new HeadwiseError(
      'not-found',
      `The model "${model.name}" must be in "${model.folder}"; it is not there. Relink it.`,
    )
  }
  const checkpoint = openCheckpoint(model.folder)
  if (checkpoint.hash !== model.hash) {
    throw new HeadwiseError(
      'changed',
      `"${model.folder}" must hold the model "${model.name}" (${model.hash.slice(0, 12)}); it holds another one (${checkpoint.hash.slice(0, 12)}).`,
    )
  }
  return checkpoint
}

export function termShape({ config }: StoredModel): TermShape {
  const { layers, heads, headWidth, tokens } = config.vision
  return { layers, heads, headWidth, tokens, jointWidth: config.jointWidth }
}

export function describeRun(context: CallContext, run: StoredRun): Run {
  const { db } = context
  const model = modelById(context, run.modelId)
  const dataSet = dataSetById(context, run.dataSetId)
  const summary = summariseRun(db, run.id)
  const isComplete = summary.rows + summary.skipped >= run.imageCount
  return {
    id: run.id,
    key: run.key,
    modelId: run.modelId,
    modelName: model.name,
    modelHash: model.hash,
    dataSetId: run.dataSetId,
    dataSetName: dataSet.name,
    dataSetHash: dataSet.hash,
    state: run.refusedError !== null ? 'not-exact' : isComplete ? 'complete' : 'open',
    store: run.store,
    provider: run.provider,
    hasClassToClass: run.hasClassToClass,
    images: summary.rows,
    skipped: summary.skipped,
    total: run.imageCount,
    skippedImages: listSkips(db, run.id),
    certificate: certificateOf(run, summary),
    programVersion: run.programVersion,
    createdMs: run.createdMs,
  }
}

/** A refused run shows the error that it was refused for. */
function certificateOf(run: StoredRun, summary: RunSummary): Run['certificate'] {
  const computedError = run.refusedError ?? summary.computedError
  if (computedError === null) return null
  const { tolerance } = run
  return {
    computedError,
    storedError: summary.storedError ?? computedError,
    tolerance,
    isExact: computedError <= tolerance,
  }
}
