/** Ground truth of every kind, whole and broken, through evaluations on the sample's model. */
import { cpSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MatEntry, matMask, plainImage, writeMat } from '../support/mat-file.ts'
import { type Place, sampleFolder, temporaryFolder, testEngine, type TestEngine } from '../support/sample.ts'

const task = { classes: ['cat', 'house', 'ring'], templates: ['a photo of a {}'] }
const settings = [{ method: 'rollout' as const }]

let place: Place
let engine: TestEngine
let client: TestEngine['client']
beforeAll(async () => {
  place = temporaryFolder()
  engine = await testEngine(join(place.folder, 'a.headwise'), place.cacheFolder)
  client = engine.client
  await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
})
afterAll(async () => {
  await engine.close()
  place.remove()
})

const file = (name: string) => join(place.folder, name)
const addData = async (path: string) => (await engine.finish(client['data-set/add']({ path }))).resultId!
const evaluate = async (dataSetId: number, more: object = {}) => {
  const job = await engine.finish(client['segment/evaluate']({ modelId: 1, dataSetId, task, settings, ...more }))
  const read = await client['segment/read']({ evaluationId: job.resultId! })
  return { job, ...read }
}
const addMat = async (name: string, groups: { img?: MatEntry[]; gt?: MatEntry[] }) => {
  await writeMat(file(name), groups)
  return addData(file(name))
}

describe('a .mat with bad masks', () => {
  const bar = (widthPx: number, heightPx: number) =>
    matMask(...Array.from({ length: heightPx }, (_, y) => (y < 2 ? '1' : '0').repeat(widthPx)))

  it('is evaluated on the others, and each bad one is told', async () => {
    const dataSetId = await addMat('bad.mat', {
      img: [
        plainImage(8, 6),
        plainImage(6, 6),
        plainImage(6, 6),
        plainImage(6, 6),
        { data: new Uint8Array(36), shape: [6, 6] },
        { data: new Uint8Array(144), shape: [4, 6, 6] },
        'dangling',
        plainImage(6, 6),
      ],
      gt: [
        bar(8, 6),
        bar(6, 8),
        'dangling',
        matMask(...Array<string>(6).fill('010300')),
        bar(6, 6),
        bar(6, 6),
        bar(6, 6),
      ],
    })
    const { job, evaluation, skipped } = await evaluate(dataSetId)
    expect(job).toMatchObject({ done: 1, skipped: 7, total: 8 })
    expect(evaluation).toMatchObject({ images: 1, skipped: 7, total: 8, isComplete: true })
    expect(evaluation.scores!.images).toBe(1)
    expect(skipped).toEqual([
      { path: '#1', reason: 'Mask 1 of "bad.mat" must be 6x6 px like its image; it is 6x8 px.' },
      { path: '#2', reason: 'Mask 2 of "bad.mat" must be there; its reference leads to nothing.' },
      { path: '#3', reason: 'Mask 3 of "bad.mat" must hold 0 and 1 alone; it holds 3 too.' },
      { path: '#4', reason: 'Image 4 of "bad.mat" must be uint8 [3, width, height]; it is [6, 6].' },
      { path: '#5', reason: 'Image 5 of "bad.mat" must be uint8 [3, width, height]; it is [4, 6, 6].' },
      { path: '#6', reason: 'Image 6 of "bad.mat" must be there; its reference leads to nothing.' },
      { path: '#7', reason: 'Mask 7 of "bad.mat" is not there.' },
    ])
    expect(await client['segment/ground-truth']({ dataSetId })).toEqual({
      ...{ dataSetId, kind: 'mat', place: file('bad.mat'), masks: 6 },
      problems: [
        { where: '#2', reason: 'Mask 2 of "bad.mat" must be there; its reference leads to nothing.' },
        { where: '#7', reason: 'Mask 7 of "bad.mat" is not there.' },
      ],
    })
    const imageId = (await client['image/page']({ dataSetId })).images[3]!.id
    const image = await client['segment/image']({ modelId: 1, imageId, task, settings: settings[0]! })
    expect(image).toMatchObject({ truth: null, averagePrecision: null, truthProblem: skipped[2]!.reason })
    expect(image.curve.precision).toHaveLength(0)
  })

  it('without any is refused', async () => {
    const dataSetId = await addMat('images.mat', { img: [plainImage(6, 6)] })
    await expect(evaluate(dataSetId)).rejects.toThrow('"images.mat" must hold /value/gt; it does not.')
    expect(await client['segment/ground-truth']({ dataSetId })).toMatchObject({
      masks: 0,
      problems: [{ reason: '"images.mat" must hold /value/gt; it does not.' }],
    })
    await expect(client['segment/link-masks']({ dataSetId, path: place.folder })).rejects.toThrow(
      'The data set "images" has its masks in its .mat file; others cannot be linked to it.',
    )
  })

  it('that was replaced by another is refused', async () => {
    const dataSetId = await addMat('other.mat', { img: [plainImage(6, 6)], gt: [bar(6, 6)] })
    await writeMat(file('other.mat'), { img: [plainImage(60, 60)], gt: [bar(60, 60)] })
    await expect(evaluate(dataSetId)).rejects.toThrow(
      /^"other\.mat" of "other" must be as it was when it was imported \(\d+ bytes\); it has \d+ bytes now\.$/,
    )
  })
})

