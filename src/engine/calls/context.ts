/** What the calls share: the open workspace, its job runner, and look-ups that fail in words. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { EventOf, WorkspaceEngine } from '../../contract/index.ts'
import type { Run } from '../../contract/run.ts'
import type { JobContext, JobRunner } from '../jobs/index.ts'
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
import type { EmbedPlan } from '../text-pool/index.ts'

export type Topic = EventOf<'workspace/changed'>['topic']

/** Thumbnails that were made before, and a place to keep new ones. */
export type Thumbnails = {
  read: (imageId: number) => Uint8Array | undefined
  add: (imageId: number, webp: Uint8Array) => void
}

export type CallContext = {
  path: string
  db: ReadDb
  isReadOnly: boolean
  /** @throws HeadwiseError 'conflict' when the workspace was opened for reading only */
  write: () => WriteDb
  jobs: () => JobRunner
  /** the job whose work the call asks for again */
  resumedJobId?: number
  thumbnails: Thumbnails
  cacheFolder: string
  /** what comes with the program, such as the starter pool */
  resourcesFolder?: string
  programVersion: string
  now: () => number
  /** @param ofId the model of a label, the pool of an edit */
  changed: (topic: Topic, ofId?: number) => void
}

type Ticket = { jobId: number }

/** Calls that start a job. */
export type JobCallName = Exclude<
  {
    [Name in keyof WorkspaceEngine]: ReturnType<WorkspaceEngine[Name]> extends Promise<Ticket> ? Name : never
  }[keyof WorkspaceEngine],
  'job/resume'
>
export type JobInput<Name extends JobCallName> = Parameters<WorkspaceEngine[Name]>[0]

/**
 * What a job does, found by the name of its call: a function of the workspace and the call's parsed input alone, so
 * that any process which opened the workspace can do it.
 */
export type JobWorks = {
  [Name in JobCallName]: (context: CallContext, input: JobInput<Name>, job: JobContext) => Promise<void>
}

/** The work itself stands under the call's name in job-works.ts. */
export function startJob<Name extends JobCallName>(
  context: CallContext,
  call: Name,
  input: JobInput<Name>,
  kind: JobKind,
  title: string,
  unit: string,
): Ticket {
  return { jobId: context.jobs().start({ call, input }, kind, title, unit, context.resumedJobId) }
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

/** What embedding texts needs; the checkpoint is opened when a text is new to the model. */
export function embedPlan(context: CallContext, model: StoredModel): EmbedPlan {
  const { cacheFolder } = context
  return { db: context.write(), modelId: model.id, checkpoint: () => checkpointOf(model), cacheFolder }
}

/** Embedding inside another job: its remarks stay, its counts do not mix with those of the job. */
export function countless(job: JobContext): JobContext {
  return { ...job, progress: () => {}, advance: () => {} }
}

export function termShape({ config }: StoredModel): TermShape {
  const { layers, heads, headWidth, tokens } = config.vision
  return { layers, heads, headWidth, tokens, jointWidth: config.jointWidth }
}

export function everyLayer({ layers }: TermShape): number[] {
  return Array.from({ length: layers }, (_, layer) => layer)
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
