/** How role tags stand in a workspace and in files: "place; weather". */

/** What makes two names of roles, or a tag and a name, the same: neither case nor composition nor white space around them. */
export function nameKey(name: string): string {
  return name.normalize('NFC').trim().toLowerCase()
}

/** Trimmed, each once by its `nameKey`, in their order. */
export function rolesOfText(written: string | null): string[] {
  const tags = new Map<string, string>()
  for (const part of (written ?? '').split(';')) {
    const tag = part.trim()
    const key = nameKey(tag)
    if (tag !== '' && !tags.has(key)) tags.set(key, tag)
  }
  return [...tags.values()]
}

/** @returns null for no tags, as a pool's version keeps it */
export function textOfRoles(roles: string[]): string | null {
  return roles.length === 0 ? null : roles.join('; ')
}
