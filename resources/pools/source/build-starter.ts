/**
 * Makes the starter pool from the word lists beside this file: node resources/pools/source/build-starter.ts
 * The words of a group take its templates in turn (word i goes into template i mod the number of templates), then come
 * the group's own sentences. Words that are meant to be compared (colors, numbers, letters, countries, ...) stand in groups
 * of one template, so that such texts differ in the word alone. Nothing is random. Apart from the article before a word,
 * good English is up to the lists.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a text is about. `texture` holds materials too, `action` sports and events, `time` seasons and eras. */
export const starterRoles = [
  'place',
  'country',
  'building',
  'texture',
  'color',
  'shape',
  'count',
  'position',
  'people',
  'clothing',
  'animals',
  'plants',
  'food',
  'object',
  'vehicle',
  'action',
  'weather',
  'time',
  'light',
  'art',
  'camera',
  'emotion',
  'letters',
  'abstract',
] as const
export type StarterRole = (typeof starterRoles)[number]

/** `templates` have one `{}` each; an "a" right before it becomes "an" where the word asks for it. */
export type WordGroup = { role: StarterRole; templates: string[]; words: string[]; texts: string[] }
export type WordLists = { groups: WordGroup[] }
export type PoolRow = { text: string; role: StarterRole }

/**
 * @returns the rows of starter.csv in the order of the lists
 * @throws Error when a text stands there twice (letter case and white space aside), or a template has no place for a word
 */
export function starterPool({ groups }: WordLists): PoolRow[] {
  const rows = groups.flatMap((group) => [...filled(group), ...group.texts].map((text) => ({ text, role: group.role })))
  const seen = new Set<string>()
  for (const { text, role } of rows) {
    const key = text.toLowerCase().replace(/\s+/g, ' ').trim()
    if (seen.has(key)) throw new Error(`Every text must stand in the lists once; "${text}" (${role}) does twice.`)
    seen.add(key)
  }
  return rows
}

/** "a" or "an", as the first sound of `word` asks; a lone capital is read as a letter's name ("an L", "a U"). */
export function articleFor(word: string): 'a' | 'an' {
  if (/^[A-Z](?![a-z])/.test(word)) return /^[AEFHILMNORSX]/.test(word) ? 'an' : 'a'
  if (/^(8|1[18](?!\d))/.test(word)) return 'an'
  if (/^(uni(?!n|m)|use|usu|euro|eu|ewe|ukulele|one\b|once\b)/i.test(word)) return 'a'
  if (/^(hour|honest|honou?r|heir)/i.test(word)) return 'an'
  return /^[aeiou]/i.test(word) ? 'an' : 'a'
}

export function toCsv(rows: PoolRow[]): string {
  const cell = (content: string) => (/[",]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content)
  return ['text,role', ...rows.map(({ text, role }) => `${cell(text)},${cell(role)}`)].join('\n') + '\n'
}

export function readWordLists(): WordLists {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'word-lists.json'), 'utf8')) as WordLists
}

function filled({ role, templates, words }: WordGroup): string[] {
  const unusable = templates.find((template) => template.split('{}').length !== 2)
  if (unusable !== undefined || (words.length > 0 && templates.length === 0)) {
    throw new Error(`A template of "${role}" must have one {}; got "${unusable ?? 'no template'}".`)
  }
  return words.map((word, at) => capitalised(withWord(templates[at % templates.length]!, word)))
}

function withWord(template: string, word: string): string {
  const withArticle = template.replace(/\b(a) \{\}/i, (_, article: string) => {
    return `${article}${articleFor(word).slice(1)} {}`
  })
  return withArticle.replace('{}', word)
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, '..', 'starter.csv'), toCsv(starterPool(readWordLists())))
}
