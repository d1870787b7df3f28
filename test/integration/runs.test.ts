/** Runs under real conditions: bad images, cancelling, being killed, changed files, moved folders. */
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import { runCli } from '../support/run-cli.ts'
import {
  type Place,
  projectFolder,
  sampleFolder,
  temporaryFolder,
  type TestEngine,
  testEngine,
} from '../support/sample.ts'

let place: Place
let engine: TestEngine | undefined
beforeEach(() => {
  place = temporaryFolder()
})
afterEach(async () => {
  await engine?.close()
  engine = undefined
  place.remove()
})

const workspace = () => join(place.folder, 'a.headwise')

function someImages(count: number, folder = 'images'): string {
  const target = join(place.folder, folder)
  mkdirSync(target, { recursive: true })
  const names = readdirSync(join(sampleFolder, 'scenes')).filter((name) => name.endsWith('.jpg'))
  for (const name of names.slice(0, count))
    cpSync(join(sampleFolder, 'scenes', name), join(target, name), { preserveTimestamps: true })
  return target
}

async function prepared(images: string): Promise<{ engine: TestEngine; modelId: number; dataSetId: number }> {
  engine = await testEngine(workspace(), place.cacheFolder)
  const { id } = await engine.client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
  const { resultId } = await engine.finish(engine.client['data-set/add']({ path: images }))
  return { engine, modelId: id, dataSetId: resultId! }
}

async function decomposed(engine: TestEngine, modelId: number, dataSetId: number): Promise<Run> {
  const job = await engine.finish(engine.client['run/decompose']({ modelId, dataSetId, provider: 'cpu', batch: 4 }))
  return engine.client['run/read']({ runId: job.resultId! })
}

/** Every block's bytes and every moment, as the file has them. */
function contentOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true })
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const blocks = db
      .prepare('SELECT number, part, layer, hex(content) AS content FROM block_part ORDER BY number, part, layer')
      .all()
    const moments = db
      .prepare('SELECT layer, row_count, hex(mean) AS mean, hex(products) AS products FROM run_moment ORDER BY layer')
      .all()
    return [...blocks, ...moments]
  } finally {
    db.close()
  }
}

describe('bad images', () => {
  it('are left out with their reasons, and counted', async () => {
    const images = someImages(6)
    writeFileSync(join(images, 'empty.jpg'), '')
    writeFileSync(join(images, 'text.jpg'), 'no image')
    const { engine, modelId, dataSetId } = await prepared(images)
    const run = await decomposed(engine, modelId, dataSetId)
    expect(run).toMatchObject({ state: 'complete', images: 6, skipped: 2, total: 8 })
    expect(run.skippedImages).toEqual([
      { path: 'empty.jpg', reason: '"empty.jpg" must be an image; it has 0 bytes.' },
      { path: 'text.jpg', reason: '"text.jpg" must be an image; its content is of no known image format.' },
    ])
    expect(run.certificate!.computedError).toBeLessThan(1e-6)
  })

  it('that are all there is make a run that says so and describes nothing', async () => {
    const images = join(place.folder, 'images')
    mkdirSync(images)
    writeFileSync(join(images, 'a.jpg'), 'no image')
    const { engine, modelId, dataSetId } = await prepared(images)
    const run = await decomposed(engine, modelId, dataSetId)
    expect(run).toMatchObject({ images: 0, skipped: 1, total: 1 })
    const { pool } = await engine.client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
    await expect(
      engine.client['text-span/start']({ runId: run.id, poolVersionId: pool.versions[0]!.id }),
    ).rejects.toThrow('Run 1 must hold at least one image; all 1 were left out.')
  })

  it('that were changed or deleted after the import are reported, not mixed in', async () => {
    const images = someImages(4)
    const { engine, modelId, dataSetId } = await prepared(images)
    const bytes = statSync(join(images, '0001.jpg')).size
    appendFileSync(join(images, '0001.jpg'), 'x')
    rmSync(join(images, '0002.jpg'))
    const run = await decomposed(engine, modelId, dataSetId)
    expect(run.skippedImages).toEqual([
      {
        path: '0001.jpg',
        reason: `"0001.jpg" was changed after it was imported (${bytes} bytes then, ${bytes + 1} now).`,
      },
      { path: '0002.jpg', reason: '"0002.jpg" is not there any more.' },
    ])
  })
})

