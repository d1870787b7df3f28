import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadwiseError } from '../../../../src/contract/errors.ts'
import type { Job, JobKind } from '../../../../src/contract/job.ts'
import { type JobContext, JobRunner, WorkLost } from '../../../../src/engine/jobs/index.ts'
import { RateMeter } from '../../../../src/engine/jobs/rate-meter.ts'
import {
  createDatabase,
  findJobRequest,
  type OpenDatabase,
  readMigrations,
} from '../../../../src/engine/store/index.ts'
import { databaseFolder, type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let opened: OpenDatabase
let nowMs: number
let told: Job[]
let runner: JobRunner
let works: Map<string, (job: JobContext) => Promise<void>>
let resumed: number[]
beforeEach(() => {
  place = temporaryFolder()
  opened = createDatabase(join(place.folder, 'a.headwise'), readMigrations(join(databaseFolder, 'migrations')))
  nowMs = 1_000_000
  told = []
  works = new Map()
  resumed = []
  runner = newRunner()
})
afterEach(() => {
  opened.close()
  place.remove()
})

function newRunner(): JobRunner {
  return new JobRunner({
    db: opened.db,
    now: () => nowMs,
    onChange: (job) => told.push({ ...job }),
    inWords: (error) => error,
    perform: ({ call }, job) => works.get(call)!(job),
    resume: (jobId) => resumed.push(jobId),
  })
}

/** Starts work under a call of its own. */
function start(
  kind: JobKind,
  title: string,
  unit: string,
  work: (job: JobContext) => Promise<void>,
  resumedId?: number,
): number {
  works.set(title, work)
  return runner.start({ call: title, input: { of: title } }, kind, title, unit, resumedId)
}

async function ended(id: number): Promise<Job> {
  while (runner.read(id)!.finishedMs === null) await new Promise((resolve) => setTimeout(resolve, 1))
  return runner.read(id)!
}

describe('jobs', () => {
  it('tell done, rate and time left', async () => {
    const id = start('decompose', 'decompose a with b', 'images', async (job) => {
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
    const first = start('embed', 'first', 'texts', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push('first')
      throw new HeadwiseError('disk', 'The disk is full.')
    })
    const second = start('embed', 'second', 'texts', async () => {
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
    const first = start('import', 'first', 'images', async (job) => {
      isRunning = true
      while (true) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        job.signal.throwIfAborted()
      }
    })
    const second = start('import', 'second', 'images', async () => {
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
    const next = newRunner()
    expect(next.interruptedIds).toEqual([1])
    expect(next.list()).toMatchObject([
      {
        title: 'left',
        state: 'interrupted',
        finishedMs: nowMs,
        remarks: ['a remark'],
        error: { code: 'engine-lost', message: 'The program ended before the job did; what was committed is kept.' },
        // Builds before this one did not keep what a job was asked.
        canResume: false,
      },
    ])
  })

  it('whose process dies are interrupted with the reason, and resumed once', async () => {
    const lost = async () => {
      throw new WorkLost('The process ended (signal SIGKILL).')
    }
    const first = start('embed', 'first', 'texts', lost)
    expect(await ended(first)).toMatchObject({
      state: 'interrupted',
      error: { code: 'engine-lost', message: 'The process ended (signal SIGKILL).' },
      canResume: true,
      resumedById: null,
    })
    expect(resumed).toEqual([first])
    const again = start('embed', 'again', 'texts', lost, first)
    expect(await ended(again)).toMatchObject({ state: 'interrupted', canResume: true })
    expect(resumed).toEqual([first])
    expect(runner.read(first)).toMatchObject({ canResume: false, resumedById: again })
  })

  it('tell at once that another goes on with them, and hand on what they made', async () => {
    const cancelled = new HeadwiseError('cancelled', 'Cancelled.')
    const makes = (resultId: number | null) => async (job: JobContext) => {
      seen.push(job.earlierResultId)
      if (resultId !== null) job.result(resultId)
      throw cancelled
    }
    const seen: (number | null)[] = []
    const first = start('text-span', 'first', 'heads', makes(7))
    await ended(first)
    told = []
    const second = start('text-span', 'second', 'heads', makes(null), first)
    expect(told).toMatchObject([
      { id: second, state: 'queued' },
      { id: first, state: 'cancelled', canResume: false, resumedById: second },
    ])
    await ended(second)
    // One that made nothing passes on what it was to go on with.
    await ended(start('text-span', 'third', 'heads', makes(8), second))
    const fourth = start('text-span', 'fourth', 'heads', makes(null), runner.list()[0]!.id)
    await ended(fourth)
    expect(seen).toEqual([null, 7, 7, 8])
  })

  it('keep what they were asked, and end as failed when their file is not theirs any more', async () => {
    const id = start('embed', 'first', 'texts', async (job) => {
      runner.fail(new HeadwiseError('changed', 'It was moved.'))
      job.signal.throwIfAborted()
    })
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'changed', message: 'It was moved.' } })
    expect(findJobRequest(opened.db, id)).toEqual({ call: 'first', input: { of: 'first' } })
    expect(runner.isBusy).toBe(false)
  })

  it('do not tell every one of a million units', async () => {
    const id = start('import', 'many', 'images', async (job) => {
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
