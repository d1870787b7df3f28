/** Jobs and heavy calls in real processes beside the engine, which are really killed. */
import { createHash } from 'node:crypto'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventOf } from '../../src/contract/index.ts'
import type { Job } from '../../src/contract/job.ts'
import { forkHelper, type HelperProcess, type HelperRole } from '../../src/engine/index.ts'
import { type Place, sampleFolder, temporaryFolder, type TestEngine, testEngine } from '../support/sample.ts'

let place: Place
let path: string
let engine: TestEngine
let started: { role: HelperRole; helper: HelperProcess }[]
let heard: EventOf<'workspace/changed'>[]

beforeEach(async () => {
  place = temporaryFolder()
  path = join(place.folder, 'a.headwise')
  started = []
  heard = []
  engine = await testEngine(path, place.cacheFolder, 'create', {
    startHelper(role) {
      const helper = forkHelper(role)
      started.push({ role, helper })
      return helper
    },
  })
  engine.on('workspace/changed', (change) => heard.push(change))
})
afterEach(async () => {
  await engine.close()
  place.remove()
})

async function addSample(to: TestEngine): Promise<{ modelId: number; dataSetId: number }> {
  const { id: modelId } = await to.client['model/add']({ folder: join(sampleFolder, 'model') })
  const { resultId } = await to.finish(to.client['data-set/add']({ path: join(sampleFolder, 'scenes') }))
  return { modelId, dataSetId: resultId! }
}

/** Waits until a job's event fits. */
function when(fits: (job: Job) => boolean): Promise<Job> {
  return new Promise((resolve) => {
    const off = engine.on('job/progressed', (job) => {
      if (!fits(job)) return
      off()
      resolve(job)
    })
  })
}

const jobsHelper = () => started.findLast(({ role }) => role === 'jobs')!.helper

/** Everything that a run stored, bit by bit. */
function contentHash(file: string): string {
  const db = new Database(file, { readonly: true })
  const hash = createHash('sha256')
  for (const row of db
    .prepare('SELECT number, part, layer, content FROM block_part ORDER BY 1, 2, 3')
    .raw()
    .iterate()) {
    const [number, part, layer, content] = row as [number, string, number, Uint8Array]
    hash.update(`${number} ${part} ${layer}`).update(content)
  }
  const moments = db.prepare('SELECT layer, row_count, mean, products FROM run_moment ORDER BY layer').raw().all()
  for (const [layer, rows, mean, products] of moments as [number, number, Uint8Array, Uint8Array][]) {
    hash.update(`${layer} ${rows}`).update(mean).update(products)
  }
  db.close()
  return hash.digest('hex')
}

