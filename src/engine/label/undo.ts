/**
 * What undo and redo take up, out of an annotator's actions on a model, newest first. Undo walks back through what was
 * done and is not undone; redo walks forward again through what was undone, until something new is done.
 */
import type { LabelAction } from '../store/index.ts'

/** @returns the newest action that set, restored or imported labels and is not undone */
export function actionToUndo(newestFirst: Iterable<LabelAction>): number | null {
  // The newest word on an action decides whether it stands.
  const lastWord = new Map<number, 'undo' | 'redo'>()
  for (const { changeId, kind, ofChangeId } of newestFirst) {
    if (kind === 'undo' || kind === 'redo') {
      if (!lastWord.has(ofChangeId!)) lastWord.set(ofChangeId!, kind)
    } else if (lastWord.get(changeId) !== 'undo') return changeId
  }
  return null
}

/** @returns the action whose undoing is the newest that is not redone, when nothing new was done since */
export function actionToRedo(newestFirst: Iterable<LabelAction>): number | null {
  const redone = new Set<number>()
  for (const { kind, ofChangeId } of newestFirst) {
    if (kind === 'redo') redone.add(ofChangeId!)
    else if (kind !== 'undo') return null
    // An action is undone and redone by turns, so that a redo answers the undo before it, and those before that.
    else if (!redone.has(ofChangeId!)) return ofChangeId!
  }
  return null
}
