/** Undo and redo against a model that keeps whole states on two stacks, over any sequence of edits. */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelChange } from '../../../../src/contract/label.ts'
import { actionToRedo, actionToUndo } from '../../../../src/engine/label/undo.ts'
import { addModel, labelWorkspace, type LabelWorkspace } from '../../../support/label-workspace.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

const annotators = ['Ann', 'Ben'] as const
type Annotator = (typeof annotators)[number]
type Content = { roleId: number | null; confidence: number | null; state: string; note: string }
type Labels = Map<string, Content>
type Memory = { now: Labels; done: Labels[]; undone: Labels[] }

const open: Content = { roleId: null, confidence: null, state: 'open', note: '' }
const isSame = (a: Content, b: Content) => JSON.stringify(a) === JSON.stringify(b)

/** The rules of the contract, written a second time: no role or confidence on an open label, no empty draft by itself. */
function changed(before: Content, change: LabelChange): Content {
  const after = { ...before, ...change } as Content
  const isAnswered = after.roleId !== null || after.confidence !== null
  if (isAnswered && after.state === 'open') after.state = 'draft'
  const wasSomething = before.roleId !== null || before.confidence !== null || before.note !== ''
  const isNothing = !isAnswered && after.note === ''
  if (change.state === undefined && after.state === 'draft' && isNothing && wasSomething) after.state = 'open'
  return after
}

class Model {
  readonly of = new Map<Annotator, Memory>(annotators.map((name) => [name, { now: new Map(), done: [], undone: [] }]))

  become(name: Annotator, next: Labels): void {
    const memory = this.of.get(name)!
    if ([...next].every(([head, content]) => isSame(memory.now.get(head) ?? open, content))) return
    memory.done.push(memory.now)
    memory.undone = []
    memory.now = next
  }

  set(name: Annotator, heads: number[], change: LabelChange): void {
    const { now } = this.of.get(name)!
    const next = new Map(now)
    for (const head of heads) next.set(String(head), changed(now.get(String(head)) ?? open, change))
    this.become(name, next)
  }

  step(name: Annotator, from: 'done' | 'undone', to: 'done' | 'undone'): boolean {
    const memory = this.of.get(name)!
    const next = memory[from].pop()
    if (!next) return false
    memory[to].push(memory.now)
    memory.now = next
    return true
  }
}

const change = fc.record<LabelChange, never>(
  {
    roleId: fc.constantFrom(null, 1, 2),
    confidence: fc.constantFrom(null, 1, 3),
    state: fc.constantFrom('open' as const, 'draft' as const, 'reviewed' as const),
    note: fc.constantFrom('', 'x'),
  },
  { requiredKeys: [] },
)
const name = fc.constantFrom(...annotators)
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      name,
      change,
      heads: fc.uniqueArray(fc.nat(3), { minLength: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo' as const), name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('redo' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), name, which: fc.nat(20) }) },
)

let place: Place
let workspace: LabelWorkspace
beforeAll(() => {
  place = temporaryFolder()
  workspace = labelWorkspace(join(place.folder, 'a.headwise'))
  // What the disk does is not looked at here.
  workspace.db.pragma('synchronous = OFF')
})
afterAll(() => {
  workspace.close()
  place.remove()
})

let models = 0

async function labelsOf(modelId: number, annotator: Annotator): Promise<Record<string, Content>> {
  const labels = await workspace.client['label/list']({ modelId })
  const own = labels.filter((label) => label.annotator === annotator)
  const said = own.map(
    ({ head, roleId, confidence, state, note }) => [head, { roleId, confidence, state, note }] as const,
  )
  return Object.fromEntries(said.filter(([, content]) => !isSame(content, open)))
}

function expected({ now }: Memory): Record<string, Content> {
  return Object.fromEntries([...now].filter(([, content]) => !isSame(content, open)))
}

describe('undo and redo', () => {
  it('walk back and forth through whole actions, however these are mixed', async () => {
    const { client } = workspace
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        models += 1
        const modelId = addModel(workspace.db, { name: `model ${models}`, hash: String(models).padStart(64, '0') })
        const model = new Model()
        for (const step of actions) {
          const scope = { modelId, annotator: step.name }
          if (step.kind === 'set') {
            model.set(step.name, step.heads, step.change)
            await client['label/set']({
              ...scope,
              change: step.change,
              heads: step.heads.map((head) => ({ layer: 0, head })),
            })
          } else if (step.kind === 'restore') {
            const history = (await client['label/history']({ modelId, layer: 0, head: 0 })).filter(
              ({ annotator }) => annotator === step.name,
            )
            const edit = history[step.which]
            if (!edit) continue
            const { roleId, confidence, state, note } = edit
            model.become(step.name, new Map(model.of.get(step.name)!.now).set('0', { roleId, confidence, state, note }))
            await client['label/restore']({ ...scope, editId: edit.editId })
          } else {
            const [from, to] = step.kind === 'undo' ? (['done', 'undone'] as const) : (['undone', 'done'] as const)
            const answer = await client[`label/${step.kind}`](scope)
            expect(answer !== null).toBe(model.step(step.name, from, to))
          }
          for (const [annotator, memory] of model.of) {
            expect(await labelsOf(modelId, annotator)).toEqual(expected(memory))
            const { undo, redo } = await client['label/undo-state']({ modelId, annotator })
            expect([undo !== null, redo !== null]).toEqual([memory.done.length > 0, memory.undone.length > 0])
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('read no more of the actions than they need', () => {
    const read: number[] = []
    function* newestFirst() {
      for (let changeId = 9; changeId > 0; changeId--) {
        read.push(changeId)
        yield { changeId, kind: 'set' as const, ofChangeId: null }
      }
    }
    expect(actionToUndo(newestFirst())).toBe(9)
    expect(actionToRedo(newestFirst())).toBeNull()
    expect(read).toEqual([9, 9])
  })
})
