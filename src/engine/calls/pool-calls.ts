/** Calls about pools. */
import { basename, extname } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Pool, PoolVersion } from '../../contract/pool.ts'
import {
  findPoolByName,
  findPoolVersion,
  insertPoolVersion,
  listPools,
  listPoolVersions,
  poolTexts,
  type StoredPool,
} from '../store/index.ts'
import { embedPool, readPool } from '../text-pool/index.ts'
import { type CallContext, checkpointOf, modelById, startJob } from './context.ts'

type Calls = Pick<Engine, 'pool/add' | 'pool/list' | 'pool/texts' | 'pool/embed'>

export function poolCalls(context: CallContext): Calls {
  return {
    'pool/add': async ({ path, name }) => addPool(context, path, name ?? basename(path, extname(path))),
    'pool/list': async () => listPools(context.db).map((pool) => describePool(context, pool)),
    'pool/texts': async ({ versionId }) => {
      poolVersionById(context, versionId)
      return poolTexts(context.db, versionId)
    },
    'pool/embed': async ({ versionId, modelId }) => {
      const { poolName } = poolVersionById(context, versionId)
      const model = modelById(context, modelId)
      const plan = {
        db: context.write(),
        modelId,
        checkpoint: () => checkpointOf(model),
        cacheFolder: context.cacheFolder,
      }
      return startJob(context, 'embed', `embed ${poolName} with ${model.name}`, 'texts', async (job) => {
        await embedPool(plan, poolName, poolTexts(context.db, versionId), job)
        job.result(versionId)
      })
    },
  }
}

export function poolVersionById(context: CallContext, versionId: number): PoolVersion & { poolName: string } {
  const version = findPoolVersion(context.db, versionId)
  if (!version) throw new HeadwiseError('not-found', `There is no pool version ${versionId} in this workspace.`)
  const pool = listPools(context.db).find(({ id }) => id === version.poolId)!
  return { ...version, poolName: pool.name }
}

function describePool(context: CallContext, pool: StoredPool): Pool {
  return { ...pool, versions: listPoolVersions(context.db, pool.id) }
}

/** The same texts again make no new version. */
function addPool(context: CallContext, path: string, name: string): Awaited<ReturnType<Engine['pool/add']>> {
  const db = context.write()
  const { texts, warnings, hash } = readPool(path)
  const known = findPoolByName(db, name)
  const isUnchanged = known !== undefined && listPoolVersions(db, known.id)[0]?.hash === hash
  if (!isUnchanged) {
    insertPoolVersion(db, name, hash, texts, context.now())
    context.changed('pool')
  }
  return { pool: describePool(context, findPoolByName(db, name)!), warnings, isUnchanged }
}
