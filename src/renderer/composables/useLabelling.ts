/**
 * Labelling by key: what each key does to the heads that are selected. Edits go one after another, so that a key
 * that toggles sees what the key before it did.
 */
import { shallowRef } from 'vue'
import type { Label, LabelChange, LabelState } from '../../contract/label.ts'
import { headName } from '../draw/format.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useNoteStore } from '../stores/noteStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { type Command, useCommands } from './useCommands.ts'
import type { HeadsPlace } from './useHeadsPlace.ts'

export type Labelling = ReturnType<typeof useLabelling>

export function useLabelling(
  place: Pick<HeadsPlace, 'current' | 'targets' | 'goToUnreviewed' | 'go'>,
  focusNote: () => void,
) {
  const context = useContextStore()
  const labels = useLabelStore()
  const notes = useNoteStore()
  const notices = useNoticeStore()
  /** what was saved last, for assistive technology */
  const spoken = shallowRef('')
  let queue: Promise<unknown> = Promise.resolve()

  function inTurn(work: () => Promise<unknown>): void {
    queue = queue.then(work, work)
  }

  /** @param changeOf made from the labels as they are when the edit's turn comes */
  function change(changeOf: (own: (Label | undefined)[]) => { change: LabelChange; words: string }): void {
    const targets = place.targets.value
    const textSpanId = context.textSpan?.id
    if (targets.length === 0) return
    inTurn(async () => {
      const own = targets.map(({ layer, head }) => labels.own.get(headName(layer, head)))
      const { change: wanted, words } = changeOf(own)
      if (await labels.set(targets, wanted, textSpanId)) {
        const [first] = targets
        const who = targets.length === 1 ? headName(first!.layer, first!.head) : `${targets.length} heads`
        spoken.value = `${who}: ${words}, saved`
      }
    })
  }

  function setRole(roleId: number): void {
    const name = labels.roleById.get(roleId)?.name ?? ''
    change(() => ({ change: { roleId }, words: `role ${name}` }))
  }

  /** A label that says nothing any more is open again. */
  function clearRole(): void {
    change((own) => {
      const isBare = own.every((label) => (label?.state ?? 'open') === 'open' || isEmptyDraft(label!))
      return {
        change: { roleId: null, confidence: null, ...(isBare ? { state: 'open' as const } : {}) },
        words: 'no role',
      }
    })
  }

  function setConfidence(confidence: number | null): void {
    change(() => ({
      change: { confidence },
      words: confidence === null ? 'no confidence' : `confidence ${confidence}`,
    }))
  }

  /** On when not all of the heads have it; back to draft when all do. */
  function toggleState(state: Extract<LabelState, 'reviewed' | 'disputed'>): void {
    change((own) => {
      const next = own.every((label) => label?.state === state) ? 'draft' : state
      return { change: { state: next }, words: next }
    })
  }

  function takeBack(kind: 'undo' | 'redo'): void {
    inTurn(async () => {
      // What is being typed counts as the last edit.
      await notes.flush()
      const what = labels.undoState[kind]
      if (what === null) return
      const isDone = await labels[kind]()
      if (!isDone) return
      spoken.value = `${kind === 'undo' ? 'Undone' : 'Redone'}: ${what}`
      const name = /L\d+\.H\d+/.exec(what)?.[0]
      // What changes on the screen needs no message.
      if (name !== place.current.value)
        notices.done(spoken.value, name ? { title: `Show ${name}`, run: () => place.go(name) } : undefined)
    })
  }

  const labelling = {
    spoken,
    setRole,
    clearRole,
    setConfidence,
    toggleState,
    undo: () => takeBack('undo'),
    redo: () => takeBack('redo'),
    restore: (editId: number) => inTurn(() => labels.restore(editId)),
    /** told to tests, and to what must come after */
    settled: () => queue,
  }
  useCommands(commandsOf(labelling, place, focusNote))
  return labelling
}

function isEmptyDraft({ state, note }: Label): boolean {
  return state === 'draft' && note === ''
}

/** Text fields undo their own typing. */
function isWriting(): boolean {
  return (
    document.activeElement?.matches('textarea, input:not([type="checkbox"], [type="radio"], [type="range"])') ?? false
  )
}

type Doing = {
  setRole: (roleId: number) => void
  clearRole: () => void
  setConfidence: (confidence: number) => void
  toggleState: (state: 'reviewed' | 'disputed') => void
  undo: () => void
  redo: () => void
}

function commandsOf(doing: Doing, place: Pick<HeadsPlace, 'goToUnreviewed'>, focusNote: () => void): Command[] {
  const labels = useLabelStore()
  const notices = useNoticeStore()
  const group = 'Heads'
  const nextUnreviewed = (step: 1 | -1) => {
    if (!place.goToUnreviewed(step)) notices.done('No other head is left to review.')
  }
  const roleKeys = Array.from({ length: 9 }, (_, at): Command => ({
    get title() {
      return `Role ${labels.usedRoles[at]?.name ?? ''}`
    },
    group,
    keys: String(at + 1),
    isOn: () => at < labels.usedRoles.length,
    run: () => doing.setRole(labels.usedRoles[at]!.id),
  }))
  const confidenceKeys = ['guess', 'likely', 'sure'].map((word, at): Command => ({
    title: `Confidence ${at + 1}: ${word}`,
    group,
    keys: `Shift+${at + 1}`,
    run: () => doing.setConfidence(at + 1),
  }))
  const takingBack = (kind: 'undo' | 'redo', keys: string): Command => ({
    get title() {
      return `${kind === 'undo' ? 'Undo' : 'Redo'} ${labels.undoState[kind] ?? ''}`.trim()
    },
    group,
    keys,
    isOn: () => !isWriting(),
    run: doing[kind],
  })
  return [
    ...roleKeys,
    { title: 'No role', group, keys: '0', run: doing.clearRole },
    ...confidenceKeys,
    { title: 'Reviewed, or back to draft', group, keys: 'r', run: () => doing.toggleState('reviewed') },
    { title: 'Disputed, or back to draft', group, keys: 'f', run: () => doing.toggleState('disputed') },
    { title: 'Write a note', group, keys: 'n', run: focusNote },
    takingBack('undo', 'u Mod+z'),
    takingBack('redo', 'Shift+u Mod+Shift+z'),
    { title: 'Next unreviewed head', group, keys: ']', run: () => nextUnreviewed(1) },
    { title: 'Previous unreviewed head', group, keys: '[', run: () => nextUnreviewed(-1) },
  ]
}
