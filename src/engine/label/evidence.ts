/** What the texts that TEXTSPAN chose for a head say of its role. It is shown beside labels and never fills one in. */
import type { Evidence } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { nameKey } from '../store/index.ts'
import { rolesByKey } from './role-names.ts'

/**
 * Splits the share of variance that each text adds (the difference of `explained` to the step before) among the text's
 * role tags, in equal parts. Shares, `untagged` and `unexplained` add up to 1.
 * @param tagsOf role tags by text id, each once; texts that are not in it have none
 * @param roles  the taxonomy, for the roles that tags name
 */
export function evidenceOf(
  { layer, head, steps }: DescribedHead,
  tagsOf: ReadonlyMap<number, string[]>,
  roles: Role[],
): Evidence {
  const known = rolesByKey(roles)
  const shares = new Map<string, { role: string; roleId: number | null; share: number }>()
  let untagged = 0
  let explained = 0
  for (const step of steps) {
    const added = Math.max(0, step.explained - explained)
    explained = Math.max(explained, step.explained)
    const tags = tagsOf.get(step.textId) ?? []
    if (tags.length === 0) untagged += added
    for (const tag of tags) {
      const key = nameKey(tag)
      const entry = shares.get(key) ?? { role: tag, roleId: known.get(key)?.id ?? null, share: 0 }
      shares.set(key, { ...entry, share: entry.share + added / tags.length })
    }
  }
  // Sums of differences may pass 1 in the last digit.
  const within = (share: number) => Math.min(1, share)
  return {
    layer,
    head,
    shares: [...shares.values()]
      .map((entry) => ({ ...entry, share: within(entry.share) }))
      .sort((a, b) => b.share - a.share || (nameKey(a.role) < nameKey(b.role) ? -1 : 1)),
    untagged: within(untagged),
    unexplained: 1 - explained,
  }
}