describe('helper processes', () => {
  it('do jobs and tell of them, and one that is killed in the middle loses nothing', async () => {
    const sample = await addSample(engine)
    expect(started.map(({ role }) => role)).toEqual(['jobs'])
    expect(heard.map(({ topic }) => topic)).toEqual(['model', 'data-set'])

    const { jobId } = await engine.client['run/decompose']({ ...sample, provider: 'cpu' })
    await when((job) => job.id === jobId && job.done > 300)
    jobsHelper().kill()
    const interrupted = await when((job) => job.id === jobId && job.finishedMs !== null)
    expect(interrupted).toMatchObject({
      state: 'interrupted',
      error: {
        code: 'engine-lost',
        message: 'The process that worked on this job ended (signal SIGKILL); what was committed is kept.',
      },
    })
    const again = await when((job) => job.id > jobId && job.finishedMs !== null)
    expect(again).toMatchObject({ state: 'done', done: 600, total: 600, title: interrupted.title })
    expect(await engine.client['job/read']({ jobId })).toMatchObject({ resumedById: again.id, canResume: false })
    expect(started.map(({ role }) => role)).toEqual(['jobs', 'jobs'])
    expect(heard.filter(({ topic }) => topic === 'run')).not.toHaveLength(0)

    const whole = await testEngine(join(place.folder, 'whole.headwise'), place.cacheFolder)
    await whole.finish(whole.client['run/decompose']({ ...(await addSample(whole)), provider: 'cpu' }))
    await whole.close()
    await engine.close()
    expect(contentHash(path)).toBe(contentHash(join(place.folder, 'whole.headwise')))
  })

  it('that die twice at the same work leave it to people, who can resume it', async () => {
    const sample = await addSample(engine)
    const { jobId } = await engine.client['run/decompose']({ ...sample, provider: 'cpu', limit: 120 })
    for (const state of ['first', 'second']) {
      const running = await when((job) => job.done > 0 && job.state === 'running')
      expect(running.id, state).toBe(state === 'first' ? jobId : jobId + 1)
      jobsHelper().kill()
      await when((job) => job.id === running.id && job.state === 'interrupted')
    }
    const [last] = await engine.client['job/list']({})
    expect(last).toMatchObject({ id: jobId + 1, state: 'interrupted', canResume: true })
    const resumed = await engine.finish(engine.client['job/resume']({ jobId: jobId + 1 }))
    expect(resumed).toMatchObject({ state: 'done', done: 120 })
    await expect(engine.client['job/resume']({ jobId })).rejects.toMatchObject({
      code: 'conflict',
      message: `Job ${jobId} cannot be resumed: job ${jobId + 1} went on with it already.`,
    })
    await expect(engine.client['job/resume']({ jobId: resumed.id })).rejects.toMatchObject({
      message: `Job ${resumed.id} cannot be resumed: it is done.`,
    })
  })

  it('that die when the texts of a TEXTSPAN result are saved go on with that result', async () => {
    const { client, finish } = engine
    const sample = await addSample(engine)
    const { resultId } = await finish(client['run/decompose']({ ...sample, provider: 'cpu', limit: 256 }))
    const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    const described = { runId: resultId!, poolVersionId: pool.versions[0]!.id, layers: 6 }
    const saved = when((job) => job.kind === 'text-span' && job.resultId !== null)
    const { jobId } = await client['text-span/start'](described)
    const { resultId: textSpanId } = await saved
    jobsHelper().kill()
    const again = await when((job) => job.id > jobId && job.finishedMs !== null)
    expect(again).toMatchObject({ state: 'done', resultId: textSpanId, done: 48, total: 48 })
    expect((await client['text-span/list']({})).map(({ id }) => id)).toEqual([textSpanId])
  })

  it('are cancelled at the next safe point, and keep what they committed', async () => {
    const sample = await addSample(engine)
    const { jobId } = await engine.client['run/decompose']({ ...sample, provider: 'cpu' })
    await when((job) => job.id === jobId && job.done > 280)
    await engine.client['job/cancel']({ jobId })
    const cancelled = await when((job) => job.id === jobId && job.finishedMs !== null)
    expect(cancelled).toMatchObject({ state: 'cancelled', error: null, canResume: true })
    expect((await engine.client['run/list']({}))[0]).toMatchObject({ images: 256, total: 600, state: 'open' })
    expect(started).toHaveLength(1)
  })

  it('stop when the workspace is moved under them, and what they committed is in the moved file', async () => {
    const sample = await addSample(engine)
    const { jobId } = await engine.client['run/decompose']({ ...sample, provider: 'cpu' })
    await when((job) => job.id === jobId && job.done > 280)
    const moved = join(place.folder, 'moved.headwise')
    renameSync(path, moved)
    const stopped = await when((job) => job.id === jobId && job.finishedMs !== null)
    expect(stopped).toMatchObject({ state: 'failed', error: { code: 'changed' } })
    await engine.close()
    const reader = await testEngine(moved, place.cacheFolder, 'read')
    const [run] = await reader.client['run/list']({})
    expect(run!.images).toBeGreaterThanOrEqual(256)
    expect((await reader.client['job/list']({}))[0]).toMatchObject({ id: jobId, state: 'failed' })
    await reader.close()
  })

  it('that answer calls fail what they worked on when they die, and are started at the next call', async () => {
    const asked = engine.client['provider/list']({})
    await vi.waitFor(() => expect(started).toHaveLength(1))
    started[0]!.helper.kill()
    await expect(asked).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'The process that worked on this ended (signal SIGKILL); what was committed is kept.',
    })
    const [cpu] = await engine.client['provider/list']({})
    expect(cpu).toMatchObject({ provider: 'cpu', isUsable: true })
    expect(started.map(({ role }) => role)).toEqual(['asks', 'asks'])
  })

  it('say what is wrong as the engine would', async () => {
    const sample = await addSample(engine)
    const job = await engine.settle(engine.client['data-set/add']({ path: join(place.folder, 'nowhere') }))
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'not-found', message: `There is no folder or file "${join(place.folder, 'nowhere')}".` },
    })
    await expect(engine.client['image/model-view']({ modelId: sample.modelId, imageId: 99_999 })).rejects.toMatchObject(
      {
        code: 'not-found',
        message: 'There is no image 99999 in this workspace.',
      },
    )
  })
})
