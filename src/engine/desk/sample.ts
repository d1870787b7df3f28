/**
 * The sample's workspace. What is missing in it is made: model, data sets and pool before it is shown, the numbers
 * behind it as jobs.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type CallName, type Client, HeadwiseError, type WorkspaceEngine } from '../../contract/index.ts'
import { answer } from '../answer.ts'
import type { OpenEngine } from '../open-engine.ts'

const names = { model: 'sample', pool: 'sample', scenes: 'scenes' } as const

/** Data set -> its place in the sample's folder. */
const dataSets = { scenes: 'scenes', birds: 'birds', segmentation: 'segmentation.mat' } as const

/** Model, data sets and pool; what an update of the program moved or wrote anew is found again. */
export async function ensureSample({ engine, on }: OpenEngine, sampleFolder: string): Promise<void> {
  const client = clientOf(engine)
  await ensureModel(client, join(sampleFolder, 'model'))
  for (const [name, place] of Object.entries(dataSets)) {
    const path = join(sampleFolder, place)
    const known = (await client['data-set/list']({})).find((dataSet) => dataSet.name === name)
    if (!known) await finished({ client, on }, client['data-set/add']({ path, name }))
    else await relink(client, name, path)
  }
  // People edit the pool, so one that is there stays as it is.
  if (!(await client['pool/list']({})).some(({ name }) => name === names.pool)) {
    const tagged = join(sampleFolder, 'pool.csv')
    await client['pool/add']({ path: existsSync(tagged) ? tagged : join(sampleFolder, 'pool.txt'), name: names.pool })
  }
}

/** Images that are other ones now are told where they are wanted; the rest of the sample is worth having. */
async function relink(client: Client, name: string, path: string): Promise<void> {
  try {
    await client['workspace/relink']({ kind: 'data-set', name, path })
  } catch (error) {
    if (!(error instanceof HeadwiseError && error.code === 'changed')) throw error
  }
}

/** Decomposes the scenes and describes every head, where that is not done yet. */
export async function describeSample(opened: OpenEngine): Promise<void> {
  // Jobs of before go on first: one of them may be just this work.
  await idle(opened)
  try {
    await describe(opened)
  } catch (error) {
    if (!(error instanceof HeadwiseError && error.code === 'engine-lost')) throw error
    // The lost job is resumed by itself; what comes after it is asked for here.
    await idle(opened)
    await describe(opened)
  }
}

async function describe({ engine, on }: OpenEngine): Promise<void> {
  const client = clientOf(engine)
  const model = (await client['model/list']({})).find(({ name }) => name === names.model)
  const scenes = (await client['data-set/list']({})).find(({ name }) => name === names.scenes)
  const pool = (await client['pool/list']({})).find(({ name }) => name === names.pool)
  if (!model || !scenes || !pool) return
  const runs = await client['run/list']({})
  const whole = runs.find(
    (run) =>
      run.modelId === model.id && run.dataSetId === scenes.id && run.state === 'complete' && run.total >= scenes.images,
  )
  const runId =
    whole?.id ??
    (await finished({ client, on }, client['run/decompose']({ modelId: model.id, dataSetId: scenes.id }))).resultId!
  const layers = model.config.vision.layers
  const described = (await client['text-span/list']({})).some(
    (textSpan) => textSpan.runId === runId && textSpan.poolName === names.pool && textSpan.layers === layers,
  )
  if (described) return
  const poolVersionId = pool.versions[0]!.id
  await finished({ client, on }, client['text-span/start']({ runId, poolVersionId, layers }))
}

async function ensureModel(client: Client, folder: string): Promise<void> {
  const known = (await client['model/list']({})).find(({ name }) => name === names.model)
  if (!known) await client['model/add']({ folder, name: names.model })
  else if (!known.isPresent) await client['workspace/relink']({ kind: 'model', name: names.model, path: folder })
}

function clientOf(engine: WorkspaceEngine): Client {
  const ask = async (name: CallName, input: unknown): Promise<unknown> => {
    const reply = await answer(engine, name, input)
    if (!reply.ok) throw new HeadwiseError(reply.code, reply.message)
    return reply.value
  }
  return new Proxy({} as Client, { get: (_, name: CallName) => (input: unknown) => ask(name, input) })
}

type Job = Awaited<ReturnType<Client['job/read']>>

/** A job at its end. @throws HeadwiseError what it failed with */
async function finished(
  { client, on }: { client: Client; on: OpenEngine['on'] },
  ticket: Promise<{ jobId: number }>,
): Promise<Job> {
  const { jobId } = await ticket
  return new Promise((resolve, reject) => {
    const look = (job: Job) => {
      if (job.id !== jobId || job.finishedMs === null) return
      off()
      if (job.state === 'done') resolve(job)
      else reject(new HeadwiseError(job.error?.code ?? 'cancelled', job.error?.message ?? 'The job was cancelled.'))
    }
    const off = on('job/progressed', look)
    client['job/read']({ jobId }).then(look, reject)
  })
}

function idle({ on, isBusy }: OpenEngine): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (isBusy()) return
      off()
      resolve()
    }
    // A job's last event comes before it counts as ended, and before it is resumed.
    const off = on('job/progressed', () => setImmediate(look))
    setImmediate(look)
  })
}
