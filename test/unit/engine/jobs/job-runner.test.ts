import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadwiseError } from '../../../../src/contract/errors.ts'
import type { Job } from '../../../../src/contract/job.ts'
import { JobRunner } from '../../../../src/engine/jobs/index.ts'
import { RateMeter } from '../../../../src/engine/jobs/rate-meter.ts'
import { createDatabase, type OpenDatabase, readMigrations } from '../../../../src/engine/store/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let opened: OpenDatabase
let nowMs: number
let told: Job[]
let runner: JobRunner
beforeEach(() => {
  place = temporaryFolder()
  opened = createDatabase(join(place.folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
  nowMs = 1_000_000
  told = []
  runner = new JobRunner(
    opened.db,
    () => nowMs,
    (job) => told.push({ ...job }),
    (error) => error,
  )
})
afterEach(() => {
  opened.close()
  place.remove()
})

async function ended(id: number): Promise<Job> {
  while (runner.read(id)!.finishedMs === null) await new Promise((resolve) => setTimeout(resolve, 1))
  return runner.read(id)!
}

describe('jobs', () => {
  it('tell done, rate and time left', async () => {
    const id = runner.start('decompose', 'decompose a with b', 'images', async (job) => {
      job.progress({ total: 100, done: 20 })
      nowMs += 4000
      job.advance(20)
    })
    expect(await ended(id)).toMatchObject({ state: 'done', done: 40, total: 100, remarks: [], error: null })
    const last = told.findLast(({ state }) => state === 'running')!
    // 20 units in 4 seconds; what was there before does not count.
    expect(last).toMatchObject({ ratePerSecond: 5, remainingMs: 12_000 })
  })

  it('run one after another, and keep their failure with its code', async () => {
    const order: string[] = []
    const first = runner.start('embed', 'first', 'texts', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('first')
      throw new HeadwiseError('disk', 'The disk is full.')
    })
    const second = runner.start('embed', 'second', 'texts', async () => {
      order.push('second')
      throw new Error('a bug')
    })
    expect(runner.read(second)!.state).toBe('queued')
    expect(await ended(first)).toMatchObject({ state: 'failed', error: { code: 'disk', message: 'The disk is full.' } })
    expect(await ended(second)).toMatchObject({ state: 'failed', error: { code: 'internal', message: 'a bug' } })
    expect(order).toEqual(['first', 'second'])
  })

  it('are cancelled before they start and while they run', async () => {
    let isRunning = false
    const first = runner.start('import', 'first', 'images', async (job) => {
      isRunning = true
      while (true) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        job.signal.throwIfAborted()
      }
    })
    const second = runner.start('import', 'second', 'images', async () => {
      throw new Error('never runs')
    })
    while (!isRunning) await new Promise((resolve) => setTimeout(resolve, 1))
    runner.cancel(second)
    runner.cancel(first)
    expect(await ended(first)).toMatchObject({ state: 'cancelled', error: null })
    expect(await ended(second)).toMatchObject({ state: 'cancelled', error: null, startedMs: null })
  })

  it('that a crash left running are interrupted for the next runner', () => {
    opened.db.exec(
      "INSERT INTO job (kind, title, state, unit, created_ms, remarks) VALUES ('embed', 'left', 'running', 'texts', 1, '[\"a remark\"]')",
    )
    const next = new JobRunner(
      opened.db,
      () => nowMs,
      () => {},
      (error) => error,
    )
    expect(next.list()).toMatchObject([
      { title: 'left', state: 'interrupted', finishedMs: nowMs, remarks: ['a remark'] },
    ])
  })

  it('do not tell every one of a million units', async () => {
    const id = runner.start('import', 'many', 'images', async (job) => {
      for (let unit = 0; unit < 1_000_000; unit++) job.advance(1)
    })
    expect((await ended(id)).done).toBe(1_000_000)
    expect(told.length).toBeLessThan(10)
  })
})

describe('RateMeter', () => {
  it('forgets what is older than ten seconds', () => {
    const meter = new RateMeter(() => nowMs)
    expect(meter.ratePerSecond()).toBeNull()
    nowMs += 1000
    meter.add(1000)
    expect(meter.ratePerSecond()).toBe(1000)
    nowMs += 20_000
    meter.add(50)
    expect(meter.ratePerSecond()).toBe(5)
  })
})
