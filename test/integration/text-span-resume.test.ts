/** TEXTSPAN jobs that stopped after their texts were saved, while images at both ends of them were still looked for. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src/contract/job.ts'
import { type Place, sampleFolder, temporaryFolder, type TestEngine, testEngine } from '../support/sample.ts'

const images = 60
const layers = 3

let place: Place
let engine: TestEngine
let runId: number
let poolId: number
let poolVersionId: number
beforeEach(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  const { client, finish } = engine
  const { id: modelId } = await client['model/add']({ folder: join(sampleFolder, 'model') })
  const dataSetId = (await finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))).resultId!
  runId = (await finish(client['run/decompose']({ modelId, dataSetId, provider: 'cpu', limit: images }))).resultId!
  const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'sample' })
  poolId = pool.id
  poolVersionId = pool.versions[0]!.id
})
afterEach(async () => {
  await engine.close()
  place.remove()
})

/** Cancels the job as soon as its texts are saved. */
async function stopped(ticket: Promise<{ jobId: number }>): Promise<Job> {
  const { jobId } = await ticket
  const off = engine.on('job/progressed', (job) => {
    if (job.id === jobId && job.resultId !== null) void engine.engine['job/cancel']({ jobId })
  })
  const job = await engine.settle(Promise.resolve({ jobId }))
  off()
  expect(job).toMatchObject({ state: 'cancelled', canResume: true })
  return job
}

function change(sql: string): void {
  const db = new Database(join(place.folder, 'a.headwise'))
  db.exec(sql)
  db.close()
}

function rows(sql: string, ...parameters: unknown[]): unknown[] {
  const db = new Database(join(place.folder, 'a.headwise'), { readonly: true })
  try {
    return db
      .prepare(sql)
      .raw()
      .all(...parameters)
  } finally {
    db.close()
  }
}

function keptLayers(textSpanId: number): number[] {
  const sql = 'SELECT DISTINCT layer FROM text_span_image WHERE text_span_id = ? ORDER BY layer'
  return (rows(sql, textSpanId) as [number][]).map(([layer]) => layer)
}

const keptOf = (textSpanId: number) =>
  rows(
    `SELECT layer, head, direction, highest, lowest, image_count, mean, standard_deviation, share, bins
     FROM text_span_image WHERE text_span_id = ? ORDER BY 1, 2, 3`,
    textSpanId,
  )
const ids = async () => (await engine.client['text-span/list']({})).map(({ id }) => id)
const resume = (job: Job) => engine.finish(engine.client['job/resume']({ jobId: job.id }))

describe('a TEXTSPAN job that is resumed', () => {
  it('goes on with the result that it saved, and keeps the images that lack', async () => {
    const start = () => engine.client['text-span/start']({ runId, poolVersionId, layers, filter: { path: '1' } })
    const first = await stopped(start())
    const textSpanId = first.resultId!
    expect(keptLayers(textSpanId)).toEqual([])
    const again = await resume(first)
    expect(again).toMatchObject({ resultId: textSpanId, done: layers * 8, total: layers * 8 })
    expect(await ids()).toEqual([textSpanId])
    const whole = (await engine.finish(start())).resultId!
    expect(whole).not.toBe(textSpanId)
    expect(keptOf(textSpanId)).toEqual(keptOf(whole))
    // As if the process had died after the first layer.
    change(`DELETE FROM text_span_image WHERE text_span_id = ${whole} AND layer > 3;
      UPDATE text_span_image SET mean = 7 WHERE text_span_id = ${whole} AND layer = 3;
      UPDATE job SET state = 'interrupted' WHERE result_id = ${whole}`)
    const [job] = await engine.client['job/list']({})
    const counts: number[] = []
    engine.on('job/progressed', ({ state, total, done }) => state === 'running' && total !== null && counts.push(done))
    expect(await resume(job!)).toMatchObject({ resultId: whole, done: layers * 8, total: layers * 8 })
    expect(counts[0]).toBe(8)
    expect(keptOf(whole).length).toBe(keptOf(textSpanId).length)
    const means = rows('SELECT DISTINCT mean FROM text_span_image WHERE text_span_id = ? AND layer = 3', whole)
    expect(means).toEqual([[7]])
  })

  it('of an unchanged draft goes on with its proposal, kept or not, and else makes another', async () => {
    const { client } = engine
    const row = { text: 'a rainbow over the sea', roles: [], source: '' }
    const add = () =>
      client['pool/edit']({ poolId, annotator: 'ann', edit: { kind: 'add', rows: [row], afterHeads: [] } })
    const propose = () => client['text-span/propose']({ runId, poolId, annotator: 'ann', layers })
    await add()
    const first = await stopped(propose())
    expect(await resume(first)).toMatchObject({ resultId: first.resultId })
    expect(await ids()).toEqual([first.resultId])

    const second = await stopped(propose())
    await client['text-span/keep']({ textSpanId: second.resultId! })
    expect(await resume(second)).toMatchObject({ resultId: second.resultId })
    expect(await ids()).toEqual([second.resultId])
    expect(keptLayers(second.resultId!)).toEqual([3, 4, 5])

    row.text = 'a harbour in the fog'
    await add()
    const third = await stopped(propose())
    row.text = 'a lighthouse'
    await add()
    const other = await resume(third)
    expect(other.resultId).not.toBe(third.resultId)
    expect(await ids()).toEqual([second.resultId, other.resultId])
    await client['text-span/drop']({ textSpanId: other.resultId! })
    const fourth = await stopped(propose())
    await client['text-span/drop']({ textSpanId: fourth.resultId! })
    const last = await resume(fourth)
    expect(last.resultId).not.toBe(fourth.resultId)
    expect(await ids()).toEqual([second.resultId, last.resultId])
  })

  it('once is not resumed twice, even when two ask at once', async () => {
    const first = await stopped(engine.client['text-span/start']({ runId, poolVersionId, layers }))
    const heard: Job[] = []
    engine.on('job/progressed', (job) => heard.push(job))
    const asked = await Promise.allSettled([1, 2].map(() => engine.client['job/resume']({ jobId: first.id })))
    const [started] = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((asked[1] as PromiseRejectedResult).reason).toMatchObject({
      code: 'conflict',
      message: `Job ${first.id} cannot be resumed: job ${started!.jobId} went on with it already.`,
    })
    await engine.finish(Promise.resolve(started!))
    expect(heard.find(({ id }) => id === first.id)).toMatchObject({ canResume: false, resumedById: started!.jobId })
    expect(await ids()).toEqual([first.resultId])
  })
})
