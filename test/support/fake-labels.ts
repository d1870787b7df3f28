/** Labels of one model in memory, with the answers that the engine gives about them. */
import type { HeadPlace } from '../../src/contract/head.ts'
import type { Label, LabelChange, LabelEdit } from '../../src/contract/label.ts'
import type { Answers } from './page-of-calls.ts'

type Scope = { modelId: number; annotator: string }
type Action = { annotator: string; before: Label[]; after: Label[]; words: string; isUndone: boolean }

const same = (a: Label, b: Label) => a.layer === b.layer && a.head === b.head && a.annotator === b.annotator

/** @param roles names by id, to say what undo would do */
export function fakeLabels(roles: Record<number, string>) {
  const labels: Label[] = []
  const history: LabelEdit[] = []
  const actions: Action[] = []
  let nextEditId = 1

  const labelOf = ({ layer, head }: HeadPlace, annotator: string): Label =>
    labels.find((label) => same(label, { layer, head, annotator } as Label)) ??
    ({
      layer,
      head,
      annotator,
      roleId: null,
      confidence: null,
      state: 'open',
      note: '',
      textSpanId: null,
    } as unknown as Label)

  function put(label: Label, kind: LabelEdit['kind']): Label {
    const made: Label = { ...label, editId: nextEditId++, madeMs: 1000 + nextEditId }
    const at = labels.findIndex((other) => same(other, made))
    if (at < 0) labels.push(made)
    else labels[at] = made
    history.unshift({ ...made, kind, ofEditId: null })
    return made
  }

  function wordsOf(change: LabelChange): string {
    if (change.roleId != null) return `role ${roles[change.roleId]}`
    if (change.roleId === null) return 'no role'
    return change.note !== undefined ? 'note' : (change.state ?? `confidence ${change.confidence}`)
  }

  function set({
    annotator,
    heads,
    change,
    textSpanId,
  }: Scope & { heads: HeadPlace[]; change: LabelChange; textSpanId?: number }) {
    const before = heads.map((place) => labelOf(place, annotator))
    const after = before.map((label) => {
      const isSaid = change.roleId != null || change.confidence != null
      const state = change.state ?? (label.state === 'open' && isSaid ? 'draft' : label.state)
      return put({ ...label, ...change, state, textSpanId: textSpanId ?? null }, 'set')
    })
    const [{ layer, head }] = heads as [HeadPlace]
    const who = heads.length === 1 ? `L${layer}.H${head}` : `${heads.length} heads`
    actions.push({ annotator, before, after, words: `${who}: ${wordsOf(change)}`, isUndone: false })
    return after
  }

  const undoable = (annotator: string) =>
    actions.findLast((action) => action.annotator === annotator && !action.isUndone)
  const redoable = (annotator: string) => actions.find((action) => action.annotator === annotator && action.isUndone)

  function turn(action: Action | undefined, kind: 'undo' | 'redo'): Label[] | null {
    if (!action) return null
    action.isUndone = kind === 'undo'
    return (kind === 'undo' ? action.before : action.after).map((label) => put(label, kind))
  }

  const answers: Answers = {
    'label/list': () => [...labels],
    'label/set': set,
    'label/undo': ({ annotator }: Scope) => turn(undoable(annotator), 'undo'),
    'label/redo': ({ annotator }: Scope) => turn(redoable(annotator), 'redo'),
    'label/undo-state': ({ annotator }: Scope) => ({
      undo: undoable(annotator)?.words ?? null,
      redo: redoable(annotator)?.words ?? null,
    }),
    'label/history': ({ layer, head }: HeadPlace) =>
      history.filter((edit) => edit.layer === layer && edit.head === head),
    'label/restore': ({ editId }: { editId: number }) =>
      put(
        history.find((edit) => edit.editId === editId)!,
        'restore',
      ),
  }
  return { labels, answers, set }
}