describe('a run that was stopped', () => {
  it('goes on where it was cancelled, and ends in the same bytes', async () => {
    const images = join(sampleFolder, 'scenes')
    const { engine: first, modelId, dataSetId } = await prepared(images)
    const ticket = first.client['run/decompose']({ modelId, dataSetId, provider: 'cpu', batch: 4 })
    const { jobId } = await ticket
    first.on('job/progressed', (job) => {
      if (job.id === jobId && job.done >= 300) void first.client['job/cancel']({ jobId })
    })
    const stopped = await first.settle(ticket)
    expect(stopped).toMatchObject({ state: 'cancelled', error: null })
    const half = await first.client['run/read']({ runId: stopped.resultId! })
    expect(half).toMatchObject({ state: 'open', images: 256, total: 600 })
    await expect(
      first.client['study/ablate']({ runId: half.id, task: { classes: ['a', 'b'], templates: ['{}'] } }),
    ).rejects.toThrow('Run 1 must be complete; 256 of 600 images are done. Decompose again to go on.')
    const whole = await decomposed(first, modelId, dataSetId)
    expect(whole).toMatchObject({ id: half.id, state: 'complete', images: 600 })
    await first.close()
    engine = undefined
    const resumed = contentOf(workspace())
    renameSync(workspace(), join(place.folder, 'b.headwise.old'))
    const again = await prepared(images)
    await decomposed(again.engine, again.modelId, again.dataSetId)
    await again.engine.close()
    engine = undefined
    expect(contentOf(workspace())).toEqual(resumed)
  })

  it('keeps every committed block when the process is killed, and is told as interrupted', async () => {
    const env = { HEADWISE_CACHE: place.cacheFolder }
    const cli = (...args: string[]) => runCli(args, { cwd: place.folder, env })
    for (const args of [
      ['init', 'a.headwise'],
      ['model', 'add', join(sampleFolder, 'model')],
      ['data', 'add', join(sampleFolder, 'scenes')],
    ]) {
      expect((await cli(...args)).code).toBe(0)
    }
    await killWhenBlocksAreThere(env, 1)
    const { stdout } = await cli('info', '--json')
    const { runs } = JSON.parse(stdout) as { runs: Run[] }
    expect(runs[0]).toMatchObject({ state: 'open', total: 600 })
    expect([256, 512]).toContain(runs[0]!.images)
    const resumed = await cli('decompose', '--provider', 'cpu', '--json')
    expect(JSON.parse(resumed.stdout)).toMatchObject({ id: runs[0]!.id, state: 'complete', images: 600 })
    engine = await testEngine(workspace(), place.cacheFolder, 'write')
    expect((await engine.client['job/list']({})).map(({ kind, state }) => [kind, state])).toEqual([
      ['decompose', 'done'],
      ['decompose', 'interrupted'],
      ['import', 'done'],
    ])
    contentOf(workspace())
  })
})

