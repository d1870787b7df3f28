/**
 * Reads pools: .txt (a text a line), .csv (columns text, role and source) and .json (texts, or objects with them).
 * Texts keep their spelling; white space around them goes. Of texts that CLIP's tokenizers cannot tell apart the
 * first is kept.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'
import type { PoolWarning } from '../../contract/pool.ts'
import { rolesOfText } from '../store/index.ts'
import { normalised, storable } from './pool-text.ts'

/** What a file says of a text. What it has no column or field for is undefined: it is unknown, not empty. */
export type ReadText = { text: string; roles?: string[]; source?: string; afterHeads?: string[]; line: number }
export type ReadPool = { texts: ReadText[]; warnings: PoolWarning[] }

const JsonRoles = z.union([z.string(), z.array(z.string())]).nullish()
const JsonEntry = z.union([
  z.string(),
  z.object({
    text: z.string(),
    role: JsonRoles,
    roles: JsonRoles,
    source: z.string().optional(),
    afterHeads: z.array(z.string()).optional(),
  }),
])
const JsonPool = z.union([z.array(JsonEntry), z.object({ texts: z.array(JsonEntry) }).transform(({ texts }) => texts)])

/** @throws HeadwiseError when the file is not there, of another kind, damaged, or without texts */
export function readPool(path: string): ReadPool {
  if (!existsSync(path)) throw new HeadwiseError('not-found', `There is no file "${path}".`)
  const name = basename(path)
  return parsePool(readText(path, name), name)
}

/**
 * @param name the file's, whose end tells its kind
 * @throws HeadwiseError when it is of another kind, damaged, or without texts
 */
export function parsePool(content: string, name: string): ReadPool {
  const { texts, warnings } = withoutTwins(entriesOf(content.replace(/^\uFEFF/, ''), name))
  if (texts.length === 0) throw new HeadwiseError('bad-input', `"${name}" must hold at least one text; it has none.`)
  return { texts, warnings }
}

function entriesOf(content: string, name: string): ReadText[] {
  const extension = extname(name).toLowerCase()
  if (extension === '.txt') return content.split(/\r?\n/).map((text, at) => ({ text, line: at + 1 }))
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

function csvEntries(content: string, name: string): ReadText[] {
  let rows: { record: Record<string, string>; info: { lines: number } }[]
  try {
    rows = parse(content, {
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
  return rows.map(({ record, info }) => ({
    text: record.text!,
    roles: listOf(record.role ?? record.roles),
    source: record.source,
    afterHeads: listOf(record.after_heads),
    line: info.lines,
  }))
}

function jsonEntries(content: string, name: string): ReadText[] {
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
  return parsed.data.map((entry, at) => {
    if (typeof entry === 'string') return { text: entry, line: at + 1 }
    const { text, source, afterHeads } = entry
    return { text, roles: listOf(entry.role ?? entry.roles ?? undefined), source, afterHeads, line: at + 1 }
  })
}

/** "place; weather", or a list */
function listOf(written: string | string[] | undefined): string[] | undefined {
  return written === undefined ? undefined : rolesOfText([written].flat().join(';'))
}

function withoutTwins(entries: ReadText[]): { texts: ReadText[]; warnings: PoolWarning[] } {
  const lineOf = new Map<string, number>()
  const texts: ReadText[] = []
  const warnings: PoolWarning[] = []
  for (const entry of entries) {
    const text = storable(entry.text)
    if (text === '') continue
    const key = normalised(text)
    const before = lineOf.get(key)
    if (before === undefined) {
      lineOf.set(key, entry.line)
      texts.push({ ...entry, text, source: entry.source === undefined ? undefined : storable(entry.source) })
    } else warnings.push({ line: entry.line, text, reason: `stands in line ${before} already; left out` })
  }
  return { texts, warnings }
}
