/** Labels and head sheets of the sample's model, by the command line as people and scripts meet it. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelChange, LabelPack } from '../../src/contract/label.ts'
import { runCli } from '../support/run-cli.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine } from '../support/sample.ts'

let place: Place
const inFolder = (name: string) => join(place.folder, name)
const cli = async (folder: string, ...args: string[]) => {
  const env = { HEADWISE_CACHE: place.cacheFolder }
  const { code, stdout, stderr } = await runCli(args, { cwd: inFolder(folder), env })
  return { code, stdout, stderr }
}
const json = async (folder: string, ...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await cli(folder, ...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}

/** Labels as one sitting makes them: the workspace is opened, edited and closed. */
async function say(folder: string, annotator: string, edits: [number, number, LabelChange][]): Promise<void> {
  const engine = await testEngine(join(inFolder(folder), 'a.headwise'), place.cacheFolder, 'write')
  try {
    for (const [layer, head, change] of edits) {
      await engine.client['label/set']({ modelId: 1, annotator, heads: [{ layer, head }], change, textSpanId: 1 })
    }
  } finally {
    await engine.close()
  }
}

/** Forty images of the sample, described, in `mine`; a copy of the workspace in `theirs`. */
beforeAll(async () => {
  place = temporaryFolder()
  for (const folder of ['mine', 'theirs', 'images']) mkdirSync(inFolder(folder))
  const scenes = readdirSync(join(sampleFolder, 'scenes')).filter((name) => name.endsWith('.jpg'))
  for (const name of scenes.slice(0, 40)) {
    cpSync(join(sampleFolder, 'scenes', name), join(inFolder('images'), name), { preserveTimestamps: true })
  }
  for (const args of [
    ['init', 'a.headwise'],
    ['model', 'add', join(sampleFolder, 'model'), '--name', 'sample'],
    ['data', 'add', inFolder('images')],
    ['decompose', '--provider', 'cpu'],
    ['pool', 'add', join(sampleFolder, 'pool.txt')],
    ['textspan', '--layers', '1', '--texts', '4'],
  ]) {
    const { code, stderr } = await cli('mine', ...args)
    expect(code, stderr).toBe(0)
  }
  copyFileSync(join(inFolder('mine'), 'a.headwise'), join(inFolder('theirs'), 'a.headwise'))
})
afterAll(() => place.remove())

