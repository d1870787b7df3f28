/**
 * Flags and notes of images' masks. A flag is shown when the engine answered that it is saved; what is typed as a note
 * stays here until then, whatever happens meanwhile. Edits of an image follow one another, each made on what the one
 * before it left, so that a flag never takes a note back.
 */
import { defineStore } from 'pinia'
import { shallowReactive, watch } from 'vue'
import type { MaskNote } from '../../contract/segment.ts'
import { useAppStore } from './appStore.ts'

/** Typing that pauses for so long is saved. */
export const saveAfterMs = 900

export type MaskDraft = { note: string; state: 'typing' | 'saving' | 'failed'; error?: unknown }

type Edit = { flags?: (own: string[]) => string[]; note?: string }
type Waiting = {
  imageId: number
  annotator: string
  /** the workspace that the note is of: it is sent to no other */
  workspacePath: string | null | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

export const useMaskNoteStore = defineStore('mask-notes', () => {
  const app = useAppStore()
  /** notes of an image, newest first, all annotators */
  const known = shallowReactive(new Map<number, MaskNote[]>())
  const drafts = shallowReactive(new Map<string, MaskDraft>())
  const saved = shallowReactive(new Set<string>())
  const waiting = new Map<string, Waiting>()
  const underWay = new Map<string, Promise<void>>()
  const queues = new Map<number, Promise<unknown>>()

  const openPath = () => app.app?.workspacePath
  const nameOf = (imageId: number, annotator = app.annotator) => `${openPath()} ${imageId} ${annotator}`
  const newestOf = (imageId: number, annotator: string) =>
    known.get(imageId)?.find((note) => note.annotator === annotator)

  async function load(imageId: number): Promise<void> {
    const path = app.app?.workspacePath
    const notes = await app.client()['segment/notes']({ imageId })
    if (app.app?.workspacePath === path) known.set(imageId, notes)
  }

  function edit(imageId: number, annotator: string, change: Edit): Promise<void> {
    const before = queues.get(imageId) ?? Promise.resolve()
    const own = before.catch(() => {}).then(() => send(imageId, annotator, change))
    queues.set(imageId, own)
    return own
  }

  async function send(imageId: number, annotator: string, { flags, note }: Edit): Promise<void> {
    const path = openPath()
    // Another window may have written meanwhile.
    await load(imageId)
    if (openPath() !== path) throw new Error('Another workspace was opened before this was saved.')
    const newest = newestOf(imageId, annotator)
    const before = { flags: newest?.flags ?? [], note: newest?.note ?? '' }
    const after = { flags: flags?.(before.flags) ?? before.flags, note: note ?? before.note }
    if (JSON.stringify(before) === JSON.stringify(after)) return
    const made = await app.client()['segment/note']({ imageId, annotator, ...after })
    const others = (known.get(imageId) ?? []).filter(({ id }) => id !== made.id)
    known.set(imageId, [made, ...others])
  }

  function type(imageId: number, note: string): void {
    const name = nameOf(imageId)
    clearTimeout(waiting.get(name)?.timer)
    saved.delete(name)
    drafts.set(name, { note, state: 'typing' })
    const timer = setTimeout(() => void saveNote(name), saveAfterMs)
    waiting.set(name, { imageId, annotator: app.annotator, workspacePath: openPath(), timer })
  }

  /** One save of a note at a time, and whoever waits for it waits until what was typed last is saved. */
  function saveNote(name: string): Promise<void> {
    const running = underWay.get(name)
    if (running) return running.then(() => (drafts.get(name)?.state === 'typing' ? saveNote(name) : undefined))
    const started = sendNote(name).finally(() => underWay.delete(name))
    underWay.set(name, started)
    return started
  }

  async function sendNote(name: string): Promise<void> {
    const entry = waiting.get(name)
    const draft = drafts.get(name)
    if (!entry || !draft || entry.workspacePath !== openPath()) return
    clearTimeout(entry.timer)
    drafts.set(name, { note: draft.note, state: 'saving' })
    try {
      await edit(entry.imageId, entry.annotator, { note: draft.note })
      settle(name, draft.note)
    } catch (error) {
      drafts.set(name, { note: drafts.get(name)!.note, state: 'failed', error })
    }
  }

  /** What was typed while it was being saved waits for its own pause. */
  function settle(name: string, sent: string): void {
    if (drafts.get(name)?.note !== sent) return
    clearTimeout(waiting.get(name)?.timer)
    drafts.delete(name)
    waiting.delete(name)
    saved.add(name)
  }

  watch(
    () => app.app?.workspacePath,
    () => known.clear(),
  )

  return {
    load,
    notes: (imageId: number): MaskNote[] | undefined => known.get(imageId),
    /** the annotator's own, as saved */
    newest: (imageId: number) => newestOf(imageId, app.annotator),
    draft: (imageId: number) => drafts.get(nameOf(imageId)),
    hasUnsaved: (): boolean => drafts.size > 0,
    isSaved: (imageId: number) => saved.has(nameOf(imageId)),
    type,
    /** @throws what the engine says when it is not saved */
    toggleFlag: (imageId: number, flag: string) =>
      edit(imageId, app.annotator, {
        flags: (own) => (own.includes(flag) ? own.filter((other) => other !== flag) : [...own, flag]),
      }),
    /** Saves at once what waits for a pause; also the way to try again. */
    flush: async (): Promise<void> => void (await Promise.all([...waiting.keys()].map(saveNote))),
  }
})
