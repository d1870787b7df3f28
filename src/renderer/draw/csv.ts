/**
 * Tables as CSV. The first lines, each beginning with "# ", say where the numbers come from; the very first says how
 * many they are, so that readers can skip them (pandas: skiprows). Cells that a spreadsheet would take for a formula
 * get an apostrophe in front.
 */
export type CsvTable = { columns: string[]; rows: (string | number | null)[][] }

export function csvOf({ columns, rows }: CsvTable, provenance: string[]): string {
  const heads = provenance.map((fact) => `# ${fact.replace(/\s+/g, ' ')}`)
  const lines = [columns, ...rows].map((row) => row.map(cell).join(','))
  return `${[`# Headwise: ${heads.length + 1} lines of provenance, then the table`, ...heads, ...lines].join('\r\n')}\r\n`
}

function cell(content: string | number | null): string {
  if (content === null) return ''
  if (typeof content === 'number') return String(content)
  const safe = /^[=+\-@\t\r]/.test(content) ? `'${content}` : content
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}
