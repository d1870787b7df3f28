/** What the program remembers beside its workspaces. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScreenMemory } from '../../../../src/engine/desk/memory.ts'
import { absolute, inspectPlace, listFolder } from '../../../../src/engine/desk/places.ts'
import { RecentWorkspaces } from '../../../../src/engine/desk/recent.ts'
import { RestartDelay } from '../../../../src/engine/desk/restart-delay.ts'
import { type Place, sampleFolder, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeEach(() => {
  place = temporaryFolder()
})
afterEach(() => place.remove())

describe('recent workspaces', () => {
  it('are newest first, at most ten, and say which are gone', () => {
    const recent = new RecentWorkspaces(place.folder)
    expect(recent.list()).toEqual([])
    const there = join(place.folder, 'there.headwise')
    writeFileSync(there, 'four')
    for (let at = 0; at < 12; at++) recent.add(`/gone/${at}.headwise`, at)
    recent.add(there, 100)
    recent.add('/gone/5.headwise', 101)
    expect(recent.list()).toHaveLength(10)
    expect(recent.list().slice(0, 3)).toEqual([
      { path: '/gone/5.headwise', openedMs: 101, isPresent: false, sizeBytes: 0 },
      { path: there, openedMs: 100, isPresent: true, sizeBytes: 4 },
      { path: '/gone/11.headwise', openedMs: 11, isPresent: false, sizeBytes: 0 },
    ])
    recent.forget(there)
    expect(recent.list().map(({ path }) => path)).not.toContain(there)
  })

  it('that a crash left half written are none, and the next is kept', () => {
    writeFileSync(join(place.folder, 'recent.json'), '[{"path": "/a.he')
    const recent = new RecentWorkspaces(place.folder)
    expect(recent.list()).toEqual([])
    recent.add('/a.headwise', 1)
    expect(recent.list().map(({ path }) => path)).toEqual(['/a.headwise'])
    expect(readdirSync(place.folder)).toEqual(['recent.json'])
  })
})

describe('what screens remember', () => {
  it('is kept by workspace and key, and survives the program', () => {
    const memory = new ScreenMemory(place.folder)
    memory.remember('/a.headwise', 'filter', { split: 'train' })
    memory.remember('/a.headwise', 'widths', [1, 2])
    memory.remember(null, 'theme', 'dark')
    memory.remember('/a.headwise', 'filter', null)
    expect(new ScreenMemory(place.folder).recall('/a.headwise')).toEqual({ widths: [1, 2] })
    expect(memory.recall('/b.headwise')).toEqual({})
    expect(memory.recall(null)).toEqual({ theme: 'dark' })
  })

  it('is at most 64 KB', () => {
    const memory = new ScreenMemory(place.folder)
    memory.remember('/a.headwise', 'small', 1)
    expect(() => memory.remember('/a.headwise', 'large', 'x'.repeat(65_536))).toThrow(
      'What screens remember must be at most 65536 bytes; with "large" it would be 65558.',
    )
    expect(memory.recall('/a.headwise')).toEqual({ small: 1 })
  })
})

describe('places on disk', () => {
  it('are told apart by a look inside', () => {
    const kind = (...parts: string[]) => inspectPlace(join(...parts)).kind
    expect(kind(sampleFolder, 'model')).toBe('model')
    expect(kind(sampleFolder, 'scenes')).toBe('images')
    expect(kind(sampleFolder, 'birds')).toBe('images')
    expect(kind(sampleFolder, 'birds', 'metadata.csv')).toBe('table')
    expect(kind(sampleFolder, 'segmentation.mat')).toBe('mat')
    expect(kind(sampleFolder, 'pool.txt')).toBe('pool')
    expect(kind(place.folder)).toBe('folder')
    mkdirSync(join(place.folder, 'set', 'train', 'owl'), { recursive: true })
    writeFileSync(join(place.folder, 'set', 'train', 'owl', '1.JPG'), '')
    expect(kind(place.folder, 'set')).toBe('images')
    mkdirSync(join(place.folder, 'clip'))
    writeFileSync(join(place.folder, 'clip', 'config.json'), '{}')
    expect(kind(place.folder, 'clip')).toBe('folder')
    writeFileSync(join(place.folder, 'clip', 'model.safetensors'), '')
    expect(kind(place.folder, 'clip')).toBe('model')
    writeFileSync(join(place.folder, 'a.HEADWISE'), '')
    expect(kind(place.folder, 'a.HEADWISE')).toBe('workspace')
    writeFileSync(join(place.folder, 'README'), '')
    expect(kind(place.folder, 'README')).toBe('file')
    expect(() => inspectPlace(join(place.folder, 'x'))).toThrow(
      `There is no folder or file "${join(place.folder, 'x')}".`,
    )
  })

  it('are listed with folders first, in natural order, without what Headwise cannot read', () => {
    for (const name of ['b10', 'b2', '.hidden']) mkdirSync(join(place.folder, name))
    for (const name of ['z.headwise', 'a.csv', 'notes.md', '.secret.csv']) writeFileSync(join(place.folder, name), '')
    const { path, parent, entries } = listFolder(place.folder)
    expect(path).toBe(place.folder)
    expect(parent).toBe(join(place.folder, '..'))
    expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['b2', 'folder'],
      ['b10', 'folder'],
      ['a.csv', 'table'],
      ['z.headwise', 'workspace'],
    ])
    expect(listFolder('/').parent).toBeNull()
    expect(() => listFolder(join(place.folder, 'a.csv'))).toThrow(
      `"${join(place.folder, 'a.csv')}" must be a folder; it is a file.`,
    )
  })

  it('may be written from the home folder on', () => {
    expect(absolute('~')).toBe(homedir())
    expect(absolute(' ~/data ')).toBe(join(homedir(), 'data'))
    expect(existsSync(listFolder().path)).toBe(true)
  })
})

describe('a process that keeps dying', () => {
  it('is started again at once, then less and less often, until it was well for a minute', () => {
    const delay = new RestartDelay(0)
    expect([1, 2, 3, 4, 5, 6].map((atMs) => delay.afterDeathMs(atMs))).toEqual([0, 500, 2000, 5000, 15_000, 15_000])
    expect(delay.afterDeathMs(100_000)).toBe(0)
  })
})

it('leaves the old file when writing fails', () => {
  const memory = new ScreenMemory(place.folder)
  memory.remember('/a.headwise', 'kept', 1)
  const [name] = readdirSync(join(place.folder, 'screens'))
  // A folder stands where the new file would be written.
  mkdirSync(join(place.folder, 'screens', `${name}.new`))
  expect(() => memory.remember('/a.headwise', 'kept', 2)).toThrow()
  expect(JSON.parse(readFileSync(join(place.folder, 'screens', name!), 'utf8'))).toEqual({ kept: 1 })
})
