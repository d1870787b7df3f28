/** Numbers and tables as people read them. */
import Table from 'cli-table3'

/** A share of 1 as a percentage: 31 %, 0.4 %. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent >= 9.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`
}

export function formatAccuracy(share: number): string {
  return share.toFixed(3)
}

/** 3e-7 */
export function formatError(error: number): string {
  return error === 0 ? '0' : error.toExponential(0)
}

export function formatRate(perSecond: number): string {
  return perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1)
}

export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} KB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

export type Cell = string | number

/** Numbers to the right, text to the left, no lines. */
export function formatTable(head: string[], rows: Cell[][]): string {
  const none = ''
  const chars = {
    top: none,
    'top-mid': none,
    'top-left': none,
    'top-right': none,
    bottom: none,
    'bottom-mid': none,
    'bottom-left': none,
    'bottom-right': none,
    left: none,
    'left-mid': none,
    mid: none,
    'mid-mid': none,
    right: none,
    'right-mid': none,
    middle: '  ',
  }
  const colAligns = head.map(
    (_, column) => (rows.every((row) => isNumeric(row[column])) ? 'right' : 'left') as 'left' | 'right',
  )
  const table = new Table({
    head,
    chars,
    colAligns,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => row.map(String)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function isNumeric(cell: Cell | undefined): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && /^[\d.,e+-]+( %)?$/.test(cell))
}