describe('empty masks', () => {
  it('have scores: a class that is nowhere is found where it is predicted nowhere', async () => {
    const blank = matMask(...Array<string>(6).fill('000000'))
    const dataSetId = await addMat('blank.mat', { img: [plainImage(6, 6), plainImage(6, 6)], gt: [blank, blank] })
    const above = await evaluate(dataSetId, { settings: [{ method: 'rollout', threshold: 1 }] })
    expect(above.evaluation.scores).toMatchObject({ images: 2, pixelAccuracy: 1, meanIou: 1, foregroundIou: 1 })
    const mean = await evaluate(dataSetId)
    expect(mean.evaluation.scores).toMatchObject({ images: 2, foregroundIou: 0 })
    expect(mean.evaluation.scores!.meanAp).toBeGreaterThan(0)
    expect(mean.evaluation.scores!.meanAp).toBeLessThan(1)
  })
})

describe('a folder of images', () => {
  let dataSetId: number
  const pictures = readdirSync(join(sampleFolder, 'birds', 'owl')).slice(0, 2)
  const gradient = () =>
    sharp(Buffer.from(Array.from({ length: 120 * 96 * 3 }, (_, at) => at % 251)), {
      raw: { width: 120, height: 96, channels: 3 },
    })
  const putMask = async (path: string, widthPx: number, heightPx: number, value = 255) => {
    const levels = Buffer.alloc(widthPx * heightPx)
    levels.fill(value, 0, levels.length / 2)
    await sharp(levels, { raw: { width: widthPx, height: heightPx, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(path)
  }
  beforeAll(async () => {
    for (const folder of ['photos/owl', 'photos/odd', 'masks/owl', 'masks/odd'])
      mkdirSync(file(folder), { recursive: true })
    for (const [at, name] of pictures.entries()) {
      cpSync(join(sampleFolder, 'birds', 'owl', name), file(`photos/owl/${at}.jpg`))
      await putMask(file(`masks/owl/${at}.png`), 96, 96, at === 0 ? 255 : 1)
    }
    await gradient().greyscale().jpeg().toFile(file('photos/odd/grey.jpg'))
    await gradient().toColourspace('cmyk').jpeg().toFile(file('photos/odd/cmyk.jpg'))
    writeFileSync(file('photos/odd/broken.jpg'), 'no image')
    for (const name of ['grey', 'cmyk', 'broken']) await putMask(file(`masks/odd/${name}.png`), 120, 96)
    dataSetId = await addData(file('photos'))
  })

  it('without masks is refused, and so are masks of other images', async () => {
    expect(await client['segment/ground-truth']({ dataSetId })).toBeNull()
    await expect(evaluate(dataSetId)).rejects.toThrow(
      'The data set "photos" must have masks; none are linked to it. Link a folder of PNG masks or a COCO file.',
    )
    mkdirSync(file('others'))
    await putMask(file('others/1.png'), 4, 4)
    await expect(client['segment/link-masks']({ dataSetId, path: file('others') })).rejects.toThrow(
      `"${file('others')}" must hold the mask of at least one image of "photos"; it holds none. The mask of "odd/broken.jpg" would be "odd/broken.png".`,
    )
    await expect(client['segment/link-masks']({ dataSetId, path: file('none') })).rejects.toThrow(
      `There is no folder or file "${file('none')}".`,
    )
    await expect(client['segment/link-masks']({ dataSetId, path: file('a.headwise') })).rejects.toThrow(
      `Masks are a folder of PNG files or a COCO .json; "${file('a.headwise')}" is neither.`,
    )
  })

  it('is evaluated with PNG masks; grey and CMYK images go as PIL takes them', async () => {
    expect(await client['segment/link-masks']({ dataSetId, path: file('masks') })).toMatchObject({
      ...{ kind: 'png', masks: 5, problems: [] },
    })
    const { evaluation, skipped } = await evaluate(dataSetId)
    expect(skipped).toEqual([
      { path: 'odd/broken.jpg', reason: '"broken.jpg" must be an image; its content is of no known image format.' },
    ])
    expect(evaluation).toMatchObject({ images: 4, skipped: 1 })
    await putMask(file('masks/odd/grey.png'), 96, 120)
    expect((await evaluate(dataSetId)).skipped).toContainEqual({
      path: 'odd/grey.jpg',
      reason: 'Mask "odd/grey.png" must be 120x96 px like its image; it is 96x120 px.',
    })
    await putMask(file('masks/odd/grey.png'), 120, 96)
  })

  it('has other scores where masks are squashed and where they are cropped like the image', async () => {
    const both = [{ method: 'rollout' as const }, { method: 'rollout' as const, protocol: 'aligned' as const }]
    const filter = { path: 'odd/' }
    const { job } = await evaluate(dataSetId, { settings: both, filter })
    const scores = (await client['segment/list']({})).slice(0, 2).map(({ scores: of }) => of!)
    expect(job.total).toBe(3)
    // The mask is the upper half at full width: squashing and cropping leave the same.
    expect(scores[0]).toEqual(scores[1])
    const left = Buffer.alloc(120 * 96)
    for (let y = 0; y < 96; y++) left.fill(255, y * 120, y * 120 + 40)
    await sharp(left, { raw: { width: 120, height: 96, channels: 1 } })
      .png()
      .toFile(file('masks/odd/grey.png'))
    await evaluate(dataSetId, { settings: both, filter })
    const [aligned, published] = await client['segment/list']({})
    const pixels = async (evaluationId: number) => {
      const { images } = await client['segment/images']({ evaluationId, sort: 'ordinal' })
      const { truePositives, falseNegatives } = images.find(({ path }) => path === 'odd/grey.jpg')!
      return truePositives + falseNegatives
    }
    // 40 of 120 columns: a third of 96 when squashed, 40 - 12 after the crop.
    expect(await pixels(published!.id)).toBe(32 * 96)
    expect(await pixels(aligned!.id)).toBe(28 * 96)
  })

  it('takes the true class, and leaves out images that have none', async () => {
    const classes = { classes: ['an owl', 'a duck'], ids: ['owl', 'duck'], templates: ['{}'] }
    const target = { kind: 'true' as const }
    const { evaluation, skipped } = await evaluate(dataSetId, {
      task: classes,
      settings: [{ method: 'rollout', target }],
    })
    expect(evaluation).toMatchObject({ images: 2, skipped: 3 })
    expect(skipped[2]).toEqual({
      path: 'odd/grey.jpg',
      reason:
        'The data set must say the class of "odd/grey.jpg" for a map of its true class; it says none of the classes.',
    })
    const { images } = await client['segment/images']({ evaluationId: evaluation.id })
    expect(images.map(({ trueClass }) => trueClass)).toEqual(['an owl', 'an owl'])
  })

  it('takes its own predictions as ground truth, and then finds nothing wrong', async () => {
    const { evaluation } = await evaluate(dataSetId)
    await engine.finish(
      client['segment/export']({ evaluationId: evaluation.id, kind: 'coco', folder: file('predicted') }),
    )
    const linked = await client['segment/link-masks']({ dataSetId, path: file('predicted/predictions.json') })
    expect(linked).toMatchObject({ kind: 'coco', masks: 4 })
    const again = await evaluate(dataSetId, { settings: [{ method: 'rollout', protocol: 'aligned' }] })
    expect(again.evaluation.scores!.meanIou).toBeGreaterThan(0.97)
    await expect(
      client['segment/export']({ evaluationId: evaluation.id, kind: 'overlays', folder: file('late') }).then((ticket) =>
        engine.finish(Promise.resolve(ticket)),
      ),
    ).rejects.toThrow(
      `The masks of "photos" must be those of evaluation ${evaluation.id}; they were changed since. Evaluate again.`,
    )
    const [image] = (await client['segment/images']({ evaluationId: evaluation.id })).images
    const shown = await client['segment/image']({ modelId: 1, imageId: image!.id, task, settings: settings[0]! })
    expect(shown.groundTruthHash).toBe(again.evaluation.groundTruthHash)
    expect(shown.groundTruthHash).not.toBe(evaluation.groundTruthHash)
  })

  it('is told at once that a linked COCO file is gone', async () => {
    const jobs = (await client['job/list']({})).length
    renameSync(file('predicted/predictions.json'), file('moved.json'))
    await expect(evaluate(dataSetId)).rejects.toThrow(
      `The masks must be in the file "${file('predicted/predictions.json')}"; it is not there. Link them again.`,
    )
    expect(await client['job/list']({})).toHaveLength(jobs)
    renameSync(file('moved.json'), file('predicted/predictions.json'))
  })
})

describe('what does not fit', () => {
  it.each([
    [
      { settings: [{ method: 'rollout', target: { kind: 'class', name: 'boat' } }] },
      'The target class must be one of the 3 classes; "boat" is none of them.',
    ],
    [
      { settings: [{ method: 'decomposition', heads: [{ layer: 9, head: 0 }] }] },
      'Layer 9 does not exist in the model "sample"; layers run from 0 to 5.',
    ],
    [{ settings: [...settings, ...settings] }, 'Settings must differ; settings 0 and 1 are the same.'],
    [{ task: { ...task, attribute: 'kind' } }, 'The data set must have the attribute "kind"; it has none.'],
    [{ task: { ...task, ids: ['a'] } }, 'Each of the 3 classes must have an id; there are 1.'],
    [{ filter: { label: 'boat' } }, 'The filter must leave at least one image of "photos"; it leaves none.'],
    [{ modelId: 9 }, 'There is no model 9 in this workspace.'],
  ])('is told before anything starts: %j', async (more, message) => {
    const photos = (await client['data-set/list']({})).find(({ name }) => name === 'photos')!
    const jobs = (await client['job/list']({})).length
    await expect(evaluate(photos.id, more)).rejects.toThrow(message)
    expect(await client['job/list']({})).toHaveLength(jobs)
  })

  it('is told of evaluations and images that are not there', async () => {
    await expect(client['segment/read']({ evaluationId: 99 })).rejects.toThrow(
      'There is no evaluation 99 in this workspace.',
    )
    await expect(client['segment/notes']({ imageId: 9999 })).rejects.toThrow(
      'There is no image 9999 in this workspace.',
    )
    const evaluations = await client['segment/list']({})
    const ofOther = evaluations.find(({ dataSetName }) => dataSetName === 'bad')!
    await expect(client['segment/images']({ evaluationId: evaluations[0]!.id, againstId: ofOther.id })).rejects.toThrow(
      `Evaluations that are compared must be of one data set; ${evaluations[0]!.id} is of "photos", ${ofOther.id} of "bad".`,
    )
  })
})

describe('notes', () => {
  it('are kept with their history, and show on the images of every evaluation', async () => {
    const [evaluation] = await client['segment/list']({})
    const { images } = await client['segment/images']({ evaluationId: evaluation!.id })
    const imageId = images[0]!.id
    const say = (flags: string[], note = '') => client['segment/note']({ imageId, annotator: 'Ann', flags, note })
    expect(await say(['missed part', 'missed part'], 'the tail')).toMatchObject({
      flags: ['missed part'],
      note: 'the tail',
    })
    await say(['wrong ground truth'])
    expect((await client['segment/notes']({ imageId })).map(({ flags, note }) => [flags[0], note])).toEqual([
      ['wrong ground truth', ''],
      ['missed part', 'the tail'],
    ])
    const flagged = await client['segment/images']({ evaluationId: evaluation!.id, flag: 'wrong ground truth' })
    expect(flagged.images.map(({ id, flags }) => [id, flags])).toEqual([[imageId, ['wrong ground truth']]])
    expect(await client['segment/flags']({ dataSetId: evaluation!.dataSetId })).toEqual([
      { flag: 'wrong ground truth', images: 1 },
    ])
  })
})