/** Starts the real command and kills it once so many blocks are committed. */
async function killWhenBlocksAreThere(env: NodeJS.ProcessEnv, blocks: number): Promise<void> {
  const entry = join(projectFolder, 'src', 'cli', 'headwise.mjs')
  const child = spawn(process.execPath, [entry, 'decompose', '--provider', 'cpu', '--batch', '4'], {
    cwd: place.folder,
    env: { ...process.env, ...env },
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  const db = new Database(workspace(), { readonly: true })
  while ((db.prepare('SELECT count(*) FROM run_block').pluck().get() as number) < blocks) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (child.exitCode !== null) throw new Error('The command ended before it could be killed.')
  }
  db.close()
  child.kill('SIGKILL')
  await ended
}

describe('moved folders', () => {
  it('are told as missing, and found again by relinking what is the same', async () => {
    const images = someImages(3)
    const model = join(place.folder, 'model')
    cpSync(join(sampleFolder, 'model'), model, { recursive: true })
    engine = await testEngine(workspace(), place.cacheFolder)
    const { client, finish } = engine
    const added = await client['model/add']({ folder: model, name: 'sample' })
    const { resultId } = await finish(client['data-set/add']({ path: images, name: 'few' }))
    renameSync(model, join(place.folder, 'model-2'))
    renameSync(images, join(place.folder, 'images-2'))
    expect((await client['model/list']({}))[0]!.isPresent).toBe(false)
    const failed = await engine.settle(
      client['run/decompose']({ modelId: added.id, dataSetId: resultId!, provider: 'cpu' }),
    )
    expect(failed.error).toEqual({
      code: 'not-found',
      message: `The model "sample" must be in "${model}"; it is not there. Relink it.`,
    })
    await expect(client['workspace/relink']({ kind: 'model', path: images })).rejects.toThrow(
      `There is no folder or file "${images}".`,
    )
    await client['workspace/relink']({ kind: 'model', name: 'sample', path: join(place.folder, 'model-2') })
    writeFileSync(join(place.folder, 'images-2', '0001.jpg'), 'other')
    const bytes = statSync(join(sampleFolder, 'scenes', '0001.jpg')).size
    await expect(
      client['workspace/relink']({ kind: 'data-set', path: join(place.folder, 'images-2') }),
    ).rejects.toThrow(`"0001.jpg" of "few" must have ${bytes} bytes; there is 5 bytes. Nothing was relinked.`)
    cpSync(join(sampleFolder, 'scenes', '0001.jpg'), join(place.folder, 'images-2', '0001.jpg'))
    await client['workspace/relink']({ kind: 'data-set', path: join(place.folder, 'images-2') })
    expect(await decomposed(engine, added.id, resultId!)).toMatchObject({ images: 3, skipped: 0 })
  })

  it('with another checkpoint in the place of the model are refused by its hash', async () => {
    engine = await testEngine(workspace(), place.cacheFolder)
    const model = join(place.folder, 'model')
    cpSync(join(sampleFolder, 'model'), model, { recursive: true })
    const { hash } = await engine.client['model/add']({ folder: model, name: 'sample' })
    const config = join(model, 'open_clip_config.json')
    const { readFileSync } = await import('node:fs')
    writeFileSync(config, readFileSync(config, 'utf8').replace('"embed_dim"', '"quick_gelu": true, "embed_dim"'))
    const { resultId } = await engine.finish(engine.client['data-set/add']({ path: someImages(2) }))
    const job = await engine.settle(
      engine.client['run/decompose']({ modelId: 1, dataSetId: resultId!, provider: 'cpu' }),
    )
    expect(job.error!.code).toBe('changed')
    expect(job.error!.message).toMatch(
      new RegExp(
        `^".*model" must hold the model "sample" \\(${hash.slice(0, 12)}\\); it holds another one \\([0-9a-f]{12}\\)\\.$`,
      ),
    )
  })
})

describe('the workspace', () => {
  it('never changes an original and keeps thumbnails in itself', async () => {
    const images = someImages(2)
    const before = readdirSync(images).map((name) => [name, statSync(join(images, name)).mtimeMs])
    const { engine, dataSetId } = await prepared(images)
    const { images: page } = await engine.client['image/page']({ dataSetId })
    const webp = await engine.client['image/thumbnail']({ imageId: page[0]!.id })
    expect(Buffer.from(webp).toString('latin1', 8, 12)).toBe('WEBP')
    rmSync(join(images, '0000.jpg'))
    expect(await engine.client['image/thumbnail']({ imageId: page[0]!.id })).toEqual(webp)
    expect(before.slice(1)).toEqual(readdirSync(images).map((name) => [name, statSync(join(images, name)).mtimeMs]))
    expect(existsSync(join(images, '.headwise'))).toBe(false)
    // Numbers are of the image that was imported, so no other picture stands beside them.
    appendFileSync(join(images, '0001.jpg'), 'x')
    await expect(engine.client['image/thumbnail']({ imageId: page[1]!.id })).rejects.toThrow(
      /^"0001.jpg" was changed after it was imported/,
    )
  })
})
