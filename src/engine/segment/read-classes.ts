/** Class names of a file that people wrote: .csv with the columns id and name, a .json list, or .txt with a name a line. */
import { extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'

export type ClassName = { id: string; name: string }

const Id = z.union([z.string(), z.int()]).transform(String)
const Named = z.object({ id: Id, name: z.string() })
const JsonList = z.union([z.array(z.string()).transform(numbered), z.array(Named), z.record(z.string(), z.string())])

/** @throws HeadwiseError 'bad-input' or 'damaged' when it is of another kind, or has an empty name. Some of ImageNet's classes share a name, so that one may come twice. */
export function readClasses(fileName: string, content: string): ClassName[] {
  const classes = entriesOf(fileName, content.replace(/^\uFEFF/, '')).map(({ id, name }) => ({ id, name: name.trim() }))
  if (classes.length < 2) {
    throw new HeadwiseError('bad-input', `"${fileName}" must hold at least two classes; it has ${classes.length}.`)
  }
  const empty = classes.findIndex(({ name }) => name === '')
  if (empty >= 0) throw new HeadwiseError('bad-input', `Class ${empty} of "${fileName}" must have a name; it is empty.`)
  return classes
}

function entriesOf(fileName: string, content: string): ClassName[] {
  const extension = extname(fileName).toLowerCase()
  if (extension === '.csv') return csvEntries(fileName, content)
  if (extension === '.json') return jsonEntries(fileName, content)
  if (extension === '.txt') return numbered(content.split(/\r?\n/).filter((line) => line.trim() !== ''))
  throw new HeadwiseError('bad-input', `Class names are a .csv, .json or .txt file; "${fileName}" is none of them.`)
}

/** Classes without ids have their places. */
function numbered(names: string[]): ClassName[] {
  return names.map((name, at) => ({ id: String(at), name }))
}

function csvEntries(fileName: string, content: string): ClassName[] {
  let rows: Record<string, string>[]
  try {
    rows = parse(content, { columns: true, skip_empty_lines: true, trim: true }) as Record<string, string>[]
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${fileName}" must be a CSV; it cannot be parsed.`, { cause })
  }
  const columns = Object.keys(rows[0] ?? {})
  if (rows.length > 0 && !(columns.includes('id') && columns.includes('name'))) {
    throw new HeadwiseError(
      'bad-input',
      `"${fileName}" must have the columns id and name; its columns are "${columns.join('", "')}".`,
    )
  }
  return rows.map(({ id, name }) => ({ id: id!, name: name! }))
}

function jsonEntries(fileName: string, content: string): ClassName[] {
  let raw: unknown
  try {
    raw = JSON.parse(content)
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${fileName}" must be JSON; it cannot be parsed.`, { cause })
  }
  const parsed = JsonList.safeParse(raw)
  if (!parsed.success) {
    throw new HeadwiseError(
      'bad-input',
      `"${fileName}" must be a list of class names, a list of objects with id and name, or an object of id and name.`,
    )
  }
  if (Array.isArray(parsed.data)) return parsed.data
  return Object.entries(parsed.data).map(([id, name]) => ({ id, name }))
}
