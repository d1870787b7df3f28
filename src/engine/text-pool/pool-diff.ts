/** What became of a pool's texts from one version to another. Texts are the same when they are spelt the same. */
import type { PoolDiff, PoolText } from '../../contract/pool.ts'

/** Everything in the order of the version that it is read from. */
export function diffPools(from: PoolText[], to: PoolText[]): PoolDiff {
  const before = new Map(from.map((text) => [text.id, text]))
  const after = new Set(to.map(({ id }) => id))
  const both = to.filter(({ id }) => before.has(id)).map((text) => ({ before: before.get(text.id)!, after: text }))
  const changed = both.filter((pair) => notesOf(pair.before) !== notesOf(pair.after))
  return {
    added: to.filter(({ id }) => !before.has(id)),
    removed: from.filter(({ id }) => !after.has(id)),
    changed,
    unchanged: both.length - changed.length,
  }
}

function notesOf({ roles, source }: PoolText): string {
  return JSON.stringify([roles, source])
}
