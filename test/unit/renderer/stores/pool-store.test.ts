// @vitest-environment happy-dom
/** The draft in the page: edits in turn, shown as not saved until the engine answered, kept when they fail. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../../../src/contract/app.ts'
import type { Connection } from '../../../../src/renderer/client/connection.ts'
import { useAppStore } from '../../../../src/renderer/stores/appStore.ts'
import { usePoolStore } from '../../../../src/renderer/stores/poolStore.ts'
import { useSeenHeadsStore } from '../../../../src/renderer/stores/seenHeadsStore.ts'
import { FakePool } from '../../../support/fake-pool.ts'

let pool: FakePool
let draft: ReturnType<typeof usePoolStore>
const shown = () => draft.shown.rows.map(({ text }) => text)
const add = (text: string, afterRowId?: number) =>
  draft.edit({ kind: 'add', rows: [{ text, roles: [], source: '' }], afterRowId, afterHeads: [] })
const change = (rowId: number, text: string) => draft.edit({ kind: 'change', rowId, text })

beforeEach(async () => {
  setActivePinia(createPinia())
  pool = new FakePool(['one', 'two', 'three'])
  useAppStore().connection = { client: pool.client } as Connection
  draft = usePoolStore()
  pool.changed = draft.heard
  await draft.open(1)
})

describe('an edit', () => {
  it('is shown at once as not saved, and as saved when the engine answered', async () => {
    let open = () => {}
    pool.gate = new Promise((resolve) => (open = resolve))
    const saving = change(2, 'zwei')
    expect(shown()).toEqual(['one', 'zwei', 'three'])
    expect(draft.shown.states.get(2)?.state).toBe('saving')
    expect(draft.saved?.[1]!.text).toBe('two')
    expect(draft.isSaving).toBe(true)
    open()
    await saving
    expect(draft.shown.states.size).toBe(0)
    expect(draft.saved?.[1]!.text).toBe('zwei')
    expect(draft.isChanged).toBe(true)
  })

  it('that fails keeps what was typed with the reason, and others go on', async () => {
    pool.failure = new Error('The disk is full.')
    await change(2, 'zwei')
    expect(shown()).toEqual(['one', 'zwei', 'three'])
    expect(draft.shown.states.get(2)).toMatchObject({ state: 'failed', reason: 'The disk is full.' })
    pool.failure = undefined
    await change(1, 'eins')
    expect(shown()).toEqual(['eins', 'zwei', 'three'])
    expect(draft.failed).toHaveLength(1)
    await draft.retry(draft.failed[0]!.id)
    expect(draft.failed).toHaveLength(0)
    expect(pool.rows.map(({ text }) => text)).toEqual(['eins', 'zwei', 'three'])
  })

  it('that fails can be given up', async () => {
    pool.failure = new Error('The pool is locked.')
    await add('four')
    expect(shown()).toEqual(['one', 'two', 'three', 'four'])
    draft.discard(draft.failed[0]!.id)
    expect(shown()).toEqual(['one', 'two', 'three'])
  })

  it('of a row that is still being added waits for its id', async () => {
    const adding = add('new', 1)
    const temporary = draft.shown.rows[1]!.id
    expect(temporary).toBeLessThan(0)
    const changing = change(temporary, 'newer')
    const behind = add('behind it', temporary)
    await Promise.all([adding, changing, behind])
    expect(shown()).toEqual(['one', 'newer', 'behind it', 'two', 'three'])
    expect(pool.edits[1]).toMatchObject({ kind: 'change', rowId: draft.realId(temporary) })
    expect(draft.shown.states.size).toBe(0)
  })

  it('is undone', async () => {
    await change(2, 'zwei')
    await expect.poll(() => draft.undoState.undo).toBe('change')
    await draft.undo()
    expect(shown()).toEqual(['one', 'two', 'three'])
    await expect.poll(() => draft.undoState.undo).toBeNull()
    await add('four')
    await draft.undo()
    expect(shown()).toEqual(['one', 'two', 'three'])
  })
})

describe('what the engine tells', () => {
  const readings = () => pool.asked.filter((call) => call === 'draft').length

  it('of our own edit is not read again', async () => {
    await change(2, 'zwei')
    await Promise.resolve()
    expect(readings()).toBe(1)
  })

  it("of another window's edit is read, and an edit under way stays on the screen", async () => {
    let open = () => {}
    pool.gate = new Promise((resolve) => (open = resolve))
    const saving = change(2, 'zwei')
    await expect.poll(() => pool.asked.at(-1)).toBe('edit')
    pool.take({ kind: 'change', rowId: 3, text: 'drei' })
    expect(shown()).toEqual(['one', 'zwei', 'three'])
    open()
    await saving
    await expect.poll(shown).toEqual(['one', 'zwei', 'drei'])
    expect(readings()).toBe(2)
  })

  it('of another pool is left alone', async () => {
    draft.heard({ topic: 'pool', ofId: 2 })
    draft.heard({ topic: 'run' })
    await Promise.resolve()
    expect(readings()).toBe(1)
  })
})

it('another pool shows its own rows, and failed edits of the first wait there', async () => {
  pool.failure = new Error('The disk is full.')
  await change(2, 'zwei')
  pool.failure = undefined
  await draft.open(2)
  expect(shown()).toEqual(['one', 'two', 'three'])
  expect(draft.failed).toHaveLength(0)
  await draft.open(1)
  expect(shown()).toEqual(['one', 'zwei', 'three'])
})

describe('another workspace', () => {
  const open = (path: string) => (useAppStore().app = { workspacePath: path } as App)

  it('has pools of the same numbers and other texts; what failed waits in its own', async () => {
    open('/data/a.headwise')
    await draft.open(1)
    pool.failure = new Error('The disk is full.')
    await change(2, 'zwei')
    pool.failure = undefined
    open('/data/b.headwise')
    expect(draft.saved).toBeUndefined()
    pool.rows = pool.rows.slice(0, 1)
    await draft.open(1)
    expect(shown()).toEqual(['one'])
    expect(draft.failed).toHaveLength(0)
    open('/data/a.headwise')
    await draft.open(1)
    expect(draft.failed.map(({ reason }) => reason)).toEqual(['The disk is full.'])
  })
})

it('counts as changed when its rows did, not when it was locked', async () => {
  draft.heard({ topic: 'pool', ofId: 1 })
  await draft.settled()
  expect(draft.changesOf(1)).toBe(0)
  pool.rows = [...pool.rows.slice(1)]
  draft.heard({ topic: 'pool', ofId: 1 })
  await draft.settled()
  expect(draft.changesOf(1)).toBe(1)
  expect(draft.changesOf(2)).toBe(0)
})

it('heads that were opened are kept newest first, each once, at most twenty', () => {
  const seen = useSeenHeadsStore()
  for (const name of ['L0.H0', 'L1.H1', 'L0.H0']) seen.see(name)
  expect(seen.list()).toEqual(['L0.H0', 'L1.H1'])
  for (let head = 0; head < 30; head++) seen.see(`L2.H${head}`)
  expect(seen.list()).toHaveLength(20)
  expect(seen.list()[0]).toBe('L2.H29')
})
