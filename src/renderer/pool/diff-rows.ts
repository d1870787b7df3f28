/** The difference of two versions as the rows of a table. */
import type { PoolDiff, PoolText } from '../../contract/pool.ts'

export type DiffRow = {
  key: string
  kind: 'added' | 'removed' | 'changed'
  text: string
  before: PoolText | undefined
  after: PoolText | undefined
}

export function diffRows({ added, removed, changed }: PoolDiff): DiffRow[] {
  return [
    ...added.map((after): DiffRow => ({
      key: `+${after.id}`,
      kind: 'added',
      text: after.text,
      before: undefined,
      after,
    })),
    ...removed.map((before): DiffRow => ({
      key: `-${before.id}`,
      kind: 'removed',
      text: before.text,
      before,
      after: undefined,
    })),
    ...changed.map(({ before, after }): DiffRow => ({
      key: `=${after.id}`,
      kind: 'changed',
      text: after.text,
      before,
      after,
    })),
  ]
}
