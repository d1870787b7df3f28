/** Where a result's texts were chosen, and how two results differ head by head. */
import type { TextUse } from '../../contract/pool.ts'
import type { DescribedHead, HeadChange, TextSpan } from '../../contract/text-span.ts'

/**
 * `share` is what a step adds to the explained variance of its head; `weight` the sum of share x variance over the
 * heads that chose the text, divided by the sum of the variances of all described heads.
 * @returns heaviest first
 */
export function textUses(heads: DescribedHead[]): TextUse[] {
  const whole = heads.reduce((sum, { variance }) => sum + variance, 0)
  const uses = new Map<number, TextUse>()
  for (const { layer, head, variance, steps } of heads) {
    let before = 0
    steps.forEach(({ textId, text, explained }, step) => {
      const share = Math.max(0, explained - before)
      before = explained
      const use = uses.get(textId) ?? { textId, text, heads: [], weight: 0 }
      use.heads.push({ layer, head, step, share })
      if (whole > 0) use.weight += (share * variance) / whole
      uses.set(textId, use)
    })
  }
  const all = [...uses.values()].map((use) => ({ ...use, weight: Math.min(1, use.weight) }))
  return all.sort((a, b) => b.weight - a.weight)
}

/** Heads that both describe, in the order of `before`. */
export function headChanges(before: DescribedHead[], after: DescribedHead[]): HeadChange[] {
  const afterByPlace = new Map(after.map((head) => [`${head.layer} ${head.head}`, head]))
  return before.flatMap((was) => {
    const is = afterByPlace.get(`${was.layer} ${was.head}`)
    return is ? [headChange(was, is)] : []
  })
}

function headChange(was: DescribedHead, is: DescribedHead): HeadChange {
  const stepBefore = new Map(was.steps.map(({ textId }, step) => [textId, step]))
  const stepAfter = new Map(is.steps.map(({ textId }, step) => [textId, step]))
  return {
    layer: was.layer,
    head: was.head,
    before: was.steps.at(-1)?.explained ?? 0,
    after: is.steps.at(-1)?.explained ?? 0,
    gained: is.steps.filter(({ textId }) => !stepBefore.has(textId)).map(({ text }) => text),
    lost: was.steps.filter(({ textId }) => !stepAfter.has(textId)).map(({ text }) => text),
    moved: is.steps.filter(({ textId }, step) => (stepBefore.get(textId) ?? step) !== step).length,
  }
}

/** Settings that two results do not share, in words: "pool version 1 and 2". */
export function differingSettings(before: TextSpan, after: TextSpan): string[] {
  const pairs: [string, string | number, string | number][] = [
    ['run', before.runId, after.runId],
    ['last layers', before.layers, after.layers],
    ['m', before.texts, after.texts],
    ['rank', before.rank, after.rank],
    ['filter', filterWords(before), filterWords(after)],
    ['images', before.images, after.images],
    ['program version', before.programVersion, after.programVersion],
  ]
  const differing = pairs.filter(([, was, is]) => was !== is).map(([name, was, is]) => `${name} ${was} and ${is}`)
  return [...poolDifference(before, after), ...differing]
}

function poolDifference(before: TextSpan, after: TextSpan): string[] {
  if (before.poolVersionId === after.poolVersionId) return []
  if (before.poolId === after.poolId) return [`pool version ${before.poolVersion} and ${after.poolVersion}`]
  return [
    `pool "${before.poolName}" version ${before.poolVersion} and "${after.poolName}" version ${after.poolVersion}`,
  ]
}

/** "split test, place water"; "none" for all images */
function filterWords({ filter: { split, label, path, attributes = {} } }: TextSpan): string {
  const parts = [
    ...(split === undefined ? [] : [`split ${split}`]),
    ...(label === undefined ? [] : [`label ${label}`]),
    ...(path === undefined ? [] : [`path "${path}"`]),
    ...Object.entries(attributes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, content]) => `${name} ${content}`),
  ]
  return parts.join(', ') || 'none'
}
