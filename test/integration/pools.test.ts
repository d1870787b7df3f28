/** Pools and TEXTSPAN over a workspace: what is embedded, what is recomputed, what is warned of. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Place, sampleFolder, temporaryFolder, type TestEngine, testEngine } from '../support/sample.ts'

let place: Place
let engine: TestEngine
let modelId: number
let runId: number
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  const { client, finish } = engine
  modelId = (await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })).id
  const { resultId } = await finish(client['data-set/add']({ path: join(sampleFolder, 'birds') }))
  const job = await finish(client['run/decompose']({ modelId, dataSetId: resultId!, provider: 'cpu' }))
  runId = job.resultId!
})
afterAll(async () => {
  await engine?.close()
  place?.remove()
})

const pool = (name: string, texts: string[]) => {
  const path = join(place.folder, `${name}.txt`)
  writeFileSync(path, texts.join('\n'))
  return path
}

describe('embedding', () => {
  it('embeds only texts that are new to the model', async () => {
    const { client, finish } = engine
    const texts = readFileSync(join(sampleFolder, 'pool.txt'), 'utf8').split('\n').filter(Boolean).slice(0, 40)
    const first = await client['pool/add']({ path: pool('words', texts) })
    const embed = async (versionId: number) => {
      const counts: number[] = []
      const off = engine.on(
        'job/progressed',
        (job) => job.kind === 'embed' && job.total !== null && counts.push(job.done),
      )
      const job = await finish(client['pool/embed']({ versionId, modelId }))
      off()
      return { done: job.done, before: counts[0]! }
    }
    expect(await embed(first.pool.versions[0]!.id)).toEqual({ done: 40, before: 0 })
    const second = await client['pool/add']({
      path: pool('words', [...texts.slice(0, 38), 'something new', 'another thing']),
    })
    expect(second.pool.versions.map(({ number }) => number)).toEqual([2, 1])
    expect(await embed(second.pool.versions[0]!.id)).toEqual({ done: 40, before: 38 })
    expect(
      await client['pool/add']({ path: pool('words', [...texts.slice(0, 38), 'something new', 'another thing']) }),
    ).toMatchObject({ isUnchanged: true })
  })

  it('cuts a text at the context length and names its line', async () => {
    const { client, finish } = engine
    const long = Array.from({ length: 50 }, (_, at) => ['red', 'duck', 'lake'][at % 3]).join(' ')
    const { pool: added } = await client['pool/add']({ path: pool('long', ['a red duck', '', long]) })
    const job = await finish(client['pool/embed']({ versionId: added.versions[0]!.id, modelId }))
    expect(job.remarks).toEqual([
      `"long" line 3: "${long.slice(0, 57)}..." has 52 tokens and was cut at the context length 32.`,
    ])
  })
})

describe('TEXTSPAN', () => {
  it('over a filter equals TEXTSPAN over a data set of just those images', async () => {
    const { client, finish } = engine
    const rows = readFileSync(join(sampleFolder, 'birds', 'metadata.csv'), 'utf8')
      .split(/\r?\n/)
      .filter(Boolean)
    const valid = [
      rows[0]!.replace('img_filename', 'file'),
      ...rows.slice(1).filter((row) => row.split(',')[3] === '1'),
    ]
    // The table must stand in the images' folder, so the images are named from a copy of it.
    const { cpSync } = await import('node:fs')
    const folder = join(place.folder, 'valid')
    cpSync(join(sampleFolder, 'birds'), folder, { recursive: true })
    writeFileSync(join(folder, 'only-valid.csv'), valid.join('\n'))
    const added = await finish(client['data-set/add']({ path: join(folder, 'only-valid.csv') }))
    const alone = await finish(client['run/decompose']({ modelId, dataSetId: added.resultId!, provider: 'cpu' }))
    const { pool: sample } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'sample' })
    const describe = async (run: number, filter: { split?: string }) => {
      const job = await finish(
        client['text-span/start']({ runId: run, poolVersionId: sample.versions[0]!.id, layers: 2, texts: 5, filter }),
      )
      return client['text-span/read']({ textSpanId: job.resultId! })
    }
    const filtered = await describe(runId, { split: 'valid' })
    const separate = await describe(alone.resultId!, {})
    expect(filtered.textSpan.images).toBe(120)
    expect(separate.textSpan.images).toBe(120)
    expect(filtered.heads.map(({ steps }) => steps.map(({ text }) => text))).toEqual(
      separate.heads.map(({ steps }) => steps.map(({ text }) => text)),
    )
    filtered.heads.forEach(({ steps, variance }, at) => {
      expect(variance / separate.heads[at]!.variance).toBeCloseTo(1, 6)
      expect(steps.at(-1)!.explained).toBeCloseTo(separate.heads[at]!.steps.at(-1)!.explained, 6)
    })
  })

  it('explains more with each text and never more than everything', async () => {
    const { client, finish } = engine
    const { pool: sample } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'sample' })
    const job = await finish(
      client['text-span/start']({ runId, poolVersionId: sample.versions[0]!.id, layers: 6, texts: 60 }),
    )
    const { heads } = await client['text-span/read']({ textSpanId: job.resultId! })
    for (const { steps, rank } of heads) {
      expect(steps.length).toBeLessThanOrEqual(rank)
      expect(new Set(steps.map(({ text }) => text)).size).toBe(steps.length)
      steps.forEach(({ explained }, at) =>
        expect(explained).toBeGreaterThanOrEqual(at > 0 ? steps[at - 1]!.explained : 0),
      )
      expect(steps.at(-1)!.explained).toBeLessThanOrEqual(1)
    }
  })

  it('refuses what does not fit, in words', async () => {
    const { client } = engine
    const { pool: sample } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt'), name: 'sample' })
    const poolVersionId = sample.versions[0]!.id
    await expect(client['text-span/start']({ runId, poolVersionId, layers: 7 })).rejects.toThrow(
      `"layers" must be at most the model's 6; it is 7.`,
    )
    await expect(client['text-span/start']({ runId: 99, poolVersionId })).rejects.toThrow(
      'There is no run 99 in this workspace.',
    )
    const none = await engine.settle(client['text-span/start']({ runId, poolVersionId, filter: { split: 'none' } }))
    expect(none.error!.message).toBe(
      'The filter {"split":"none"} must leave at least one image of the run; it leaves none.',
    )
  })
})

describe('the study', () => {
  it('names the first image whose class is unknown', async () => {
    const { client } = engine
    const ablate = (task: { classes: string[]; attribute?: string }) =>
      client['study/ablate']({ runId, task: { ...task, templates: ['a photo of a {}'] } })
    await expect(ablate({ classes: ['forest', 'desert'], attribute: 'place_filename' })).rejects.toThrow(
      `The "place_filename" of "duck/0001.jpg" must be one of the 2 classes or a number from 0 to 1; it is "water".`,
    )
    await expect(ablate({ classes: ['a', 'b'], attribute: 'colour' })).rejects.toThrow(
      'The data set must have the attribute "colour"; it has "img_id", "place", "place_filename".',
    )
  })

  it('is zero-shot classification when nothing is replaced', async () => {
    const { client, finish } = engine
    const task = {
      classes: ['owl', 'duck'],
      templates: ['a photo of a {}', 'a drawing of a {}', 'an image of a {}', 'a picture of a {}'],
    }
    const job = await finish(client['study/ablate']({ runId, task, filter: { split: 'test' } }))
    const { result } = await client['study/read']({ studyId: job.resultId! })
    // The average of golden/audit.json's baseline on the test split.
    expect(result).toMatchObject({ images: 400, classes: 2, baseline: 0.8475 })
  })
})
