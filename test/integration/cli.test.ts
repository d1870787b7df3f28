/** The command line as people and scripts meet it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/run-cli.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine } from '../support/sample.ts'

let place: Place
const cli = (...args: string[]) => runCli(args, { cwd: place.folder, env: { HEADWISE_CACHE: place.cacheFolder } })
const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await cli(...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}
const failure = async (...args: string[]) => {
  const { code, stderr } = await cli(...args)
  return { code, stderr }
}

beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

describe('headwise', () => {
  it('wants a workspace, and says how to get one', async () => {
    expect(await failure('info')).toEqual({
      code: 2,
      stderr:
        'headwise: Without --workspace, the current folder must hold one .headwise file; there is none; make one with "headwise init NAME.headwise".\n',
    })
    expect(await failure('init', 'a.db')).toEqual({
      code: 2,
      stderr: `headwise: A workspace's name ends in ".headwise"; "a.db" does not.\n`,
    })
    expect((await json('init', 'a.headwise')) as object).toMatchObject({ models: 0, schemaVersion: 130 })
    expect(await failure('init', 'a.headwise')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exists already; a new workspace needs a new name\.\n$/),
    })
  })

  it('says what is missing before the first run', async () => {
    expect(await failure('decompose')).toEqual({
      code: 1,
      stderr: 'headwise: There is no model in this workspace yet. Add one with "headwise model add".\n',
    })
    expect(await failure('textspan')).toEqual({
      code: 1,
      stderr: 'headwise: There is no run in this workspace yet. Decompose a data set with "headwise decompose".\n',
    })
  })

  it('goes from nothing to described heads, with JSON at every step', async () => {
    expect(await json('model', 'add', join(sampleFolder, 'model'), '--name', 'sample')).toMatchObject({
      name: 'sample',
      isPresent: true,
    })
    expect(await json('data', 'add', join(sampleFolder, 'scenes'))).toMatchObject({
      name: 'scenes',
      kind: 'csv',
      images: 600,
    })
    expect(await json('decompose', '--provider', 'cpu', '--limit', '40')).toMatchObject({
      images: 40,
      total: 40,
      state: 'complete',
      store: 'float16',
    })
    expect(await json('pool', 'add', join(sampleFolder, 'pool.txt'))).toMatchObject({ isUnchanged: false })
    expect(await json('pool', 'export', 'pool', 'again.csv', '--version', '1')).toMatchObject({ version: 1 })
    expect(await json('pool', 'add', 'again.csv', '--name', 'pool')).toMatchObject({ isUnchanged: true })
    const described = (await json('textspan', '--layers', '1', '--texts', '3')) as { heads: { steps: unknown[] }[] }
    expect(described.heads).toHaveLength(8)
    expect(described.heads[0]!.steps).toHaveLength(3)
    const study = await json('ablate', '--attribute', 'object')
    expect(study).toMatchObject({ task: { templates: ['a photo of a {}'] }, result: { images: 40, classes: 16 } })
    const exported = (await json('export', 'npy', 'arrays', '--pool', 'pool', '--attribute', 'object')) as {
      files: string[]
    }
    expect(exported.files).toEqual([
      'scenes_attn_sample.npy',
      'scenes_mlp_sample.npy',
      'scenes_cls_attn_sample.npy',
      'scenes_representation_sample.npy',
      'scenes_classifier_sample.npy',
      'pool_sample.npy',
    ])
    expect(await json('info')).toMatchObject({ workspace: { models: 1, dataSets: 1, runs: 1, pools: 1, textSpans: 1 } })
  })

  it('overwrites no exported array', async () => {
    const path = join(place.folder, 'arrays', 'scenes_attn_sample.npy')
    const before = readFileSync(path)
    const { code, stderr } = await failure('export', 'npy', 'arrays')
    expect(code).toBe(1)
    expect(stderr).toContain(`headwise: "${path}" exists already; nothing was overwritten.\n`)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('asks for a name where there are several, and lists them', async () => {
    await cli('data', 'add', join(sampleFolder, 'birds'))
    expect(await failure('decompose')).toEqual({
      code: 2,
      stderr: 'headwise: Several data sets are in this workspace; name one of "scenes", "birds".\n',
    })
    expect(await failure('decompose', '--data', 'bird')).toEqual({
      code: 1,
      stderr: 'headwise: There is no data set "bird" in this workspace; it has "scenes", "birds".\n',
    })
    expect(await failure('data', 'add', join(sampleFolder, 'birds'))).toEqual({
      code: 1,
      stderr: 'headwise: A data set is called "birds" in this workspace already; give this one another name.\n',
    })
    expect(await failure('model', 'add', join(sampleFolder, 'model'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^headwise: This checkpoint \([0-9a-f]{12}\) is in the workspace already, as "sample"\.\n$/,
      ),
    })
  })

  it('stays out while another process writes, but can still be asked', async () => {
    const holder = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder, 'write')
    try {
      expect(await failure('pool', 'add', join(sampleFolder, 'pool.txt'))).toEqual({
        code: 1,
        stderr: 'headwise: "a.headwise" is being written by another Headwise; close that one first.\n',
      })
      expect(await json('info')).toMatchObject({ workspace: { runs: 1 } })
    } finally {
      await holder.close()
    }
  })

  it('answers wrong words with one line and the way to help', async () => {
    expect(await failure('decompose', '--provider', 'tpu')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error: option '--provider <provider>' argument 'tpu' is invalid."),
    })
    expect(await failure('decompose', '--batch', 'many')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A whole number from 1 on is expected.'),
    })
    expect(await failure('textspan', '--where', 'place')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--where takes attribute=content; it got "place".'),
    })
    writeFileSync(join(place.folder, 'empty.txt'), '\n')
    expect(await failure('pool', 'export', 'pool', 'pool.md')).toEqual({
      code: 2,
      stderr: 'headwise: A pool is written as .txt, .csv or .json; "pool.md" is none of them.\n',
    })
    expect(await failure('pool', 'export', 'pool', 'empty.txt')).toEqual({
      code: 1,
      stderr: 'headwise: "empty.txt" exists already; name a new file.\n',
    })
    expect(await failure('pool', 'add', 'empty.txt')).toEqual({
      code: 2,
      stderr: 'headwise: "empty.txt" must hold at least one text; it has none.\n',
    })
  })

  it.each([
    ['decompose'],
    ['textspan'],
    ['ablate'],
    ['info'],
    ['relink'],
    ['serve'],
    ['data', 'add'],
    ['export', 'npy'],
  ])('shows an example in the help of %s', async (...words) => {
    const { code, stdout } = await cli(...words, '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/Example|On a GPU server/)
  })

  it('tells which providers work here, and why the others do not', async () => {
    const reports = (await json('doctor')) as { provider: string; isUsable: boolean; detail: string }[]
    expect(reports.map(({ provider }) => provider)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
    expect(reports[0]).toEqual({ provider: 'cpu', isUsable: true, detail: 'works' })
    for (const { detail } of reports) expect(detail.length).toBeGreaterThan(3)
  })

  it('refuses a named provider that does not work, before anything is made', async () => {
    const missing = process.platform === 'win32' ? 'coreml' : 'dml'
    const { code, stderr } = await failure('decompose', '--data', 'birds', '--provider', missing)
    expect(code).toBe(1)
    expect(stderr).toBe(
      `headwise: The provider "${missing}" cannot be used here: ONNX Runtime for ${process.platform}-${process.arch} does not have it.\n`,
    )
    expect(await json('info')).toMatchObject({ workspace: { runs: 1 } })
  })
})

describe('privacy', () => {
  it.skipIf(process.platform === 'win32')(
    'leaves no trace of telemetry in the home and temporary folders',
    async () => {
      const home = join(place.folder, 'home')
      const { mkdirSync, readdirSync } = await import('node:fs')
      mkdirSync(home)
      const env = { HOME: home, XDG_CACHE_HOME: home, TMPDIR: home, HEADWISE_CACHE: place.cacheFolder }
      const { code } = await runCli(['decompose', '--data', 'scenes', '--provider', 'cpu', '--limit', '4'], {
        cwd: place.folder,
        env,
      })
      expect(code).toBe(0)
      expect(readdirSync(home)).toEqual([])
    },
  )
})
