/** How far two annotators agree on the roles of heads, and where they do not. */
import type { Agreement, Dispute, Label } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'

/**
 * Cohen's kappa over the heads that both gave a role: (p_o - p_e) / (1 - p_e), with p_o the share of heads of equal
 * role and p_e = sum over roles of the product of both annotators' shares (Cohen 1960, A coefficient of agreement for
 * nominal scales). It is worked out in whole numbers, (n a - s) / (n^2 - s) with s = n^2 p_e, so that nothing is
 * rounded before the division.
 * @param first   one label a head at most
 * @param second  the same of the other annotator
 * @param roles   in the order in which they are to stand in the table
 */
export function agreementOf(first: Label[], second: Label[], roles: Role[]): Agreement {
  const pairs = pairsOf(first, second)
  const rated = pairs.filter((pair) => pair.first.roleId !== null && pair.second.roleId !== null)
  const occurring = new Set(rated.flatMap((pair) => [pair.first.roleId!, pair.second.roleId!]))
  const roleIds = roles.map(({ id }) => id).filter((id) => occurring.has(id))
  const size = roleIds.length
  const place = new Map(roleIds.map((id, at) => [id, at]))
  const counts = new Int32Array(size * size)
  for (const pair of rated) counts[place.get(pair.first.roleId!)! * size + place.get(pair.second.roleId!)!]! += 1
  const agreed = roleIds.reduce((sum, _, at) => sum + counts[at * size + at]!, 0)
  return {
    heads: rated.length,
    agreed,
    kappa: kappaOf(counts, size),
    roleIds,
    counts,
    disputes: pairs.filter(isDisputed),
  }
}

/** @param counts [size, size]; @returns null where chance alone agrees always, or nothing was counted */
function kappaOf(counts: Int32Array, size: number): number | null {
  let [heads, agreed, byChance] = [0, 0, 0]
  for (let a = 0; a < size; a++) {
    let [row, column] = [0, 0]
    for (let b = 0; b < size; b++) {
      row += counts[a * size + b]!
      column += counts[b * size + a]!
    }
    heads += row
    agreed += counts[a * size + a]!
    byChance += row * column
  }
  const most = heads * heads
  return byChance === most ? null : (heads * agreed - byChance) / (most - byChance)
}

/** Heads that both have a label of, by layer and head. */
function pairsOf(first: Label[], second: Label[]): Dispute[] {
  const keyOf = ({ layer, head }: Label) => `${layer}.${head}`
  const others = new Map(second.map((label) => [keyOf(label), label]))
  return first
    .flatMap((label) => {
      const other = others.get(keyOf(label))
      return other ? [{ layer: label.layer, head: label.head, first: label, second: other }] : []
    })
    .sort((a, b) => a.layer - b.layer || a.head - b.head)
}

function isDisputed({ first, second }: Dispute): boolean {
  if (first.state === 'disputed' || second.state === 'disputed') return true
  return first.roleId !== null && second.roleId !== null && first.roleId !== second.roleId
}
