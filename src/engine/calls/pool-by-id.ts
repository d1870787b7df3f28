/** Look-ups of pools and versions that fail in words, and telling of them. */
import { HeadwiseError } from '../../contract/errors.ts'
import { findPool, findPoolVersion, listTextSpans, type StoredPool, type StoredPoolVersion } from '../store/index.ts'
import type { CallContext } from './context.ts'

export function poolById({ db }: CallContext, id: number): StoredPool {
  const pool = findPool(db, id)
  if (!pool) throw new HeadwiseError('not-found', `There is no pool ${id} in this workspace.`)
  return pool
}

export function poolVersionById({ db }: CallContext, versionId: number): StoredPoolVersion & { poolName: string } {
  const version = findPoolVersion(db, versionId)
  if (!version) throw new HeadwiseError('not-found', `There is no pool version ${versionId} in this workspace.`)
  return { ...version, poolName: findPool(db, version.poolId)!.name }
}

/** After a new version or name: results say both of their pool's versions, and a proposed version steps aside. */
export function tellPool(context: CallContext, poolId: number): void {
  context.changed('pool', poolId)
  if (listTextSpans(context.db).some((textSpan) => textSpan.poolId === poolId)) context.changed('text-span')
}