describe('label packs', () => {
  it('go from one workspace to the other', async () => {
    await say('theirs', 'Ann', [
      [5, 0, { roleId: 1, confidence: 3, state: 'reviewed' }],
      [5, 1, { roleId: 4, note: 'stripes' }],
    ])
    const file = inFolder('labels.json')
    expect(await json('theirs', 'labels', 'export', file)).toEqual({ file, labels: 2 })
    const pack = JSON.parse(readFileSync(file, 'utf8')) as LabelPack
    expect(pack).toMatchObject({
      model: { name: 'sample', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      pools: [{ name: 'pool', version: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      labels: [
        { layer: 5, head: 0, annotator: 'Ann', role: 'place', confidence: 3, state: 'reviewed' },
        { layer: 5, head: 1, annotator: 'Ann', role: 'texture', note: 'stripes', state: 'draft' },
      ],
    })
    expect((await cli('theirs', 'labels', 'export', file)).stderr).toBe(
      `headwise: "${file}" exists already; nothing was overwritten.\n`,
    )
    expect((await cli('mine', 'labels', 'import', file)).stdout).toBe(
      'Took 2 labels; 0 were the same, 0 stay as they were here.\n',
    )
    expect(await json('mine', 'labels', 'import', file)).toEqual({
      ...{ imported: 0, kept: 0, same: 2, newRoles: [], warnings: [] },
    })
  })

  it('wait for a word where both sides say something else', async () => {
    await say('theirs', 'Ann', [[5, 0, { roleId: 3, confidence: 1 }]])
    const file = inFolder('labels-2.json')
    await json('theirs', 'labels', 'export', file, '--annotator', 'Ann')
    expect(await cli('mine', 'labels', 'import', file)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'headwise: Where the pack has other labels, --take theirs or --take mine must say which stay; it has 1: L5.H0 of Ann (here: place, sure, reviewed; there: color, guess, reviewed). Nothing was taken.\n',
    })
    expect(await json('mine', 'labels', 'import', file, '--take', 'mine')).toMatchObject({ imported: 0, kept: 1 })
    expect(await json('mine', 'labels', 'import', file, '--take', 'theirs')).toMatchObject({ imported: 1, kept: 0 })
    const engine = await testEngine(join(inFolder('mine'), 'a.headwise'), place.cacheFolder, 'read')
    const labels = await engine.client['label/list']({ modelId: 1 })
    await engine.close()
    expect(labels.map(({ head, roleId, confidence }) => [head, roleId, confidence])).toEqual([
      [0, 3, 1],
      [1, 4, null],
    ])
  })

  it('that do not fit are refused in one line', async () => {
    const failure = async (...args: string[]) => (await cli('mine', ...args)).stderr
    const pack = JSON.parse(readFileSync(inFolder('labels.json'), 'utf8')) as LabelPack
    const write = (name: string, content: string) => {
      writeFileSync(inFolder(name), content)
      return inFolder(name)
    }
    expect(await failure('labels', 'import', inFolder('none.json'))).toBe(
      `headwise: There is no file "${inFolder('none.json')}".\n`,
    )
    expect(await failure('labels', 'import', write('cut.json', '{"format":'))).toBe(
      'headwise: "cut.json" must be JSON; it cannot be parsed.\n',
    )
    expect(await failure('labels', 'import', write('other.json', '{"format":"other"}'))).toMatch(
      /^headwise: "other\.json" must be a pack of labels; it does not fit at "format": .+\n$/,
    )
    const ofOther = { ...pack, model: { ...pack.model, hash: '0123456789abcdef'.repeat(4) } }
    expect(await failure('labels', 'import', write('checkpoint.json', JSON.stringify(ofOther)))).toBe(
      `headwise: The pack must be of the model "sample" (${pack.model.hash.slice(0, 12)}); it is of "sample" (0123456789ab).\n`,
    )
    expect(await failure('labels', 'export', inFolder('ben.json'), '--annotator', 'Ben')).toBe(
      'headwise: There is no annotator "Ben" in this workspace; it has "Ann".\n',
    )
    expect(existsSync(inFolder('ben.json'))).toBe(false)
  })
})

describe('head sheets', () => {
  const pictures = (html: string) => html.match(/src="data:image\/webp;base64,[\w+/=]+"/g) ?? []

  it('show the texts of TEXTSPAN, pictures, labels and where all of it comes from', async () => {
    const file = inFolder('sheet.html')
    expect(await json('mine', 'report', file, '--span', '1', '--heads', 'L5.H0,l5.h3')).toEqual({ file, heads: 2 })
    const html = readFileSync(file, 'utf8')
    const engine = await testEngine(join(inFolder('mine'), 'a.headwise'), place.cacheFolder, 'read')
    const { heads, textSpan } = await engine.client['text-span/read']({ textSpanId: 1 })
    const run = await engine.client['run/read']({ runId: 1 })
    await engine.close()
    for (const head of [0, 3]) {
      for (const { text } of heads.find((each) => each.head === head)!.steps) expect(html).toContain(text)
    }
    expect([...html.matchAll(/<h2>(.+?)<\/h2>/g)].map(([, name]) => name)).toEqual(['L5.H0', 'L5.H3'])
    for (const hash of [run.modelHash, run.dataSetHash, run.key, textSpan.poolHash]) expect(html).toContain(hash)
    // Three texts a head, with eight images at each end.
    expect(pictures(html)).toHaveLength(2 * 3 * 16)
    expect(html).toContain('place, sure, reviewed')
    expect(html).toContain('color, guess, reviewed')
    expect(html).not.toMatch(/<script/i)
  })

  it('are of all described heads when none is named, and leave out pictures of images that are gone', async () => {
    // Nothing was shown in `theirs` yet, so it has no thumbnail to fall back on.
    renameSync(inFolder('images'), inFolder('elsewhere'))
    const without = inFolder('without.html')
    expect(await json('theirs', 'report', without)).toEqual({ file: without, heads: 8 })
    const html = readFileSync(without, 'utf8')
    expect(pictures(html)).toHaveLength(0)
    expect(html.match(/<div class="gone">not there<\/div>/g)).toHaveLength(8 * 3 * 16)
    renameSync(inFolder('elsewhere'), inFolder('images'))
    const whole = inFolder('whole.html')
    await json('theirs', 'report', whole)
    expect(pictures(readFileSync(whole, 'utf8'))).toHaveLength(8 * 3 * 16)
  })

  it('that cannot be are refused in one line', async () => {
    const failure = async (...args: string[]) => (await cli('mine', 'report', inFolder('no.html'), ...args)).stderr
    expect(await failure('--span', '7')).toBe(
      'headwise: There is no TEXTSPAN result "7" in this workspace; it has "1".\n',
    )
    expect(await failure('--heads', 'L5.H2,5.3')).toBe(
      'headwise: --heads takes heads such as L5.H2,L4.H0; it got "5.3".\n',
    )
    expect(await failure('--heads', 'L5.H8')).toBe(
      'headwise: Head 8 does not exist in layer 5; heads run from 0 to 7.\n',
    )
    expect(await failure('--heads', 'L4.H0')).toBe(
      'headwise: TEXTSPAN result 1 must describe L4.H0; it describes layers 5 to 5.\n',
    )
    expect((await cli('mine', 'report', inFolder('sheet.html'))).stderr).toBe(
      `headwise: "${inFolder('sheet.html')}" exists already; nothing was overwritten.\n`,
    )
  })
})
