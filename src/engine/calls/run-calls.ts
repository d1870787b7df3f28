/** Calls about providers and runs. */
import { randomUUID } from 'node:crypto'
import type { Engine } from '../../contract/index.ts'
import { decomposeRun, defaultBatch, exactnessTolerance } from '../decompose/index.ts'
import type { JobContext } from '../jobs/index.ts'
import { chooseProvider, reportProviders } from '../runtime/providers.ts'
import { findRun, insertRun, listRuns, type StoredRun } from '../store/index.ts'
import {
  type CallContext,
  checkpointOf,
  dataSetById,
  describeRun,
  type JobInput,
  type JobWorks,
  modelById,
  runById,
  startJob,
} from './context.ts'

type Calls = Pick<Engine, 'provider/list' | 'run/list' | 'run/read' | 'run/decompose'>
type DecomposeInput = JobInput<'run/decompose'>

/** Images a block: large enough that a layer's row is read in one go, small enough to lose little when stopped. */
const blockImages = 256

export function runCalls(context: CallContext): Calls {
  return {
    'provider/list': async () => reportProviders(),
    'run/list': async () => listRuns(context.db).map((run) => describeRun(context, run)),
    'run/read': async ({ runId }) => describeRun(context, runById(context, runId)),
    'run/decompose': async (input) => startDecompose(context, input),
  }
}

export const runWorks = { 'run/decompose': decompose } satisfies Partial<JobWorks>

function startDecompose(context: CallContext, input: DecomposeInput): { jobId: number } {
  context.write()
  const model = modelById(context, input.modelId)
  const dataSet = dataSetById(context, input.dataSetId)
  const title = `decompose ${dataSet.name} with ${model.name}`
  return startJob(context, 'run/decompose', input, 'decompose', title, 'images')
}

async function decompose(context: CallContext, input: DecomposeInput, job: JobContext): Promise<void> {
  const db = context.write()
  const checkpoint = checkpointOf(modelById(context, input.modelId))
  const dataSet = dataSetById(context, input.dataSetId)
  const run = await startedRun(context, input, job)
  job.result(run.id)
  context.changed('run')
  const batch = input.batch ?? defaultBatch(checkpoint)
  try {
    await decomposeRun({ db, run, checkpoint, dataSet, cacheFolder: context.cacheFolder, batch }, job)
  } finally {
    context.changed('run')
  }
}

/** The run of the same model, data set and settings if there is one, so that decomposing again goes on with it. */
async function startedRun(context: CallContext, input: DecomposeInput, job: JobContext): Promise<StoredRun> {
  const db = context.write()
  const { provider, remarks } = await chooseProvider(input.provider)
  for (const remark of remarks) job.remark(remark)
  const dataSet = dataSetById(context, input.dataSetId)
  const imageCount = Math.min(dataSet.imageCount, input.limit ?? Infinity)
  const same = listRuns(db).find(
    (run) =>
      run.refusedError === null &&
      run.modelId === input.modelId &&
      run.dataSetId === input.dataSetId &&
      run.provider === provider &&
      run.store === input.store &&
      run.hasClassToClass === input.classToClass &&
      run.imageCount === imageCount,
  )
  if (same) return same
  const id = insertRun(db, {
    key: randomUUID(),
    modelId: input.modelId,
    dataSetId: input.dataSetId,
    store: input.store,
    provider,
    hasClassToClass: input.classToClass,
    imageCount,
    blockImages,
    tolerance: exactnessTolerance,
    programVersion: context.programVersion,
    createdMs: context.now(),
  })
  return findRun(db, id)!
}
