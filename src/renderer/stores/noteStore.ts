/**
 * Notes while they are typed. What was typed stays here until the engine answered that it is saved, whatever happens
 * meanwhile: another head, another place, a call that fails.
 */
import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { HeadPlace } from '../../contract/head.ts'
import { headName } from '../draw/format.ts'
import { useAppStore } from './appStore.ts'
import { useLabelStore } from './labelStore.ts'

/** Typing that pauses for so long is saved. */
export const saveAfterMs = 700

export type NoteKey = { modelId: number; annotator: string; place: HeadPlace }
export type NoteDraft = {
  text: string
  state: 'typing' | 'saving' | 'failed'
  /** why it is not saved */
  error?: unknown
}

type Waiting = {
  key: NoteKey
  /** the workspace that the note is of: it is sent to no other */
  workspacePath: string | null | undefined
  textSpanId: number | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

export const useNoteStore = defineStore('notes', () => {
  const app = useAppStore()
  const labels = useLabelStore()
  const drafts = shallowReactive(new Map<string, NoteDraft>())
  const waiting = new Map<string, Waiting>()
  const underWay = new Map<string, Promise<void>>()
  /** names of the heads whose note was saved last, by key; cleared when typing goes on */
  const saved = shallowReactive(new Set<string>())

  const openPath = () => app.app?.workspacePath
  const nameOf = ({ modelId, annotator, place }: NoteKey) =>
    `${openPath()} ${modelId} ${headName(place.layer, place.head)} ${annotator}`

  /** @param textSpanId the result that is on the screen */
  function type(key: NoteKey, text: string, textSpanId?: number): void {
    const name = nameOf(key)
    clearTimeout(waiting.get(name)?.timer)
    saved.delete(name)
    drafts.set(name, { text, state: 'typing' })
    const timer = setTimeout(() => void save(name), saveAfterMs)
    waiting.set(name, { key, workspacePath: openPath(), textSpanId, timer })
  }

  /** One save of a note at a time, so that an older text never comes after a newer one. */
  function save(name: string): Promise<void> {
    const running = underWay.get(name)
    if (running) return running.then(() => (drafts.get(name)?.state === 'typing' ? save(name) : undefined))
    const started = send(name).finally(() => underWay.delete(name))
    underWay.set(name, started)
    return started
  }

  async function send(name: string): Promise<void> {
    const entry = waiting.get(name)
    const draft = drafts.get(name)
    if (!entry || !draft || entry.workspacePath !== openPath()) return
    clearTimeout(entry.timer)
    const { modelId, annotator, place } = entry.key
    const sent = draft.text
    drafts.set(name, { text: sent, state: 'saving' })
    try {
      const input = { modelId, annotator, heads: [place], change: { note: sent }, textSpanId: entry.textSpanId }
      labels.take(modelId, await app.client()['label/set'](input))
      settle(name, sent)
    } catch (error) {
      drafts.set(name, { text: drafts.get(name)!.text, state: 'failed', error })
    }
  }

  /** What was typed while it was being saved waits for its own pause. */
  function settle(name: string, sent: string): void {
    if (drafts.get(name)?.text !== sent) return
    clearTimeout(waiting.get(name)?.timer)
    drafts.delete(name)
    waiting.delete(name)
    saved.add(name)
  }

  return {
    /** what is typed and not saved yet */
    draft: (key: NoteKey) => drafts.get(nameOf(key)),
    hasUnsaved: (): boolean => drafts.size > 0,
    isSaved: (key: NoteKey) => saved.has(nameOf(key)),
    type,
    /** Saves at once what waits for a pause; also the way to try again. */
    flush: async (): Promise<void> => void (await Promise.all([...waiting.keys()].map(save))),
  }
})
