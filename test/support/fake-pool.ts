/** A pool's draft in memory that answers as the engine does, when it is told to. For tests of the page. */
import type { Client } from '../../src/contract/index.ts'
import type { DraftChange, DraftRow, PoolEdit } from '../../src/contract/pool.ts'

export function draftRow(id: number, text: string, more: Partial<DraftRow> = {}): DraftRow {
  return { id, position: id, text, roles: [], source: '', afterHeads: [], annotator: 'ann', changedMs: 1, ...more }
}

type Changed = (event: { topic: 'pool'; ofId?: number }) => void

export class FakePool {
  rows: DraftRow[]
  /** every call, in order */
  readonly asked: string[] = []
  readonly edits: PoolEdit[] = []
  /** what the next edits fail with */
  failure: Error | undefined
  /** holds edits back until it is called */
  gate: Promise<void> = Promise.resolve()
  changed: Changed = () => {}
  #nextId = 1000
  #done: { before: DraftRow[]; summary: string }[] = []

  constructor(texts: string[]) {
    this.rows = texts.map((text, at) => draftRow(at + 1, text))
  }

  get client(): Client {
    const calls: Partial<Client> = {
      'pool/draft': async () => {
        this.asked.push('draft')
        return { rows: [...this.rows], isChanged: this.#done.length > 0 }
      },
      'pool/edit': async ({ edit }) => {
        this.asked.push('edit')
        await this.gate
        if (this.failure) throw this.failure
        return this.take(edit as PoolEdit)
      },
      'pool/undo': async () => {
        const last = this.#done.pop()
        if (!last) return null
        const now = new Set(last.before.map(({ id }) => id))
        const removedRowIds = this.rows.filter(({ id }) => !now.has(id)).map(({ id }) => id)
        this.rows = last.before
        this.changed({ topic: 'pool', ofId: 1 })
        return { rows: last.before, removedRowIds, isChanged: this.#done.length > 0 }
      },
      'pool/undo-state': async () => ({ undo: this.#done.at(-1)?.summary ?? null, redo: null }),
    }
    return calls as Client
  }

  /** Another window's edit when `changed` is called without one of ours under way. */
  take(edit: PoolEdit): DraftChange {
    this.edits.push(edit)
    const before = this.rows
    const change = this.#apply(edit)
    this.#done.push({ before, summary: edit.kind })
    this.changed({ topic: 'pool', ofId: 1 })
    return { ...change, isChanged: true }
  }

  #apply(edit: PoolEdit): Pick<DraftChange, 'rows' | 'removedRowIds'> {
    if (edit.kind === 'add') {
      const behind = this.rows.findIndex(({ id }) => id === edit.afterRowId)
      const at = behind < 0 ? this.rows.length : behind + 1
      const from = this.rows[at - 1]?.position ?? 0
      const room = (this.rows[at]?.position ?? from + 1) - from
      const added = edit.rows.map((row, step) =>
        draftRow(this.#nextId++, row.text.trim(), {
          ...row,
          position: from + (room * (step + 1)) / (edit.rows.length + 1),
          afterHeads: edit.afterHeads,
        }),
      )
      this.rows = this.rows.toSpliced(at, 0, ...added)
      return { rows: added, removedRowIds: [] }
    }
    if (edit.kind === 'remove') {
      this.rows = this.rows.filter(({ id }) => !edit.rowIds.includes(id))
      return { rows: [], removedRowIds: edit.rowIds }
    }
    if (edit.kind === 'change') {
      const { rowId, text, roles, source, afterHeads } = edit
      const parts = Object.entries({ text, roles, source, afterHeads })
      const given = Object.fromEntries(parts.filter(([, part]) => part !== undefined))
      return this.#rewrite((row) => (row.id === rowId ? { ...row, ...given } : row))
    }
    if (edit.kind === 'rewrite') {
      const texts = new Map(edit.rows.map(({ rowId, text }) => [rowId, text]))
      return this.#rewrite((row) => (texts.has(row.id) ? { ...row, text: texts.get(row.id)! } : row))
    }
    throw new Error(`The fake pool does no "${edit.kind}".`)
  }

  #rewrite(change: (row: DraftRow) => DraftRow): Pick<DraftChange, 'rows' | 'removedRowIds'> {
    const before = this.rows
    this.rows = before.map(change)
    return { rows: this.rows.filter((row, at) => row !== before[at]), removedRowIds: [] }
  }
}
