/** How role tags and names in packs find the roles of the taxonomy. */
import type { Role } from '../../contract/role.ts'
import { nameKey } from '../store/index.ts'

/** Name keys -> roles; roles in use come before retired ones. */
export function rolesByKey(roles: Role[]): Map<string, Role> {
  const byKey = new Map<string, Role>()
  for (const role of [...roles].sort((a, b) => Number(a.isRetired) - Number(b.isRetired))) {
    if (!byKey.has(nameKey(role.name))) byKey.set(nameKey(role.name), role)
  }
  return byKey
}
