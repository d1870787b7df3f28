/**
 * Makes the starter pool from the word lists beside this file: node resources/pools/source/build-starter.ts
 * Every word goes into every template of its group, then come the group's own sentences. Nothing is random.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type WordGroup = { role: string; templates: string[]; words: string[]; texts: string[] }
export type PoolRow = { text: string; role: string }

export function starterPool(groups: WordGroup[]): PoolRow[] {
  const seen = new Set<string>()
  return groups.flatMap(({ role, templates, words, texts }) => {
    const filled = templates.flatMap((template) => words.map((word) => capitalised(template.replace('{}', word))))
    return [...filled, ...texts]
      .filter((text) => !seen.has(text.toLowerCase()) && seen.add(text.toLowerCase()))
      .map((text) => ({ text, role }))
  })
}

export function toCsv(rows: PoolRow[]): string {
  const cell = (content: string) => (/[",]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content)
  return ['text,role', ...rows.map(({ text, role }) => `${cell(text)},${role}`)].join('\n') + '\n'
}

export function readGroups(): WordGroup[] {
  const content = readFileSync(join(import.meta.dirname, 'word-lists.json'), 'utf8')
  return (JSON.parse(content) as { groups: WordGroup[] }).groups
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '..', 'starter.csv'), toCsv(starterPool(readGroups())))
