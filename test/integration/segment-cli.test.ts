/** Segmentation by the command line, as people and scripts meet it. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Evaluation } from '../../src/contract/segment.ts'
import { runCli } from '../support/run-cli.ts'
import { type Place, sampleFolder, temporaryFolder } from '../support/sample.ts'

let place: Place
const cli = (...args: string[]) => runCli(args, { cwd: place.folder, env: { HEADWISE_CACHE: place.cacheFolder } })
const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await cli(...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}
const objects = ['--classes', join(sampleFolder, 'classes.json'), '--list', 'objects']

beforeAll(async () => {
  place = temporaryFolder()
  for (const args of [
    ['init', 'a.headwise'],
    ['model', 'add', join(sampleFolder, 'model'), '--name', 'sample'],
    ['data', 'add', join(sampleFolder, 'segmentation.mat')],
  ]) {
    const { code, stderr } = await cli(...args)
    expect(code, stderr).toBe(0)
  }
})
afterAll(() => place.remove())

describe('headwise segment', () => {
  it('prints a table like the paper’s', async () => {
    const { code, stdout, stderr } = await cli(
      'segment',
      ...objects,
      '--methods',
      'rollout,decomposition',
      '--limit',
      '20',
    )
    expect(code, stderr).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe(
      '20 of 20 images of "segmentation" with "sample", masks as-published, 95 % intervals over images:',
    )
    expect(lines[2]).toMatch(/^evaluation +method +pixel accuracy +mIoU +mAP +mIoU by class right \/ wrong$/)
    expect(lines[3]).toMatch(/^ +1 +rollout( +\d\d\.\d\d \(\d\d\.\d to \d\d\.\d\)){3} +\d\d\.\d\d \/ \d\d\.\d\d$/)
    expect(lines[4]).toMatch(/^ +2 +decomposition /)
    expect(lines).toHaveLength(5)
    const evaluations = (await json('segment', 'list')) as Evaluation[]
    expect(evaluations.map(({ id, images, settings }) => [id, images, settings.method])).toEqual([
      [2, 20, 'decomposition'],
      [1, 20, 'rollout'],
    ])
  })

  it('takes a text, a threshold and a protocol, and lists what there is', async () => {
    const { evaluations } = (await json(
      ...['segment', ...objects, '--limit', '4', '--target', 'a red cat'],
      ...['--threshold', '0.4', '--protocol', 'aligned', '--methods', 'gradcam'],
    )) as { evaluations: Evaluation[] }
    expect(evaluations).toHaveLength(1)
    expect(evaluations[0]!.settings).toMatchObject({
      ...{ method: 'gradcam', protocol: 'aligned', threshold: 0.4, target: { kind: 'text', text: 'a red cat' } },
    })
    const { stdout } = await cli('segment', 'list')
    expect(stdout.split('\n')[0]).toMatch(/^evaluation +data +model +method +protocol +target +images +mIoU$/)
    expect(stdout.split('\n')[1]).toMatch(/^ +3 +segmentation +sample +gradcam +aligned +"a red cat" +4 +\d+\.\d\d$/)
  })

  it('links masks, takes class ids from a CSV, tells what was left out, and writes predictions', async () => {
    mkdirSync(join(place.folder, 'pets', 'n1'), { recursive: true })
    mkdirSync(join(place.folder, 'masks', 'n1'), { recursive: true })
    for (const [at, name] of readdirSync(join(sampleFolder, 'birds', 'owl'))
      .slice(0, 3)
      .entries()) {
      cpSync(join(sampleFolder, 'birds', 'owl', name), join(place.folder, 'pets', 'n1', `${at}.jpg`))
    }
    const mask = Buffer.alloc(96 * 96)
    mask.fill(1, 0, 40 * 96)
    for (const at of [0, 1]) {
      await sharp(mask, { raw: { width: 96, height: 96, channels: 1 } })
        .toColourspace('b-w')
        .png()
        .toFile(join(place.folder, 'masks', 'n1', `${at}.png`))
    }
    writeFileSync(join(place.folder, 'names.csv'), 'id,name\nn1,owl\nn2,duck\n')
    expect((await cli('data', 'add', 'pets')).code).toBe(0)
    expect((await cli('segment', 'link', 'pets', 'masks')).stdout).toBe(
      `2 of 3 images of "pets" have a mask in ${join(place.folder, 'masks')}.\n  n1/2.jpg: There is no mask "n1/2.png".\n`,
    )
    const { stdout, stderr } = await cli('segment', '--data', 'pets', '--classes', 'names.csv', '--target', 'true')
    expect(stdout, stderr).toContain('1 images were left out:\n  n1/2.jpg: There is no mask "n1/2.png".\n')
    const [newest] = (await json('segment', 'list')) as Evaluation[]
    expect(newest).toMatchObject({ dataSetName: 'pets', images: 2, skipped: 1, task: { ids: ['n1', 'n2'] } })
    const right = newest!.scoresWhenRight?.images ?? 0
    expect(right + (newest!.scoresWhenWrong?.images ?? 0)).toBe(2)
    const written = await cli('segment', 'export', String(newest!.id), 'out', '--kind', 'overlays')
    expect(written.stdout).toBe(`Wrote overlays of 2 images to ${join(place.folder, 'out')}.\n`)
    expect(readdirSync(join(place.folder, 'out', 'n1'))).toEqual(['0.png', '1.png'])
    expect((await cli('segment', 'export', String(newest!.id), 'out')).stderr).toBe(
      `headwise: "${join(place.folder, 'out')}" must be empty or new; it holds 2 files or folders.\n`,
    )
  })

  it('says in one line what does not fit', async () => {
    const failure = async (...args: string[]) => (await cli('segment', ...args)).stderr
    expect(await failure('--methods', 'lrp')).toContain(
      `There is no method "lrp"; there are decomposition, raw-attention, rollout, gradcam, gradient-attention.`,
    )
    expect(await failure('--threshold', '2')).toContain('A number from 0 to 1 is expected.')
    expect(await failure(...objects)).toBe(
      'headwise: Several data sets are in this workspace; name one of "segmentation", "pets".\n',
    )
    expect(await failure('--data', 'birds', ...objects)).toBe(
      'headwise: There is no data set "birds" in this workspace; it has "segmentation", "pets".\n',
    )
    expect(await failure('export', 'x', 'y')).toBe('headwise: The evaluation is named by its number; it got "x".\n')
    expect(await failure('link', 'segmentation', 'masks')).toBe(
      'headwise: The data set "segmentation" has its masks in its .mat file; others cannot be linked to it.\n',
    )
  })
})
