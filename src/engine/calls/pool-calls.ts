/** Calls about pools and their versions. */
import { existsSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Pool } from '../../contract/pool.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  deletePoolLock,
  findDraft,
  findPoolByName,
  findPoolLock,
  inTransaction,
  insertPoolLock,
  listPools,
  listPoolVersions,
  poolTexts,
  renamePool,
  type StoredPool,
} from '../store/index.ts'
import {
  diffPools,
  embedPool,
  formatPool,
  importPool,
  lockWords,
  parsePool,
  readDraft,
  type ReadPool,
  readPool,
} from '../text-pool/index.ts'
import { type CallContext, embedPlan, type JobInput, type JobWorks, modelById, startJob } from './context.ts'
import { poolById, poolVersionById, tellPool } from './pool-by-id.ts'
import { draftWorks, poolDraftCalls } from './pool-draft-calls.ts'

type Calls = Pick<Engine, Extract<keyof Engine, `pool/${string}`>>
type Imported = Awaited<ReturnType<Engine['pool/import']>>

export function poolCalls(context: CallContext): Calls {
  return {
    'pool/add': async ({ path, name, annotator }) => {
      const source = {
        name: name ?? basename(path, extname(path)),
        fileName: basename(path),
        annotator: annotator ?? '',
      }
      return addPool(context, source, readPool(path))
    },
    'pool/import': async ({ content, ...source }) => addPool(context, source, parsePool(content, source.fileName)),
    'pool/add-starter': async () => addStarter(context),
    'pool/list': async () => listPools(context.db).map((pool) => describePool(context, pool)),
    'pool/texts': async ({ versionId }) => {
      poolVersionById(context, versionId)
      return poolTexts(context.db, versionId)
    },
    'pool/rename': async ({ poolId, name }) => rename(context, poolId, name),
    'pool/lock': async ({ poolId, annotator, reason }) => lock(context, poolId, annotator, reason),
    'pool/unlock': async ({ poolId }) => {
      const pool = poolById(context, poolId)
      deletePoolLock(context.write(), poolId)
      context.changed('pool', poolId)
      return describePool(context, pool)
    },
    'pool/embed': async (input) => startEmbed(context, input),
    'pool/diff': async ({ fromVersionId, toVersionId }) => {
      for (const id of [fromVersionId, toVersionId]) poolVersionById(context, id)
      return diffPools(poolTexts(context.db, fromVersionId), poolTexts(context.db, toVersionId))
    },
    'pool/export': async (input) => exportPool(context, input),
    ...poolDraftCalls(context),
  }
}

export const poolWorks = { 'pool/embed': embedVersion, ...draftWorks } satisfies Partial<JobWorks>

function describePool({ db }: CallContext, { id, name }: StoredPool): Pool {
  return {
    id,
    name,
    versions: listPoolVersions(db, id),
    isChanged: findDraft(db, id)?.isChanged ?? false,
    lock: findPoolLock(db, id) ?? null,
  }
}

/** The same texts again make no new version. */
function addPool(
  context: CallContext,
  source: { name: string; fileName: string; annotator: string },
  { texts, warnings }: ReadPool,
): Imported {
  const { pool, isUnchanged } = importPool(context.write(), { ...source, texts, nowMs: context.now() })
  if (!isUnchanged) tellPool(context, pool.id)
  return { pool: describePool(context, pool), warnings, isUnchanged }
}

function addStarter(context: CallContext): Imported {
  const path = context.resourcesFolder === undefined ? undefined : join(context.resourcesFolder, 'pools', 'starter.csv')
  if (path === undefined || !existsSync(path)) {
    throw new HeadwiseError('not-found', 'The starter pool comes with the program; its file is not there.')
  }
  return addPool(context, { name: 'starter', fileName: basename(path), annotator: '' }, readPool(path))
}

function rename(context: CallContext, poolId: number, name: string): Pool {
  const db = context.write()
  poolById(context, poolId)
  inTransaction(db, () => {
    const other = findPoolByName(db, name)
    if (other && other.id !== poolId) {
      throw new HeadwiseError(
        'conflict',
        `Another pool is called "${name}" in this workspace; give this one another name.`,
      )
    }
    renamePool(db, poolId, name)
  })
  tellPool(context, poolId)
  return describePool(context, poolById(context, poolId))
}

function lock(context: CallContext, poolId: number, annotator: string, reason: string): Pool {
  const db = context.write()
  const pool = poolById(context, poolId)
  inTransaction(db, () => {
    const known = findPoolLock(db, poolId)
    if (known) throw new HeadwiseError('conflict', `The pool "${pool.name}" is already ${lockWords(known)}.`)
    insertPoolLock(db, poolId, { annotator, reason: reason.trim(), madeMs: context.now() })
  })
  context.changed('pool', poolId)
  return describePool(context, pool)
}

function startEmbed(context: CallContext, input: JobInput<'pool/embed'>): { jobId: number } {
  const { poolName } = poolVersionById(context, input.versionId)
  const model = modelById(context, input.modelId)
  context.write()
  return startJob(context, 'pool/embed', input, 'embed', `embed ${poolName} with ${model.name}`, 'texts')
}

async function embedVersion(
  context: CallContext,
  { versionId, modelId }: JobInput<'pool/embed'>,
  job: JobContext,
): Promise<void> {
  const plan = embedPlan(context, modelById(context, modelId))
  await embedPool(plan, poolVersionById(context, versionId).poolName, poolTexts(context.db, versionId), job)
  job.result(versionId)
}

function exportPool(
  context: CallContext,
  { poolId, versionId, format }: Parameters<Engine['pool/export']>[0],
): { fileName: string; content: string } {
  const pool = poolById(context, poolId)
  if (versionId === undefined) {
    const { rows } = readDraft(context.db, poolId)
    const content = formatPool(rows, format, { pool: pool.name, version: null, hash: null })
    return { fileName: `${fileNameOf(pool)}-draft.${format}`, content }
  }
  const version = poolVersionById(context, versionId)
  if (version.poolId !== poolId) {
    throw new HeadwiseError(
      'bad-input',
      `The version ${versionId} must be of "${pool.name}"; it is of "${version.poolName}".`,
    )
  }
  const title = { pool: pool.name, version: version.number, hash: version.hash }
  const content = formatPool(poolTexts(context.db, versionId), format, title)
  return { fileName: `${fileNameOf(pool)}-${version.number}.${format}`, content }
}

/** A pool's name may hold what no file's name does. */
function fileNameOf({ name }: StoredPool): string {
  return name.replace(/[^\p{L}\p{N}._ -]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '') || 'pool'
}
