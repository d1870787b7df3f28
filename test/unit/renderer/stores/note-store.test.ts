// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { App } from '../../../../src/contract/app.ts'
import type { Label, LabelChange } from '../../../../src/contract/label.ts'
import type { Connection } from '../../../../src/renderer/client/connection.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { saveAfterMs, useNoteStore } from '../../../../src/renderer/stores/noteStore.ts'

const key = { modelId: 1, annotator: 'mara', place: { layer: 5, head: 2 } }
const other = { ...key, place: { layer: 5, head: 3 } }
type Input = { change: LabelChange; textSpanId?: number; annotator: string }
let answer: (input: Input) => Promise<Label[]>
let saved: Input[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const app = createApp({})
    .use(createPinia())
    .use(createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] }))
  setActivePinia(app.config.globalProperties.$pinia)
  saved = []
  answer = async (input) => {
    saved.push(input)
    return []
  }
  useAppStore().connection = { client: { 'label/set': (input: Input) => answer(input) } } as unknown as Connection
})
afterEach(() => vi.useRealTimers())

describe('notes', () => {
  it('are saved after a pause, with the result that was on the screen', async () => {
    const notes = useNoteStore()
    notes.type(key, 'a', 4)
    await vi.advanceTimersByTimeAsync(saveAfterMs - 1)
    notes.type(key, 'a lake', 4)
    await vi.advanceTimersByTimeAsync(saveAfterMs - 1)
    expect(saved).toEqual([])
    expect(notes.draft(key)).toEqual({ text: 'a lake', state: 'typing' })
    await vi.advanceTimersByTimeAsync(1)
    expect(saved).toEqual([
      { modelId: 1, annotator: 'mara', heads: [key.place], change: { note: 'a lake' }, textSpanId: 4 },
    ])
    expect(notes.draft(key)).toBeUndefined()
    expect(notes.isSaved(key)).toBe(true)
  })

  it('are kept with the reason when saving fails, and saved when it is tried again', async () => {
    const notes = useNoteStore()
    answer = async () => {
      throw new Error('The disk is full.')
    }
    notes.type(key, 'must stay')
    await notes.flush()
    expect(notes.draft(key)).toEqual({ text: 'must stay', state: 'failed', error: new Error('The disk is full.') })
    answer = async (input) => {
      saved.push(input)
      return []
    }
    await notes.flush()
    expect(saved.map(({ change }) => change.note)).toEqual(['must stay'])
    expect(notes.draft(key)).toBeUndefined()
  })

  it('keep what was typed while they were being saved, and save it next', async () => {
    const notes = useNoteStore()
    let finish: (labels: Label[]) => void = () => {}
    answer = (input) => {
      saved.push(input)
      return new Promise((resolve) => (finish = resolve))
    }
    notes.type(key, 'one')
    void notes.flush()
    notes.type(key, 'one two')
    finish([])
    await vi.advanceTimersByTimeAsync(0)
    expect(notes.draft(key)?.text).toBe('one two')
    await vi.advanceTimersByTimeAsync(saveAfterMs)
    finish([])
    await vi.advanceTimersByTimeAsync(0)
    expect(saved.map(({ change }) => change.note)).toEqual(['one', 'one two'])
    expect(notes.draft(key)).toBeUndefined()
  })

  it('are apart for each head and annotator', async () => {
    const notes = useNoteStore()
    notes.type(key, 'mine')
    notes.type({ ...key, annotator: 'jonas' }, 'his')
    notes.type(other, 'of another head')
    expect(notes.draft(key)?.text).toBe('mine')
    await notes.flush()
    expect(saved.map(({ annotator, change }) => [annotator, change.note])).toEqual([
      ['mara', 'mine'],
      ['jonas', 'his'],
      ['mara', 'of another head'],
    ])
  })

  it('of one workspace are sent to no other, and wait for their own', async () => {
    const [app, notes] = [useAppStore(), useNoteStore()]
    app.app = { workspacePath: '/data/a.headwise' } as App
    answer = () => Promise.reject(new Error('The disk is full.'))
    notes.type(key, 'of a')
    await notes.flush()
    answer = async (input) => {
      saved.push(input)
      return []
    }
    app.app = { workspacePath: '/data/b.headwise' } as App
    expect(notes.draft(key)).toBeUndefined()
    await notes.flush()
    expect(saved).toEqual([])
    expect(notes.hasUnsaved()).toBe(true)
    app.app = { workspacePath: '/data/a.headwise' } as App
    expect(notes.draft(key)?.text).toBe('of a')
    await notes.flush()
    expect(saved.map(({ change }) => change.note)).toEqual(['of a'])
  })

  it('are saved before another workspace is opened', async () => {
    const [app, notes] = [useAppStore(), useNoteStore()]
    const order: string[] = []
    answer = async () => {
      order.push('note')
      return []
    }
    const client = app.connection!.client as unknown as Record<string, unknown>
    client['app/open'] = async () => {
      order.push('open')
      return { workspacePath: '/data/b.headwise' }
    }
    client['app/recall'] = async () => ({})
    app.app = { workspacePath: '/data/a.headwise' } as App
    notes.type(key, 'not yet saved')
    await app.open('/data/b.headwise')
    expect(order).toEqual(['note', 'open'])
  })
})
