/** Takes the labels of a pack into the workspace: one action an annotator, which that annotator can undo. */
import type { HeadPlace } from '../../contract/head.ts'
import type { LabelPack } from '../../contract/label.ts'
import {
  insertAction,
  insertRole,
  inTransaction,
  listRoles,
  newestEdits,
  type NewEdit,
  renumberRoles,
  type StoredModel,
  type WriteDb,
} from '../store/index.ts'
import { newEdit } from './edit.ts'
import { checkPack, comparePack, contentOfPackLabel, type PackLabel, type PackRole, placeKey } from './pack.ts'
import { rolesByKey } from './role-names.ts'

export type Imported = { imported: number; kept: number; hasNewRoles: boolean }

/**
 * All or nothing. Labels of heads that the annotator says nothing of here are taken; where both say something, the
 * pack's is taken for the places in `takeTheirs` alone.
 * @throws HeadwiseError as `checkPack` does
 */
export function importPack(
  db: WriteDb,
  model: StoredModel,
  pack: LabelPack,
  takeTheirs: (HeadPlace & { annotator: string })[],
  madeMs: number,
): Imported {
  checkPack(pack, model)
  return inTransaction(db, () => {
    const { added, conflicts, newRoles } = comparePack(pack, newestEdits(db, model.id), listRoles(db))
    if (newRoles.length > 0) addRoles(db, newRoles, madeMs)
    const taken = new Set(takeTheirs.map(placeKey))
    const replaced = conflicts.map(({ theirs }) => theirs).filter((label) => taken.has(placeKey(label)))
    const labels = [...added, ...replaced]
    insertByAnnotator(db, model.id, pack, labels, madeMs)
    return {
      imported: labels.length,
      kept: conflicts.length - replaced.length,
      hasNewRoles: newRoles.length > 0,
    }
  })
}

/** At the end of the list. */
function addRoles(db: WriteDb, newRoles: PackRole[], madeMs: number): void {
  const roles = listRoles(db)
  const inUse = roles.filter(({ isRetired }) => !isRetired).length
  const added = newRoles.map(({ name, color, letter, description }, at) =>
    insertRole(db, { name, color, letter, description, position: inUse + at, isRetired: false }, madeMs),
  )
  renumberRoles(db, [...roles, ...added], madeMs)
}

function insertByAnnotator(db: WriteDb, modelId: number, pack: LabelPack, labels: PackLabel[], madeMs: number): void {
  const roles = rolesByKey(listRoles(db))
  const edits = labels.map((label): NewEdit => {
    const { content, pool } = contentOfPackLabel(label, pack, roles)
    const scope = { modelId, annotator: label.annotator }
    return { ...newEdit(scope, label, 'import', madeMs), ...content, pool, saidMs: Math.round(label.madeMs) }
  })
  for (const own of Map.groupBy(edits, ({ annotator }) => annotator).values()) insertAction(db, own)
}
