/**
 * Edits of labels: each is committed as a whole before it is answered, and none changes what was written before. Undo
 * and redo write edits too, so that the history tells what happened.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { Label, LabelChange, UndoState } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import {
  actionsOf,
  editsOfAction,
  findEdit,
  insertAction,
  inTransaction,
  type LabelScope,
  listRoles,
  newestEditOf,
  type NewEdit,
  type PoolSeen,
  type ReadDb,
  type StoredEdit,
  type WriteDb,
} from '../store/index.ts'
import { contentOf, isSameContent, nothingSaid, withChange } from './content.ts'
import { actionToRedo, actionToUndo } from './undo.ts'
import { actionSentence, roleNames } from './words.ts'

/** What was on the screen when the edit was made. */
export type Seen = { textSpanId: number | null; pool: PoolSeen | null }
const nothingSeen: Seen = { textSpanId: null, pool: null }

export function labelOf(edit: StoredEdit): Label {
  const { layer, head, annotator, editId, madeMs, textSpanId } = edit
  return { layer, head, annotator, ...contentOf(edit), editId, madeMs, textSpanId }
}

/**
 * Changes labels of several heads as one action. Heads that it would leave as they are get no edit.
 * @returns the labels of the heads as they are now, without heads that nothing was ever said of; whether any is other
 * @throws HeadwiseError 'not-found' for an unknown role, 'bad-input' for a retired one that a head does not have yet
 */
export function setLabels(
  db: WriteDb,
  scope: LabelScope,
  heads: HeadPlace[],
  change: LabelChange,
  seen: Seen,
  madeMs: number,
): { labels: Label[]; isOther: boolean } {
  return inTransaction(db, () => {
    const role = change.roleId == null ? undefined : roleById(listRoles(db), change.roleId)
    const befores = new Map<string, StoredEdit | undefined>()
    const edits: NewEdit[] = []
    for (const place of heads) {
      const key = `${place.layer}.${place.head}`
      if (befores.has(key)) continue
      const before = newestEditOf(db, scope, place)
      befores.set(key, before)
      const content = before ?? nothingSaid
      const after = withChange(content, change)
      if (isSameContent(content, after)) continue
      if (role?.isRetired && content.roleId !== role.id) throw retired(role)
      edits.push({ ...newEdit(scope, place, 'set', madeMs), ...after, ...seen })
    }
    const made = new Map(insertAction(db, edits).map((edit) => [`${edit.layer}.${edit.head}`, edit]))
    const labels = [...befores].flatMap(([key, before]) => {
      const edit = made.get(key) ?? before
      return edit ? [labelOf(edit)] : []
    })
    return { labels, isOther: edits.length > 0 }
  })
}

function roleById(roles: Role[], roleId: number): Role {
  const role = roles.find(({ id }) => id === roleId)
  if (!role) throw new HeadwiseError('not-found', `There is no role ${roleId} in this workspace.`)
  return role
}

function retired({ name }: Role): HeadwiseError {
  return new HeadwiseError('bad-input', `A new label needs a role that is in use; "${name}" is retired.`)
}

export function newEdit(scope: LabelScope, { layer, head }: HeadPlace, kind: NewEdit['kind'], madeMs: number): NewEdit {
  const none = { saidMs: null, ofChangeId: null, ofEditId: null }
  return { ...scope, layer, head, ...nothingSaid, ...nothingSeen, ...none, kind, madeMs }
}

/**
 * Makes the annotator's label what it was after the edit, as a new action.
 * @throws HeadwiseError 'not-found' when the model has no such edit, 'bad-input' when it is another annotator's
 */
export function restoreLabel(
  db: WriteDb,
  scope: LabelScope,
  editId: number,
  madeMs: number,
): { label: Label; isOther: boolean } {
  return inTransaction(db, () => {
    const edit = findEdit(db, editId)
    if (edit?.modelId !== scope.modelId) {
      throw new HeadwiseError('not-found', `There is no edit ${editId} of a label of this model.`)
    }
    if (edit.annotator !== scope.annotator) {
      throw new HeadwiseError(
        'bad-input',
        `"${scope.annotator}" can restore own edits only; edit ${editId} is by "${edit.annotator}".`,
      )
    }
    const now = newestEditOf(db, scope, edit)!
    if (isSameContent(now, edit)) return { label: labelOf(now), isOther: false }
    const restored = { ...newEdit(scope, edit, 'restore', madeMs), ...stateOf(edit), ofEditId: editId }
    return { label: labelOf(insertAction(db, [restored])[0]!), isOther: true }
  })
}

/** What an edit made of the label, with what was looked at. */
function stateOf(edit: StoredEdit | undefined): Pick<NewEdit, keyof typeof nothingSaid | keyof Seen> {
  if (!edit) return { ...nothingSaid, ...nothingSeen }
  return { ...contentOf(edit), textSpanId: edit.textSpanId, pool: edit.pool }
}

/** @returns the labels that changed, or null when there is nothing to undo */
export function undoAction(db: WriteDb, scope: LabelScope, madeMs: number): Label[] | null {
  return inTransaction(db, () => {
    const edits = undoable(db, scope)
    if (!edits) return null
    const undone = edits.map((edit) => ({
      ...newEdit(scope, edit, 'undo', madeMs),
      ...stateOf(newestEditOf(db, scope, edit, edit.editId)),
      ofChangeId: edit.changeId,
      ofEditId: edit.editId,
    }))
    return insertAction(db, undone).map(labelOf)
  })
}

/** @returns the labels that changed, or null when there is nothing to redo */
export function redoAction(db: WriteDb, scope: LabelScope, madeMs: number): Label[] | null {
  return inTransaction(db, () => {
    const edits = redoable(db, scope)
    if (!edits) return null
    const redone = edits.map((edit) => ({
      ...newEdit(scope, edit, 'redo', madeMs),
      ...stateOf(edit),
      saidMs: edit.saidMs,
      ofChangeId: edit.changeId,
      ofEditId: edit.editId,
    }))
    return insertAction(db, redone).map(labelOf)
  })
}

function undoable(db: ReadDb, scope: LabelScope): StoredEdit[] | null {
  const changeId = actionToUndo(actionsOf(db, scope))
  return changeId === null ? null : editsOfAction(db, scope, changeId)
}

function redoable(db: ReadDb, scope: LabelScope): StoredEdit[] | null {
  const changeId = actionToRedo(actionsOf(db, scope))
  return changeId === null ? null : editsOfAction(db, scope, changeId)
}

export function undoState(db: ReadDb, scope: LabelScope): UndoState {
  const names = roleNames(listRoles(db))
  const sentence = (edits: StoredEdit[] | null) => {
    if (!edits) return null
    const steps = edits.map((edit) => ({
      layer: edit.layer,
      head: edit.head,
      before: newestEditOf(db, scope, edit, edit.editId) ?? nothingSaid,
      after: edit,
    }))
    return actionSentence(edits[0]!.kind as 'set' | 'restore' | 'import', steps, names)
  }
  return { undo: sentence(undoable(db, scope)), redo: sentence(redoable(db, scope)) }
}
