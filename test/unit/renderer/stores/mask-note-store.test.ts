// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { App } from '../../../../src/contract/app.ts'
import type { Client } from '../../../../src/contract/index.ts'
import type { MaskNote } from '../../../../src/contract/segment.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { saveAfterMs, useMaskNoteStore } from '../../../../src/renderer/stores/maskNoteStore.ts'

let rows: MaskNote[]
let failWith: Error | undefined
const add = (flags: string[], note: string, annotator = 'mara') =>
  rows.unshift({ id: rows.length + 1, imageId: 7, annotator, flags, note, madeMs: 0 })

beforeEach(async () => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  rows = []
  failWith = undefined
  const client = {
    'app/describe': async () => ({ workspacePath: '/a.headwise', userName: 'mara' }) as App,
    'app/recall': async () => ({}),
    'segment/notes': async () => [...rows],
    'segment/note': async ({ flags, note, annotator }: MaskNote) => {
      if (failWith) throw failWith
      add(flags, note, annotator)
      return rows[0]!
    },
  }
  await useAppStore().start({
    client: client as unknown as Client,
    on: () => () => {},
    onState: () => () => {},
    imageUrl: () => '',
  })
})
afterEach(() => vi.useRealTimers())

describe('flags', () => {
  it('are shown when they are saved, and keep the note', async () => {
    add([], 'a note')
    const store = useMaskNoteStore()
    const saving = store.toggleFlag(7, 'missed part')
    expect(store.newest(7)).toBeUndefined()
    await saving
    expect(store.newest(7)).toMatchObject({ flags: ['missed part'], note: 'a note' })
    await store.toggleFlag(7, 'missed part')
    expect(store.newest(7)).toMatchObject({ flags: [], note: 'a note' })
    expect(rows).toHaveLength(3)
  })

  it('follow one another, however fast', async () => {
    const store = useMaskNoteStore()
    await Promise.all(['a', 'b', 'c'].map((flag) => store.toggleFlag(7, flag)))
    expect(store.newest(7)?.flags).toEqual(['a', 'b', 'c'])
  })

  it('are made on what another window saved, and leave other annotators alone', async () => {
    const store = useMaskNoteStore()
    await store.load(7)
    add(['from elsewhere'], '')
    add(['theirs'], 'theirs', 'noor')
    await store.toggleFlag(7, 'mine')
    expect(store.newest(7)?.flags).toEqual(['from elsewhere', 'mine'])
  })

  it('stay as they were when the engine refuses', async () => {
    add(['a'], '')
    const store = useMaskNoteStore()
    failWith = new Error('The disk is full.')
    await expect(store.toggleFlag(7, 'b')).rejects.toThrow('The disk is full.')
    expect(store.newest(7)?.flags).toEqual(['a'])
  })
})

describe('a note', () => {
  it('is saved after a pause, with the flags that are there', async () => {
    add(['a'], '')
    const store = useMaskNoteStore()
    store.type(7, 'only')
    await vi.advanceTimersByTimeAsync(saveAfterMs / 2)
    store.type(7, 'only the edge')
    expect(store.draft(7)).toEqual({ note: 'only the edge', state: 'typing' })
    await vi.advanceTimersByTimeAsync(saveAfterMs)
    expect(rows.map(({ flags, note }) => [flags, note])).toEqual([
      [['a'], 'only the edge'],
      [['a'], ''],
    ])
    expect(store.draft(7)).toBeUndefined()
    expect(store.isSaved(7)).toBe(true)
  })

  it('keeps what was typed when it cannot be saved, and saves it when asked again', async () => {
    const store = useMaskNoteStore()
    failWith = new Error('The disk is full.')
    store.type(7, 'precious')
    await vi.advanceTimersByTimeAsync(saveAfterMs)
    expect(store.draft(7)).toMatchObject({ note: 'precious', state: 'failed', error: failWith })
    failWith = undefined
    await store.flush()
    expect(store.newest(7)?.note).toBe('precious')
  })

  it('goes to the workspace that it was typed in alone', async () => {
    const store = useMaskNoteStore()
    failWith = new Error('The disk is full.')
    store.type(7, 'of workspace a')
    await vi.advanceTimersByTimeAsync(saveAfterMs)
    failWith = undefined
    const app = useAppStore()
    await app.take({ ...app.app!, workspacePath: '/b.headwise' })
    expect(store.draft(7)).toBeUndefined()
    await store.flush()
    expect(rows).toEqual([])
    await app.take({ ...app.app!, workspacePath: '/a.headwise' })
    expect(store.draft(7)).toMatchObject({ note: 'of workspace a', state: 'failed' })
    await store.flush()
    expect(rows.map(({ note }) => note)).toEqual(['of workspace a'])
  })

  it('that is being saved is waited for, with what was typed meanwhile', async () => {
    const store = useMaskNoteStore()
    store.type(7, 'one')
    void store.flush()
    expect(store.hasUnsaved()).toBe(true)
    store.type(7, 'one and two')
    await store.flush()
    expect(rows.map(({ note }) => note)).toEqual(['one and two', 'one'])
    expect(store.hasUnsaved()).toBe(false)
  })

  it('adds no row when nothing changed', async () => {
    add([], 'same')
    const store = useMaskNoteStore()
    store.type(7, 'same')
    await store.flush()
    expect(rows).toHaveLength(1)
  })
})
