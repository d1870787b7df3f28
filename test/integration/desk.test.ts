/** Windows on one desk: what they share, what they have of their own, and files that are moved under them. */
import { copyFileSync, cpSync, existsSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calls, type CallName, type Client, type EventOf } from '../../src/contract/index.ts'
import { answer, Desk, type DeskOptions, type DeskSession, openEngine, readImage } from '../../src/engine/index.ts'
import { databaseFolder, type Place, projectFolder, sampleFolder, temporaryFolder } from '../support/sample.ts'

let place: Place
let desk: Desk
let failures: unknown[]

const options = (more: Partial<DeskOptions> = {}): DeskOptions => ({
  home: 'browser',
  databaseFolder,
  cacheFolder: place.cacheFolder,
  programVersion: 'test',
  settingsFolder: join(place.folder, 'settings'),
  dataFolder: join(place.folder, 'data'),
  resourcesFolder: join(projectFolder, 'resources'),
  graceMs: 20,
  onError: (what, error) => failures.push([what, error]),
  ...more,
})

beforeEach(() => {
  place = temporaryFolder()
  failures = []
  desk = new Desk(options())
})
afterEach(async () => {
  await desk.close()
  expect(failures).toEqual([])
  place.remove()
})

/** A window's calls, by the door that every shell uses. */
function clientOf({ engine }: DeskSession): Client {
  const ask = async (name: CallName, input: unknown) => {
    const reply = await answer(engine, name, input)
    if (!reply.ok) throw Object.assign(new Error(reply.message), { code: reply.code })
    return calls[name].output.parse(reply.value)
  }
  return new Proxy({} as Client, { get: (_, name: CallName) => (input: unknown) => ask(name, input) })
}

const inFolder = (name: string) => join(place.folder, name)

async function withWorkspace(name: string): Promise<{ session: DeskSession; client: Client; path: string }> {
  const session = desk.session(null)
  const client = clientOf(session)
  await client['app/create']({ path: inFolder(name) })
  return { session, client, path: inFolder(`${name}.headwise`) }
}

describe('a window', () => {
  it('begins at the start screen, makes a workspace and closes it', async () => {
    const session = desk.session()
    const client = clientOf(session)
    const shown: (string | null)[] = []
    session.onWorkspace((path) => shown.push(path))
    expect(await client['app/describe']({})).toMatchObject({ home: 'browser', workspacePath: null, recent: [] })
    await expect(client['run/list']({})).rejects.toMatchObject({
      code: 'no-workspace',
      message: 'A workspace must be open in this window; open or make one first.',
    })
    const made = await client['app/create']({ path: inFolder('a') })
    const path = inFolder('a.headwise')
    expect(made).toMatchObject({ workspacePath: path, recent: [{ path, isPresent: true }] })
    expect(made.workspaceKey).toMatch(/^[0-9a-f]{12}$/)
    expect(await client['run/list']({})).toEqual([])
    await expect(client['app/create']({ path })).rejects.toMatchObject({ code: 'conflict' })
    expect((await client['app/describe']({})).workspacePath).toBe(path)
    expect((await client['app/close']({})).workspacePath).toBeNull()
    expect(shown).toEqual([null, path, null])
    expect((await client['app/forget']({ path })).recent).toEqual([])
  })

  it('says why what it should show is not open', async () => {
    const missing = inFolder('missing.headwise')
    const client = clientOf(desk.session(missing))
    const openFailure = { path: missing, code: 'not-found', message: `There is no workspace "${missing}".` }
    expect(await client['app/describe']({})).toMatchObject({ workspacePath: null, openFailure })
    await client['app/create']({ path: inFolder('a') })
    await expect(client['app/open']({ path: missing })).rejects.toMatchObject({ code: 'not-found' })
    expect(await client['app/describe']({})).toMatchObject({
      workspacePath: inFolder('a.headwise'),
      openFailure: null,
    })
  })

  it('does not show what is usual in place of what was asked for', async () => {
    await withWorkspace('a')
    const client = clientOf(desk.session())
    expect((await client['app/describe']({})).workspacePath).toBe(inFolder('a.headwise'))
    await expect(client['app/open']({ path: inFolder('b.headwise') })).rejects.toMatchObject({ code: 'not-found' })
    expect(await client['app/describe']({})).toMatchObject({
      workspacePath: null,
      openFailure: { path: inFolder('b.headwise'), code: 'not-found' },
    })
  })

  it('keeps what is said while another workspace is opened for the one that it still shows', async () => {
    const { client, path } = await withWorkspace('a')
    const other = await withWorkspace('b')
    const opening = client['app/open']({ path: other.path })
    const content = 'a text'
    const importing = client['pool/import']({ name: 'typed', fileName: 'a.txt', content, annotator: 'ann' })
    expect((await opening).workspacePath).toBe(other.path)
    await importing
    expect(await client['pool/list']({})).toEqual([])
    await client['app/open']({ path })
    expect((await client['pool/list']({})).map(({ name }) => name)).toEqual(['typed'])
  })

  it('remembers by workspace', async () => {
    const { client } = await withWorkspace('a')
    await client['app/remember']({ key: 'layout', content: { left: 200 } })
    await client['app/close']({})
    expect(await client['app/recall']({})).toEqual({})
    await client['app/open']({ path: inFolder('a.headwise') })
    expect(await client['app/recall']({})).toEqual({ layout: { left: 200 } })
  })
})

