/** The built page, read once into memory: a few megabytes at most. Only files that were listed can be asked for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'

export type PageFile = { type: string; content: Uint8Array<ArrayBuffer> }

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
  addFolder(files, folder, '')
  return files
}

/** The page's own address is "/". */
export function pageFileAt(files: Map<string, PageFile>, urlPath: string): PageFile | undefined {
  return files.get(urlPath === '/' ? '/index.html' : urlPath)
}

/** Folder by folder: inside a packed program the folders of the archive are listed no other way. */
function addFolder(files: Map<string, PageFile>, folder: string, urlPath: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const url = `${urlPath}/${entry.name}`
    const type = types[extname(entry.name)]
    if (entry.isDirectory()) addFolder(files, path, url)
    else if (entry.isFile() && type) files.set(url, { type, content: new Uint8Array(readFileSync(path)) })
  }
}
