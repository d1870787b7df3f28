/** What lies on disk, as far as names and a short look inside tell. */
import { type Dirent, existsSync, opendirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, extname, join, resolve, sep } from 'node:path'
import type { PlaceEntry, PlaceKind } from '../../contract/app.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { imageExtensions } from '../dataset/index.ts'

const kindsByExtension: Record<string, PlaceKind> = {
  '.headwise': 'workspace',
  '.csv': 'table',
  '.mat': 'mat',
  '.txt': 'pool',
  '.json': 'pool',
}

/** Entries of a folder, and folders of it, that are looked at to tell what it is. */
const mostEntriesLookedAt = 200
const mostFoldersLookedInto = 3
/** Images lie in split/class/ at most; a list of folders is not worth looking into each of them. */
const deepestLook = 2

export function inspectPlace(path: string): PlaceEntry {
  const place = absolute(path)
  const found = statSync(place, { throwIfNoEntry: false })
  if (!found) throw new HeadwiseError('not-found', `There is no folder or file "${place}".`)
  const kind = found.isDirectory() ? folderKind(place, deepestLook) : fileKind(place)
  return { name: basename(place) || place, path: place, kind }
}

/** Folders first, then files that Headwise can read, both by name; hidden ones are left out. */
export function listFolder(path = homedir()): { path: string; parent: string | null; entries: PlaceEntry[] } {
  const folder = absolute(path)
  const shown = entriesOf(folder).filter(({ name }) => !name.startsWith('.'))
  const folders: PlaceEntry[] = []
  const files: PlaceEntry[] = []
  for (const entry of shown.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))) {
    const place = join(folder, entry.name)
    if (isFolder(entry, place)) folders.push({ name: entry.name, path: place, kind: folderKind(place, 0) })
    else if (kindsByExtension[extensionOf(entry.name)]) {
      files.push({ name: entry.name, path: place, kind: fileKind(place) })
    }
  }
  const parent = dirname(folder)
  return { path: folder, parent: parent === folder ? null : parent, entries: [...folders, ...files] }
}

/** "~" is the home folder, as in a shell. */
export function absolute(path: string): string {
  const trimmed = path.trim()
  if (trimmed === '~') return homedir()
  return resolve(
    trimmed.startsWith(`~${sep}`) || trimmed.startsWith('~/') ? join(homedir(), trimmed.slice(2)) : trimmed,
  )
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new HeadwiseError('not-found', `There is no folder "${folder}".`)
    if (code === 'ENOTDIR') throw new HeadwiseError('bad-input', `"${folder}" must be a folder; it is a file.`)
    throw new HeadwiseError('disk', `The folder "${folder}" cannot be read (${code ?? String(error)}).`)
  }
}

/** A link counts as what it leads to; one that leads nowhere is no folder. */
function isFolder(entry: Dirent, place: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}

function fileKind(path: string): PlaceKind {
  return kindsByExtension[extensionOf(path)] ?? 'file'
}

function folderKind(folder: string, depth: number): PlaceKind {
  const has = (name: string) => existsSync(join(folder, name))
  if (has('open_clip_config.json') || (has('config.json') && has('model.safetensors'))) return 'model'
  return has('metadata.csv') || holdsImages(folder, depth) ? 'images' : 'folder'
}

function holdsImages(folder: string, depth: number): boolean {
  const entries = firstEntries(folder)
  if (entries.some((entry) => entry.isFile() && imageExtensions.includes(extensionOf(entry.name)))) return true
  if (depth === 0) return false
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return folders.slice(0, mostFoldersLookedInto).some(({ name }) => holdsImages(join(folder, name), depth - 1))
}

/** None of a folder that may not be read. */
function firstEntries(folder: string): Dirent[] {
  const entries: Dirent[] = []
  try {
    const opened = opendirSync(folder)
    try {
      for (let entry = opened.readSync(); entry && entries.length < mostEntriesLookedAt; entry = opened.readSync()) {
        entries.push(entry)
      }
    } finally {
      opened.closeSync()
    }
  } catch {
    return entries
  }
  return entries
}

function extensionOf(name: string): string {
  return extname(name).toLowerCase()
}
