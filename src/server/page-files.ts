/** The built page, read once into memory: a few hundred kilobytes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { HeadwiseError } from '../contract/errors.ts'

export type PageFile = { type: string; content: Uint8Array }

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** URL path -> file. @throws HeadwiseError 'not-found' when the page was not built */
export function readPage(folder: string): Map<string, PageFile> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new HeadwiseError('not-found', `The built page must be in "${folder}"; "npm run build:renderer" makes it.`)
  }
  const files = new Map<string, PageFile>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || !type) continue
    const path = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { type, content: readFileSync(path) })
  }
  return files
}
