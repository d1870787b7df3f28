import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DraftChange, DraftRow, PoolEdit } from '../../../../src/contract/pool.ts'
import { listPoolVersions, poolTexts } from '../../../../src/engine/store/index.ts'
import {
  commitDraft,
  editDraft,
  readDraft,
  redoDraft,
  undoDraft,
  undoState,
} from '../../../../src/engine/text-pool/index.ts'
import { addEdit, contentOf, type DraftWorkspace, draftWorkspace } from '../../../support/draft-workspace.ts'

let workspace: DraftWorkspace
beforeAll(() => {
  workspace = draftWorkspace()
})
afterAll(() => workspace.close())

const by: DraftWorkspace['by'] = (scope, annotator) => workspace.by(scope, annotator)
const rowsOf: DraftWorkspace['rowsOf'] = (scope) => workspace.rowsOf(scope)
const textsOf: DraftWorkspace['textsOf'] = (scope) => workspace.textsOf(scope)

describe('a draft', () => {
  type Step =
    { kind: 'edit'; make: (rows: DraftRow[]) => PoolEdit | undefined } | { kind: 'undo' | 'redo' | 'commit' | 'reset' }
  const word = fc.constantFrom('a lake', 'A  lake', 'two ducks', 'red', ' blue ', 'an old, "quoted" text', '')
  const tag = fc.constantFrom('place', 'color', 'Place')
  const some = <Value>(rows: Value[], at: number) => rows[at % rows.length]
  const at = fc.nat(20)
  const edit: fc.Arbitrary<Step> = fc
    .oneof(
      fc.tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.option(at)).map(
        ([texts, behind]) =>
          (rows: DraftRow[]) =>
            addEdit(texts, behind === null ? undefined : some(rows, behind)?.id),
      ),
      fc
        .tuple(at, word, fc.option(fc.array(tag, { maxLength: 2 }), { nil: undefined }))
        .map(([row, text, roles]) => (rows: DraftRow[]): PoolEdit | undefined => {
          const rowId = some(rows, row)?.id
          return rowId === undefined ? undefined : { kind: 'change', rowId, text, roles, afterHeads: ['L5.H2'] }
        }),
      fc.array(at, { minLength: 1, maxLength: 3 }).map((ats) => (rows: DraftRow[]): PoolEdit | undefined => {
        const rowIds = ats.flatMap((row) => some(rows, row)?.id ?? [])
        return rowIds.length === 0 ? undefined : { kind: 'remove', rowIds }
      }),
      fc
        .tuple(fc.array(at, { minLength: 1, maxLength: 3 }), tag, tag)
        .map(([ats, wanted, unwanted]) => (rows: DraftRow[]): PoolEdit | undefined => {
          const rowIds = ats.flatMap((row) => some(rows, row)?.id ?? [])
          return rowIds.length === 0 ? undefined : { kind: 'tag', rowIds, add: [wanted], remove: [unwanted] }
        }),
      fc.tuple(at, word).map(([row, text]) => (rows: DraftRow[]): PoolEdit | undefined => {
        const found = some(rows, row)
        return found && { kind: 'rewrite', rows: [{ rowId: found.id, text }] }
      }),
    )
    .map((make) => ({ kind: 'edit', make }) as Step)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: edit },
    { weight: 5, arbitrary: fc.constantFrom<Step>({ kind: 'undo' }, { kind: 'redo' }) },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'commit' }, { kind: 'reset' }) },
  )

  it('is what an editor would show after any edits, undos, redos, resets and commits', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const scope = workspace.newPool(['a lake', 'sand', 'two ducks'])
        const firstVersion = listPoolVersions(workspace.db, scope.pool.id)[0]!
        // The model: every state that was there, whole.
        const undos: DraftRow[][] = []
        let redos: DraftRow[][] = []
        let shown = rowsOf(scope)
        const take = (change: DraftChange | null) => {
          if (!change) return
          const gone = new Set([...change.removedRowIds, ...change.rows.map(({ id }) => id)])
          shown = [...shown.filter(({ id }) => !gone.has(id)), ...change.rows].sort(
            (a, b) => a.position - b.position || a.id - b.id,
          )
        }
        const changed = (before: DraftRow[], work: () => DraftChange | null) => {
          take(work())
          if (JSON.stringify(rowsOf(scope)) === JSON.stringify(before)) return
          undos.push(before)
          redos = []
        }
        for (const { kind, ...rest } of steps) {
          const before = rowsOf(scope)
          const now = by(scope, 'ann')
          if (kind === 'edit') {
            const wanted = (rest as { make: (rows: DraftRow[]) => PoolEdit | undefined }).make(before)
            if (wanted) changed(before, () => orRefused(() => editDraft(now, wanted)))
          } else if (kind === 'reset') {
            changed(before, () => editDraft(now, { kind: 'reset', versionId: firstVersion.id }))
          } else if (kind === 'commit') {
            changed(before, () => {
              if (before.length > 0) commitDraft(now, '')
              shown = rowsOf(scope)
              return null
            })
          } else {
            const [from, to] = kind === 'undo' ? [undos, redos] : [redos, undos]
            const wanted = from.pop()
            const change = kind === 'undo' ? undoDraft(now) : redoDraft(now)
            take(change)
            expect(change !== null).toBe(wanted !== undefined)
            if (wanted) {
              to.push(before)
              expect(rowsOf(scope)).toEqual(wanted)
            }
          }
          expect(rowsOf(scope)).toEqual(shown)
          const newest = listPoolVersions(workspace.db, scope.pool.id)[0]!
          const isChanged =
            JSON.stringify(poolTexts(workspace.db, newest.id).map((row) => contentOf(row))) !==
            JSON.stringify(shown.map(contentOf))
          expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(isChanged)
          expect(shown.every(({ text }) => text.trim() === text && text !== '')).toBe(true)
          const { undo, redo } = undoState(workspace.db, scope.pool.id, 'ann')
          expect([undo !== null, redo !== null]).toEqual([undos.length > 0, redos.length > 0])
        }
      }),
      { numRuns: 150 },
    )
  })

  /** Empty texts are refused, which changes nothing. */
  function orRefused(work: () => DraftChange): DraftChange | null {
    try {
      return work()
    } catch (error) {
      expect((error as { code: string }).code).toBe('bad-input')
      return null
    }
  }

  it('keeps an order and the ids of others however often rows are put into one place', () => {
    const scope = workspace.newPool(['first', 'last'])
    const first = rowsOf(scope)[0]!
    const expected = ['first', 'last']
    for (let count = 0; count < 150; count++) {
      editDraft(by(scope, 'ann'), addEdit([`text ${count}`, `other ${count}`], first.id))
      expected.splice(1, 0, `text ${count}`, `other ${count}`)
    }
    expect(textsOf(scope)).toEqual(expected)
    const rows = rowsOf(scope)
    expect(new Set(rows.map(({ position }) => position)).size).toBe(rows.length)
    for (let count = 0; count < 150; count++) undoDraft(by(scope, 'ann'))
    expect(textsOf(scope)).toEqual(['first', 'last'])
    expect(rowsOf(scope)[0]).toEqual(first)
    expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(false)
  })

  it('keeps the order of 2,000 texts typed one below the other in the middle', () => {
    const scope = workspace.newPool(['first', 'last'])
    const typed = Array.from({ length: 2000 }, (_, count) => `text ${count}`)
    let behind = rowsOf(scope)[0]!.id
    for (const text of typed) {
      behind = editDraft(by(scope, 'ann'), addEdit([text], behind)).rows.find((row) => row.text === text)!.id
    }
    expect(textsOf(scope)).toEqual(['first', ...typed, 'last'])
  })

  it('says what an undo would take back', () => {
    const scope = workspace.newPool(['a lake', 'sand', 'two ducks'])
    const [lake, sand] = rowsOf(scope)
    const edits: [PoolEdit, string][] = [
      [addEdit(['one', 'two', 'three']), 'add 3 texts'],
      [addEdit(['four', '  ']), 'add "four"'],
      [{ kind: 'change', rowId: lake!.id, text: 'a lake at night' }, 'change "a lake" to "a lake at night"'],
      [{ kind: 'change', rowId: lake!.id, source: 'a walk' }, 'change the source of "a lake at night"'],
      [{ kind: 'change', rowId: lake!.id, roles: ['place'] }, 'change the tags of "a lake at night"'],
      [{ kind: 'tag', rowIds: [lake!.id, sand!.id], add: ['texture'], remove: [] }, 'tag 2 texts with texture'],
      [
        { kind: 'tag', rowIds: [lake!.id, sand!.id], add: ['color'], remove: ['texture'] },
        'tag 2 texts with color and take texture off them',
      ],
      [
        {
          kind: 'rewrite',
          rows: [
            { rowId: lake!.id, text: 'a pond' },
            { rowId: sand!.id, text: 'dunes' },
          ],
        },
        'replace in 2 texts',
      ],
      [{ kind: 'remove', rowIds: [lake!.id] }, 'remove "a pond"'],
      [{ kind: 'reset', versionId: listPoolVersions(workspace.db, scope.pool.id)[0]!.id }, 'go back to version 1'],
    ]
    for (const [edit, sentence] of edits) {
      editDraft(by(scope, 'ann'), edit)
      expect(undoState(workspace.db, scope.pool.id, 'ann')).toEqual({ undo: sentence, redo: null })
    }
    for (const [, sentence] of edits.toReversed()) {
      undoDraft(by(scope, 'ann'))
      expect(undoState(workspace.db, scope.pool.id, 'ann').redo).toBe(sentence)
    }
    expect(undoState(workspace.db, scope.pool.id, 'ben')).toEqual({ undo: null, redo: null })
  })

  it('refuses to undo over what another annotator changed, and says who', () => {
    const scope = workspace.newPool(['a lake', 'sand'])
    const [lake, sand] = rowsOf(scope)
    editDraft(by(scope, 'ann'), { kind: 'change', rowId: lake!.id, text: 'a pond' })
    editDraft(by(scope, 'ben'), { kind: 'change', rowId: lake!.id, text: 'a pool' })
    const before = rowsOf(scope)
    expect(() => undoDraft(by(scope, 'ann'))).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: '"a pond" was changed by ben since; this step is left as it is.',
      }),
    )
    expect(rowsOf(scope)).toEqual(before)
    undoDraft(by(scope, 'ben'))
    undoDraft(by(scope, 'ann'))
    expect(rowsOf(scope)).toEqual([lake, sand])
    const added = editDraft(by(scope, 'ann'), addEdit(['a boat'])).rows[0]!
    editDraft(by(scope, 'ben'), { kind: 'remove', rowIds: [added.id] })
    expect(() => undoDraft(by(scope, 'ann'))).toThrow(
      '"a boat" was removed by another annotator since; this step is left as it is.',
    )
  })

  it('undoes over what another annotator did to other rows', () => {
    const scope = workspace.newPool(['a lake', 'sand'])
    const [lake, sand] = rowsOf(scope)
    editDraft(by(scope, 'ann'), { kind: 'remove', rowIds: [lake!.id] })
    editDraft(by(scope, 'ben'), { kind: 'change', rowId: sand!.id, text: 'dunes' })
    expect(undoDraft(by(scope, 'ann'))!.rows).toEqual([lake])
    expect(textsOf(scope)).toEqual(['a lake', 'dunes'])
  })

  it('leaves everything as it was when a step of an edit fails', () => {
    const scope = workspace.newPool(['a lake', 'sand'])
    const before = rowsOf(scope)
    const edits = () => workspace.db.prepare('SELECT count(*) FROM pool_edit').pluck().get()
    const count = edits()
    workspace.db.exec(
      "CREATE TEMP TRIGGER fails BEFORE INSERT ON pool_edit BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END",
    )
    try {
      expect(() => editDraft(by(scope, 'ann'), addEdit(['a boat']))).toThrow('the disk is gone')
      expect(() => editDraft(by(scope, 'ann'), { kind: 'remove', rowIds: [before[0]!.id] })).toThrow('the disk is gone')
    } finally {
      workspace.db.exec('DROP TRIGGER fails')
    }
    expect(rowsOf(scope)).toEqual(before)
    expect(edits()).toBe(count)
    expect(readDraft(workspace.db, scope.pool.id).isChanged).toBe(false)
  })

  it('keeps the marks of heads with a text, and sets them with a new one', () => {
    const scope = workspace.newPool(['a lake'])
    const added = editDraft(by(scope, 'ann'), { ...addEdit(['a boat']), afterHeads: ['L5.H2'] } as PoolEdit).rows[0]!
    expect(added.afterHeads).toEqual(['L5.H2'])
    const change = (edit: Partial<PoolEdit>) =>
      editDraft(by(scope, 'ann'), { kind: 'change', rowId: added.id, ...edit } as PoolEdit).rows[0]
    expect(change({ text: 'a boat ', afterHeads: ['L4.H1'] })).toBeUndefined()
    expect(change({ roles: ['object'] })!.afterHeads).toEqual(['L5.H2'])
    expect(change({ text: 'two boats' })!.afterHeads).toEqual(['L5.H2'])
    expect(change({ text: 'three boats', afterHeads: ['L4.H1'] })!.afterHeads).toEqual(['L4.H1'])
    commitDraft(by(scope, 'ann'), '')
    const [version] = listPoolVersions(workspace.db, scope.pool.id)
    expect(poolTexts(workspace.db, version!.id)[1]).toMatchObject({
      text: 'three boats',
      roles: ['object'],
      afterHeads: ['L4.H1'],
    })
  })

  it('keeps what UTF-8 cannot hold as replacement characters, so that what is undone is what was there', () => {
    const scope = workspace.newPool(['a lake'])
    const [lake] = rowsOf(scope)
    const { rows } = editDraft(by(scope, 'ann'), {
      kind: 'change',
      rowId: lake!.id,
      text: 'a \ud800 lake\0',
      source: 'x\0',
    })
    expect(rows[0]).toMatchObject({ text: 'a \uFFFD lake\uFFFD', source: 'x\uFFFD' })
    expect(rowsOf(scope)).toEqual(rows)
    undoDraft(by(scope, 'ann'))
    expect(rowsOf(scope)).toEqual([lake])
  })

  it('takes a tag off however it is spelt', () => {
    const scope = workspace.newPool(['a street cafe'])
    const [row] = workspace.rowsOf(scope)
    // The same word with the accent as a character of its own.
    editDraft(scope, { kind: 'change', rowId: row!.id, roles: ['Cafe\u0301', 'place'] })
    editDraft(scope, { kind: 'tag', rowIds: [row!.id], add: [], remove: ['caf\u00e9'] })
    expect(workspace.rowsOf(scope)[0]!.roles).toEqual(['place'])
  })

  it('refuses empty texts and rows that are gone', () => {
    const scope = workspace.newPool(['a lake', 'sand'])
    const { id } = rowsOf(scope)[0]!
    const refused = (edit: PoolEdit) => () => editDraft(by(scope, 'ann'), edit)
    expect(refused({ kind: 'change', rowId: id, text: ' ' })).toThrow(
      'A text must not be empty; remove the row instead.',
    )
    expect(refused({ kind: 'rewrite', rows: [{ rowId: id, text: '' }] })).toThrow('A text must not be empty')
    expect(refused(addEdit(['', ' ']))).toThrow('At least one text must be added; all 2 are empty.')
    expect(refused({ kind: 'remove', rowIds: [id, 987654] })).toThrow(
      `The draft of "${scope.pool.name}" has no row 987654; it may have been removed.`,
    )
    expect(refused({ kind: 'reset', versionId: 987654 })).toThrow(
      `The pool "${scope.pool.name}" has no version with the id 987654.`,
    )
    expect(textsOf(scope)).toEqual(['a lake', 'sand'])
  })
})
