/**
 * Pools as files: .txt (texts alone), .csv and .json (with roles, sources and marks). What is written is read back the
 * same by `parsePool`. Cells of CSV are quoted where they must be and otherwise left as they are: a mark against formulas
 * of spreadsheets would become part of the text.
 */
import type { poolFormats } from '../../contract/pool.ts'
import { type PoolContent, textOfRoles } from '../store/index.ts'

export type PoolFormat = (typeof poolFormats)[number]
/** Of what the texts are, for the file that says so. */
export type PoolTitle = { pool: string; version: number | null; hash: string | null }

export function formatPool(texts: PoolContent[], format: PoolFormat, title: PoolTitle): string {
  if (format === 'txt') return lines(texts.map(({ text }) => text.replace(/\s*[\r\n]+\s*/g, ' ')))
  if (format === 'csv') return csv(texts)
  const rows = texts.map(({ text, roles, source, afterHeads }) => ({ text, roles, source, afterHeads }))
  return `${JSON.stringify({ ...title, texts: rows }, null, 2)}\n`
}

function csv(texts: PoolContent[]): string {
  const hasMarks = texts.some(({ afterHeads }) => afterHeads.length > 0)
  const header = ['text', 'role', 'source', ...(hasMarks ? ['after_heads'] : [])]
  const rows = texts.map(({ text, roles, source, afterHeads }) => [
    text,
    textOfRoles(roles) ?? '',
    source,
    ...(hasMarks ? [afterHeads.join('; ')] : []),
  ])
  return lines([header, ...rows].map((cells) => cells.map(cell).join(',')))
}

/** Quoted by RFC 4180; line breaks and quotes stay as they are inside. */
function cell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function lines(rows: string[]): string {
  return rows.map((row) => `${row}\n`).join('')
}
