/** The shipped sample, and workspaces built from it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Client, WorkspaceCallName, WorkspaceEngine } from '../../src/contract/index.ts'
import type { Job } from '../../src/contract/job.ts'
import { type EngineOptions, openEngine, type OpenEngine } from '../../src/engine/index.ts'

export const projectFolder = resolve(import.meta.dirname, '..', '..')
export const sampleFolder = join(projectFolder, 'resources', 'sample')
export const databaseFolder = join(projectFolder, 'db')

export type Place = { folder: string; cacheFolder: string; remove(): void }

export function temporaryFolder(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'headwise-test-'))
  return { folder, cacheFolder: join(folder, 'cache'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export type TestEngine = OpenEngine & {
  client: Client
  /** Waits for a job and throws when it did not end well. */
  finish(ticket: Promise<{ jobId: number }>): Promise<Job>
  /** Waits for a job however it ends. */
  settle(ticket: Promise<{ jobId: number }>): Promise<Job>
}

export async function testEngine(
  workspacePath: string,
  cacheFolder: string,
  mode: 'create' | 'write' | 'read' = 'create',
  more: Pick<EngineOptions, 'startHelper' | 'resumeInterrupted' | 'resourcesFolder'> = {},
): Promise<TestEngine> {
  const opened = await openEngine({ workspacePath, databaseFolder, cacheFolder, programVersion: 'test', mode, ...more })
  const client = clientOf(opened.engine)
  const settle = (ticket: Promise<{ jobId: number }>) => settled(opened, client, ticket)
  const finish = async (ticket: Promise<{ jobId: number }>) => {
    const job = await settle(ticket)
    if (job.state !== 'done') throw new Error(`${job.title}: ${job.state}: ${job.error?.message ?? ''}`)
    return job
  }
  return { ...opened, client, settle, finish }
}

/** Defaults filled in as `answer` does. */
function clientOf(engine: WorkspaceEngine): Client {
  return new Proxy({} as Client, {
    get: (_, name: WorkspaceCallName) => async (input: unknown) => {
      const { calls } = await import('../../src/contract/index.ts')
      return (engine[name] as (input: unknown) => Promise<unknown>)(calls[name].input.parse(input))
    },
  })
}

async function settled(opened: OpenEngine, client: Client, ticket: Promise<{ jobId: number }>): Promise<Job> {
  const { jobId } = await ticket
  return new Promise((resolve, reject) => {
    const look = (job: Job) => {
      if (job.id !== jobId || job.finishedMs === null) return
      off()
      resolve(job)
    }
    const off = opened.on('job/progressed', look)
    client['job/read']({ jobId }).then(look, reject)
  })
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>, count = b.length): number {
  if (a.length < count) throw new Error(`There must be ${count} values to compare; there are ${a.length}.`)
  let largest = 0
  for (let at = 0; at < count; at++) {
    const difference = Math.abs(a[at]! - b[at]!)
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