describe('two windows', () => {
  it('on one workspace see each other’s edits, by whatever name they opened it', async () => {
    const first = await withWorkspace('a')
    symlinkSync(first.path, inFolder('link.headwise'))
    const second = desk.session(null)
    const client = clientOf(second)
    await client['app/open']({ path: inFolder('link.headwise') })
    const heard: EventOf<'workspace/changed'>[] = []
    second.on('workspace/changed', (change) => heard.push(change))
    await first.client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
    expect(heard).toEqual([{ topic: 'model' }])
    expect((await client['model/list']({})).map(({ name }) => name)).toEqual(['sample'])
    first.session.close()
    expect(await client['model/list']({})).toHaveLength(1)
  })

  it('leave it open for a page that comes back, and then close it', async () => {
    const { session, path } = await withWorkspace('a')
    session.close()
    const back = desk.session(path)
    expect((await clientOf(back)['app/describe']({})).workspacePath).toBe(path)
    back.close()
    await vi.waitFor(() => expect(existsSync(`${path}.lock`)).toBe(false))
    const other = await openEngine({
      workspacePath: path,
      databaseFolder,
      cacheFolder: place.cacheFolder,
      programVersion: 'test',
    })
    await other.close()
  })

  it('do not close it while a job runs', async () => {
    const { session, client, path } = await withWorkspace('a')
    await client['data-set/add']({ path: join(sampleFolder, 'scenes') })
    const watcher = desk.workspace((await client['app/describe']({})).workspaceKey!)!
    const state = new Promise((resolve) =>
      watcher.on('job/progressed', (job) => job.finishedMs !== null && resolve(job.state)),
    )
    session.close()
    expect(await state).toBe('done')
    await vi.waitFor(() => expect(existsSync(`${path}.lock`)).toBe(false))
  })
})

describe('a workspace that is moved while it is open', () => {
  it('loses nothing, takes no more edits, and goes on when it is back', async () => {
    const { client, path } = await withWorkspace('a')
    await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
    const { pool } = await client['pool/import']({ name: 'a', fileName: 'a.txt', content: 'a lake', annotator: 'ann' })
    await client['pool/draft']({ poolId: pool.id })
    const moved = inFolder('moved.headwise')
    renameSync(path, moved)
    const edit = () => client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'sample' })
    await expect(edit()).rejects.toMatchObject({
      code: 'changed',
      message: `"${path}" was moved, replaced or deleted while it was open. Everything until then is in the file that was opened; open that one where it is now. Nothing more is written.`,
    })
    expect(await client['model/list']({})).toHaveLength(1)
    // A page that is loaded now begins with this.
    expect(await client['workspace/describe']({})).toMatchObject({ path, models: 1 })
    expect((await client['pool/draft']({ poolId: pool.id })).rows).toHaveLength(1)
    // The file alone, without the log that was left at its old place.
    copyFileSync(moved, inFolder('copy.headwise'))
    const copy = clientOf(desk.session(inFolder('copy.headwise')))
    expect((await copy['model/list']({})).map(({ name }) => name)).toEqual(['sample'])
    renameSync(moved, path)
    await edit()
    expect(await client['pool/list']({})).toHaveLength(2)
  })

  it('or replaced is not written into, and not taken for the other one', async () => {
    const { client, path } = await withWorkspace('a')
    const other = await withWorkspace('b')
    await other.client['app/close']({})
    await vi.waitFor(() => expect(existsSync(`${other.path}.lock`)).toBe(false))
    renameSync(other.path, path)
    await expect(client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })).rejects.toMatchObject({
      code: 'changed',
    })
    rmSync(path)
    await expect(client['data-set/add']({ path: join(sampleFolder, 'scenes') })).rejects.toMatchObject({
      code: 'changed',
    })
  })
})

