/** What a label says, and what a change makes of it. */
import type { Label, LabelChange } from '../../contract/label.ts'

/** A label without who said it and when. */
export type LabelContent = Pick<Label, 'roleId' | 'confidence' | 'state' | 'note'>

export const nothingSaid: LabelContent = { roleId: null, confidence: null, state: 'open', note: '' }

export function contentOf({ roleId, confidence, state, note }: LabelContent): LabelContent {
  return { roleId, confidence, state, note }
}

export function isSameContent(a: LabelContent, b: LabelContent): boolean {
  return a.roleId === b.roleId && a.confidence === b.confidence && a.state === b.state && a.note === b.note
}

export function saysNothing(content: LabelContent): boolean {
  return isSameContent(content, nothingSaid)
}

/**
 * An open label has neither role nor confidence: one that gets them is a draft. A draft that loses the last thing it
 * says is open again, unless the change names a state.
 */
export function withChange(before: LabelContent, change: LabelChange): LabelContent {
  const after: LabelContent = {
    roleId: change.roleId === undefined ? before.roleId : change.roleId,
    confidence: change.confidence === undefined ? before.confidence : change.confidence,
    state: change.state ?? before.state,
    note: change.note ?? before.note,
  }
  const hasAnswer = after.roleId !== null || after.confidence !== null
  if (after.state === 'open' && hasAnswer) return { ...after, state: 'draft' }
  const isEmpty = !hasAnswer && after.note === ''
  const wasEmpty = before.roleId === null && before.confidence === null && before.note === ''
  if (change.state === undefined && after.state === 'draft' && isEmpty && !wasEmpty) return nothingSaid
  return after
}
