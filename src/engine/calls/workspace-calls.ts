/** Calls about the workspace, its models, and paths that moved. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Model } from '../../contract/workspace.ts'
import { openCheckpoint } from '../model/index.ts'
import {
  databaseBytes,
  findModelByHash,
  insertModel,
  listDataSets,
  listModels,
  listPools,
  listRuns,
  listTextSpans,
  moveModel,
  resolvedPath,
  storedPath,
  type StoredModel,
} from '../store/index.ts'
import { type CallContext, checkpointOf, isModelPresent, modelById } from './context.ts'
import { onlyOne } from './only-one.ts'
import { relinkDataSet } from './relink-data-set.ts'

type Calls = Pick<Engine, 'workspace/describe' | 'workspace/relink' | 'model/add' | 'model/list'>

export function workspaceCalls(context: CallContext): Calls {
  return {
    'workspace/describe': async () => {
      const dataSets = listDataSets(context.db)
      return {
        path: context.path,
        sizeBytes: databaseBytes(context.db),
        schemaVersion: context.db.pragma('user_version', { simple: true }) as number,
        programVersion: context.programVersion,
        models: listModels(context.db).length,
        dataSets: dataSets.length,
        images: dataSets.reduce((sum, { imageCount }) => sum + imageCount, 0),
        runs: listRuns(context.db).length,
        pools: listPools(context.db).length,
        textSpans: listTextSpans(context.db).length,
      }
    },
    'model/add': async ({ folder, name }) => addModel(context, folder, name),
    'model/list': async () => listModels(context.db).map((model) => describeModel(context, model)),
    'workspace/relink': async ({ kind, name, path }) => {
      if (!existsSync(path)) throw new HeadwiseError('not-found', `There is no folder or file "${path}".`)
      return kind === 'model' ? relinkModel(context, name, path) : relinkDataSet(context, name, path)
    },
  }
}

function describeModel(context: CallContext, stored: StoredModel): Model {
  const model = { ...stored, folder: resolvedPath(context.path, stored.folder) }
  const { id, name, hash, folder, config, addedMs } = model
  return { id, name, hash, folder, isPresent: isModelPresent(model), config, addedMs }
}

function addModel(context: CallContext, folder: string, wantedName: string | undefined): Model {
  const db = context.write()
  const checkpoint = openCheckpoint(folder)
  const known = findModelByHash(db, checkpoint.hash)
  if (known) {
    throw new HeadwiseError(
      'conflict',
      `This checkpoint (${checkpoint.hash.slice(0, 12)}) is in the workspace already, as "${known.name}".`,
    )
  }
  const name = wantedName ?? basename(resolve(folder))
  if (listModels(db).some((model) => model.name === name)) {
    throw new HeadwiseError(
      'conflict',
      `Another checkpoint is called "${name}" in this workspace; give this one another name.`,
    )
  }
  const id = insertModel(db, {
    hash: checkpoint.hash,
    name,
    folder: storedPath(context.path, folder),
    config: checkpoint.config,
    weightsBytes: checkpoint.weightsSizeBytes,
    addedMs: context.now(),
  })
  context.changed('model')
  return describeModel(context, { ...modelById(context, id) })
}

function relinkModel(context: CallContext, name: string | undefined, path: string): { name: string; path: string } {
  const model = onlyOne(listModels(context.db), name, 'model')
  checkpointOf({ ...model, folder: resolve(path) })
  moveModel(context.write(), model.id, storedPath(context.path, path))
  context.changed('model')
  return { name: model.name, path: resolve(path) }
}