describe('the sample', () => {
  it('is there when the call answers, described some seconds later, and made once', async () => {
    const client = clientOf(desk.session())
    const opened = await client['app/open-sample']({})
    expect(opened.workspacePath).toBe(join(place.folder, 'data', 'sample.headwise'))
    expect((await client['model/list']({})).map(({ name }) => name)).toEqual(['sample'])
    expect((await client['data-set/list']({})).map(({ name, images }) => [name, images])).toEqual([
      ['scenes', 600],
      ['birds', 720],
      ['segmentation', 100],
    ])
    expect((await client['pool/list']({})).map(({ name }) => name)).toEqual(['sample'])
    await vi.waitFor(async () => expect(await client['text-span/list']({})).toHaveLength(1), {
      timeout: 120_000,
      interval: 200,
    })
    const [textSpan] = await client['text-span/list']({})
    const { heads } = await client['text-span/read']({ textSpanId: textSpan!.id })
    expect(heads).toHaveLength(48)
    // Known from the reference implementation: golden/textspan.json, layer 5, head 3.
    expect(heads.find(({ layer, head }) => layer === 5 && head === 3)!.steps[0]!.text).toBe('a mushroom in the snow')
    const jobs = (await client['job/list']({})).length
    await client['app/close']({})
    await client['app/open-sample']({})
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await client['job/list']({})).toHaveLength(jobs)
  })
})

describe('the sample after an update of the program', () => {
  it('has its pictures as before, though its files are new', async () => {
    const resourcesFolder = join(place.folder, 'resources')
    cpSync(sampleFolder, join(resourcesFolder, 'sample'), { recursive: true })
    await desk.close()
    desk = new Desk(options({ resourcesFolder }))
    const client = clientOf(desk.session())
    await client['app/open-sample']({})
    await client['app/close']({})
    const [first] = ['0000.jpg'].map((name) => join(resourcesFolder, 'sample', 'scenes', name))
    utimesSync(first!, new Date(), new Date())
    await client['app/open-sample']({})
    expect(await client['image/picture']({ imageId: 1 })).toBeInstanceOf(Uint8Array)
  })
})

describe('pictures', () => {
  it('are found by the key of an open workspace and an id, and nothing else', async () => {
    const { client } = await withWorkspace('a')
    const { jobId } = await client['data-set/add']({ path: join(sampleFolder, 'scenes') })
    await vi.waitFor(async () => expect((await client['job/read']({ jobId })).state).toBe('done'))
    const { workspaceKey } = await client['app/describe']({})
    const thumbnail = await readImage(desk, { key: workspaceKey!, imageId: 1, kind: 'thumbnail' })
    expect(Buffer.from((thumbnail as { value: Uint8Array }).value.slice(8, 12)).toString()).toBe('WEBP')
    expect(await readImage(desk, { key: workspaceKey!, imageId: 99_999, kind: 'thumbnail' })).toMatchObject({
      ok: false,
      code: 'not-found',
    })
    expect(await readImage(desk, { key: 'other', imageId: 1, kind: 'picture' })).toEqual({
      ok: false,
      code: 'no-workspace',
      message: 'The workspace of this picture is not open.',
    })
  })
})
