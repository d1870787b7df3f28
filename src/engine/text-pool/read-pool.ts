/**
 * Reads pools: .txt (a text a line), .csv (columns text and role) and .json (texts, or objects with text and role).
 * Texts keep their spelling; white space around them goes. Of texts that CLIP's tokenizers cannot tell apart the
 * first is kept.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'
import type { PoolWarning } from '../../contract/pool.ts'
import type { NewPoolText } from '../store/index.ts'

export type ReadPool = { texts: NewPoolText[]; warnings: PoolWarning[]; hash: string }

const JsonEntry = z.union([z.string(), z.object({ text: z.string(), role: z.string().nullish() })])
const JsonPool = z.union([z.array(JsonEntry), z.object({ texts: z.array(JsonEntry) }).transform(({ texts }) => texts)])

/** @throws HeadwiseError when the file is not there, of another kind, damaged, or without texts */
export function readPool(path: string): ReadPool {
  if (!existsSync(path)) throw new HeadwiseError('not-found', `There is no file "${path}".`)
  const name = basename(path)
  const { texts, warnings } = withoutTwins(entriesOf(path, name))
  if (texts.length === 0) throw new HeadwiseError('bad-input', `"${name}" must hold at least one text; it has none.`)
  return { texts, warnings, hash: hashOf(texts) }
}

function entriesOf(path: string, name: string): NewPoolText[] {
  const content = readText(path, name)
  const extension = extname(path).toLowerCase()
  if (extension === '.txt') return content.split(/\r?\n/).map((text, at) => ({ text, role: null, line: at + 1 }))
  if (extension === '.csv') return csvEntries(content, name)
  if (extension === '.json') return jsonEntries(content, name)
  throw new HeadwiseError('bad-input', `A pool is a .txt, .csv or .json file; "${name}" is none of them.`)
}

function readText(path: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${name}" must be UTF-8 text; it is not.`, { cause })
  }
}

function csvEntries(content: string, name: string): NewPoolText[] {
  let rows: { record: Record<string, string>; info: { lines: number } }[]
  try {
    rows = parse(content, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof rows
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${name}" must be a CSV file: ${(cause as Error).message}.`, { cause })
  }
  const columns = Object.keys(rows[0]?.record ?? {})
  if (rows.length > 0 && !columns.includes('text')) {
    throw new HeadwiseError(
      'bad-input',
      `"${name}" must have a column "text"; its columns are "${columns.join('", "')}".`,
    )
  }
  return rows.map(({ record, info }) => ({ text: record.text!, role: record.role || null, line: info.lines }))
}

function jsonEntries(content: string, name: string): NewPoolText[] {
  let raw: unknown
  try {
    raw = JSON.parse(content)
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${name}" must be JSON; it cannot be parsed.`, { cause })
  }
  const parsed = JsonPool.safeParse(raw)
  if (!parsed.success) {
    throw new HeadwiseError('bad-input', `"${name}" must be a list of texts, or of objects with "text" and "role".`)
  }
  return parsed.data.map((entry, at) =>
    typeof entry === 'string'
      ? { text: entry, role: null, line: at + 1 }
      : { text: entry.text, role: entry.role ?? null, line: at + 1 },
  )
}

function withoutTwins(entries: NewPoolText[]): { texts: NewPoolText[]; warnings: PoolWarning[] } {
  const lineOf = new Map<string, number>()
  const texts: NewPoolText[] = []
  const warnings: PoolWarning[] = []
  for (const entry of entries) {
    const text = entry.text.trim()
    if (text === '') continue
    const key = normalised(text)
    const before = lineOf.get(key)
    if (before === undefined) {
      lineOf.set(key, entry.line)
      texts.push({ ...entry, text })
    } else warnings.push({ line: entry.line, text, reason: `stands in line ${before} already; left out` })
  }
  return { texts, warnings }
}

/** What CLIP's tokenizers see: lower case, composed, white space closed up. */
export function normalised(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim()
}

function hashOf(texts: NewPoolText[]): string {
  const hash = createHash('sha256')
  for (const { text, role } of texts) hash.update(JSON.stringify([text, role]))
  return hash.digest('hex')
}
