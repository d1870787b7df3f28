/**
 * CSV files with a column that names image files, Waterbirds' metadata.csv among them. Rows that cannot be taken are
 * listed with their line, never dropped in silence.
 */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, posix, resolve } from 'node:path'
import { parse } from 'csv-parse'
import { HeadwiseError } from '../../contract/errors.ts'
import type { ImportedDataSet, ImportedImage, ImportOptions, ImportProblem } from './types.ts'

const fileColumns = ['file', 'filename', 'file_name', 'path', 'filepath', 'image', 'img_filename']
const labelColumns = ['label', 'class', 'target', 'y']
const splitColumns = ['split']
const waterbirdsColumns = ['img_filename', 'y', 'split', 'place']
const waterbirdsSplits = ['train', 'valid', 'test']

type Row = { cells: Record<string, string>; line: number }

/** @param path the CSV; image paths are relative to its folder */
export async function readTable(path: string, { signal, onProgress }: ImportOptions = {}): Promise<ImportedDataSet> {
  const root = dirname(resolve(path))
  const name = basename(path)
  const { header, rows } = await readRows(path, signal)
  const isWaterbirds = waterbirdsColumns.every((column) => header.includes(column))
  const fileColumn = columnOf(header, fileColumns)
  if (!fileColumn) {
    throw new HeadwiseError(
      'bad-input',
      `"${name}" must have a column that names the image files (${fileColumns.join(', ')}); its columns are "${header.join('", "')}".`,
    )
  }
  const labelColumn = columnOf(header, labelColumns)
  const splitColumn = columnOf(header, splitColumns)
  const columns = header.filter((column) => column !== fileColumn && column !== labelColumn && column !== splitColumn)
  const images: ImportedImage[] = []
  const problems: ImportProblem[] = []
  const lineOf = new Map<string, number>()
  for (const { cells, line } of rows) {
    signal?.throwIfAborted()
    const where = `${name} line ${line}`
    const place = await locate(root, cells[fileColumn] ?? '', lineOf)
    if ('reason' in place) {
      problems.push({ where, reason: place.reason })
      continue
    }
    lineOf.set(place.path, line)
    const split = splitColumn ? cells[splitColumn]! : ''
    images.push({
      path: place.path,
      label: (labelColumn && cells[labelColumn]) || null,
      split: (isWaterbirds ? (waterbirdsSplits[Number(split)] ?? split) : split) || null,
      attributes: Object.fromEntries(columns.map((column) => [column, cells[column] ?? ''])),
      sizeBytes: place.sizeBytes,
      modifiedMs: place.modifiedMs,
    })
    onProgress?.(images.length)
  }
  if (images.length === 0) throw emptyTable(name, rows.length, problems)
  return { kind: isWaterbirds ? 'waterbirds' : 'csv', root, columns, images, problems }
}

function emptyTable(name: string, rowCount: number, problems: ImportProblem[]): HeadwiseError {
  const first = problems[0] ? ` The first: ${problems[0].where}: ${problems[0].reason}` : ''
  return new HeadwiseError(
    'bad-input',
    `"${name}" must name at least one image that is there; none of its ${rowCount} rows does.${first}`,
  )
}

async function readRows(path: string, signal?: AbortSignal): Promise<{ header: string[]; rows: Row[] }> {
  const delimiter = await delimiterOf(path)
  let header: string[] = []
  const rows: Row[] = []
  const parser = createReadStream(path, { signal }).pipe(
    parse({
      bom: true,
      delimiter,
      info: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
      columns: (cells: string[]) => (header = uniqueHeader(cells, path)),
    }),
  )
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>
      info: { lines: number }
    }>) {
      rows.push({ cells: record, line: info.lines })
    }
  } catch (cause) {
    if (cause instanceof HeadwiseError || signal?.aborted) throw cause
    throw new HeadwiseError('damaged', `"${basename(path)}" must be a CSV file: ${(cause as Error).message}.`, {
      cause,
    })
  }
  return { header, rows }
}

function uniqueHeader(cells: string[], path: string): string[] {
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at)
  if (twice === undefined) return cells
  throw new HeadwiseError('damaged', `"${basename(path)}" must name each column once; "${twice}" stands twice.`)
}

/** The delimiter that stands most often in the first line. */
async function delimiterOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65536), 0, 65536, 0)
    const line = buffer.toString('utf8', 0, bytesRead).split('\n')[0]!
    const count = (delimiter: string) => line.split(delimiter).length
    return [',', '\t', ';'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
  } finally {
    await file.close()
  }
}

function columnOf(header: string[], names: string[]): string | undefined {
  for (const name of names) {
    const found = header.find((column) => column.toLowerCase() === name)
    if (found !== undefined) return found
  }
  return undefined
}

type Place = { path: string; sizeBytes: number; modifiedMs: number } | { reason: string }

async function locate(root: string, written: string, lineOf: Map<string, number>): Promise<Place> {
  if (written === '') return { reason: 'It names no file.' }
  const path = posix.normalize(written.replaceAll('\\', '/'))
  if (
    isAbsolute(written) ||
    posix.isAbsolute(path) ||
    path === '..' ||
    path.startsWith('../') ||
    written.includes('\0')
  ) {
    return { reason: `"${written}" must lie inside the data set's folder.` }
  }
  const before = lineOf.get(path)
  if (before !== undefined) return { reason: `"${written}" stands in line ${before} already.` }
  const found = await stat(resolve(root, path)).catch(() => undefined)
  if (!found?.isFile()) return { reason: `There is no file "${written}".` }
  return { path, sizeBytes: found.size, modifiedMs: found.mtimeMs }
}
