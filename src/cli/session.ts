/** What every command needs: the workspace, calls that throw in words, jobs with progress, and things chosen by name. */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Job } from '../contract/job.ts'
import { type CallName, type Client, HeadwiseError } from '../contract/index.ts'
import type { Run } from '../contract/run.ts'
import { answer, openEngine, type OpenEngine } from '../engine/index.ts'
import { cacheFolder, databaseFolder, programVersion, resourcesFolder } from './folders.ts'
import { ProgressLine } from './progress-line.ts'

export type CommonOptions = { workspace?: string; json?: boolean }

export type Session = {
  path: string
  client: Client
  opened: OpenEngine
  /** Starts a job by a call, shows its progress, and waits for its end. Ctrl+C cancels it. */
  finish(ticket: Promise<{ jobId: number }>): Promise<Job>
}

/** The only workspace file of the current folder, unless one is named. */
export function workspacePath(named: string | undefined, folder = process.cwd()): string {
  if (named !== undefined) return resolve(named)
  const found = readdirSync(folder).filter((name) => name.endsWith('.headwise'))
  if (found.length === 1) return resolve(folder, found[0]!)
  const came =
    found.length === 0
      ? 'there is none; make one with "headwise init NAME.headwise"'
      : `there are ${found.length}: ${found.join(', ')}`
  throw new HeadwiseError('ambiguous', `Without --workspace, the current folder must hold one .headwise file; ${came}.`)
}

/** undefined when there is none, or more than one to choose from */
export function onlyWorkspaceIn(folder: string): string | undefined {
  const found = readdirSync(folder).filter((name) => name.endsWith('.headwise'))
  return found.length === 1 ? resolve(folder, found[0]!) : undefined
}

export async function withSession<Result>(
  options: CommonOptions,
  mode: 'read' | 'write' | 'create',
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const path = workspacePath(options.workspace)
  const opened = await openEngine({
    workspacePath: path,
    databaseFolder,
    cacheFolder: cacheFolder(),
    resourcesFolder,
    programVersion,
    mode,
  })
  const client = clientOf(opened)
  try {
    return await work({ path, client, opened, finish: (ticket) => finishJob(opened, client, ticket, options.json) })
  } finally {
    await opened.close()
  }
}

/** The same door as every shell's: `answer` parses, and what fails is thrown with its code. */
function clientOf({ engine }: OpenEngine): Client {
  const ask = async (name: CallName, input: unknown): Promise<unknown> => {
    const reply = await answer(engine, name, input)
    if (!reply.ok) throw new HeadwiseError(reply.code, reply.message)
    return reply.value
  }
  return new Proxy({} as Client, {
    get: (_, name: CallName) => (input: unknown) => ask(name, input),
  })
}

async function finishJob(
  opened: OpenEngine,
  client: Client,
  ticket: Promise<{ jobId: number }>,
  isQuiet = false,
): Promise<Job> {
  const { jobId } = await ticket
  const line = new ProgressLine(process.stderr, { isQuiet })
  const cancel = () => void client['job/cancel']({ jobId })
  process.on('SIGINT', cancel)
  try {
    const job = await endOf(opened, client, jobId, line)
    line.end(job)
    if (job.error) throw new HeadwiseError(job.error.code, job.error.message)
    if (job.state === 'cancelled') {
      throw new HeadwiseError(
        'cancelled',
        `Stopped at ${job.done} ${job.unit}; every whole block is kept, and the same command goes on from there.`,
      )
    }
    return job
  } finally {
    process.off('SIGINT', cancel)
  }
}

function endOf(opened: OpenEngine, client: Client, jobId: number, line: ProgressLine): Promise<Job> {
  return new Promise((resolve, reject) => {
    const look = (job: Job) => {
      if (job.id !== jobId) return
      line.show(job)
      if (job.finishedMs === null) return
      off()
      resolve(job)
    }
    const off = opened.on('job/progressed', look)
    client['job/read']({ jobId }).then(look, reject)
  })
}

/** One of several by its name; the only one when none is named. */
export function choose<Thing>(
  things: Thing[],
  named: string | undefined,
  word: string,
  nameOf: (thing: Thing) => string,
  hint: string,
): Thing {
  const names = things.map((thing) => `"${nameOf(thing)}"`).join(', ')
  if (named !== undefined) {
    const found = things.find((thing) => nameOf(thing) === named)
    if (found !== undefined) return found
    throw new HeadwiseError('not-found', `There is no ${word} "${named}" in this workspace; it has ${names || 'none'}.`)
  }
  if (things.length === 1) return things[0]!
  if (things.length === 0) throw new HeadwiseError('not-found', `There is no ${word} in this workspace yet. ${hint}`)
  throw new HeadwiseError('ambiguous', `Several ${word}s are in this workspace; name one of ${names}.`)
}

export type RunChoice = { model?: string; data?: string; run?: string }

/** Runs are named by their number; a model or data set narrows them. */
export async function chooseRun(client: Client, { model, data, run }: RunChoice): Promise<Run> {
  const runs = (await client['run/list']({})).filter(
    ({ modelName, dataSetName }) =>
      (model === undefined || modelName === model) && (data === undefined || dataSetName === data),
  )
  return choose(runs, run, 'run', ({ id }) => String(id), 'Decompose a data set with "headwise decompose".')
}
