import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readClasses } from '../../../../src/engine/segment/read-classes.ts'
import { openCocoTruth } from '../../../../src/engine/segment/truth/coco-truth.ts'
import { openMatTruth } from '../../../../src/engine/segment/truth/mat-truth.ts'
import { openPngTruth } from '../../../../src/engine/segment/truth/png-truth.ts'
import { matMask, plainImage, writeMat } from '../../../support/mat-file.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

const file = (name: string) => {
  const path = join(place.folder, name)
  mkdirSync(dirname(path), { recursive: true })
  return path
}
const images = (...paths: string[]) => paths.map((path, ordinal) => ({ ordinal, path }))
const size = { widthPx: 3, heightPx: 2 }

describe('masks in a .mat', () => {
  it('are read by reference, as one sees them', async () => {
    await writeMat(file('whole.mat'), { img: [plainImage(3, 2)], gt: [matMask('011', '010'), matMask('000', '000')] })
    const truth = await openMatTruth(file('whole.mat'), images('#0', '#1'), true)
    expect(truth).toMatchObject({ kind: 'mat', masks: 2, problems: [] })
    const [first, empty] = images('#0', '#1')
    expect([...(await truth.read(first!, size)).foreground]).toEqual([0, 1, 1, 0, 1, 0])
    expect([...(await truth.read(empty!, size)).foreground]).toEqual([0, 0, 0, 0, 0, 0])
    truth.close()
  })

  it('that are bad are told one by one', async () => {
    await writeMat(file('bad.mat'), {
      img: [plainImage(3, 2)],
      gt: [
        null,
        'dangling',
        { data: new Float64Array(6), shape: [3, 2] },
        { data: new Uint8Array(12), shape: [2, 3, 2] },
        matMask('027', '010'),
        matMask('01', '01'),
      ],
    })
    const all = images('#0', '#1', '#2', '#3', '#4', '#5', '#6')
    const truth = await openMatTruth(file('bad.mat'), all, true)
    expect(truth.masks).toBe(2)
    const reasons = [
      'Mask 0 of "bad.mat" must be there; its reference leads to nothing.',
      'Mask 1 of "bad.mat" must be there; its reference leads to nothing.',
      'Mask 2 of "bad.mat" must be uint8 [width, height]; it is float64 [3, 2].',
      'Mask 3 of "bad.mat" must be uint8 [width, height]; it is uint8 [2, 3, 2].',
      'Mask 4 of "bad.mat" must hold 0 and 1 alone; it holds 2 and 7 too.',
      'Mask 5 of "bad.mat" must be 3x2 px like its image; it is 2x2 px.',
      'Mask 6 of "bad.mat" is not there.',
    ]
    expect(truth.problems.map(({ where, reason }) => [where, reason])).toEqual(
      [0, 1, 2, 3, 6].map((at) => [`#${at}`, reasons[at]]),
    )
    for (const [at, image] of all.entries()) {
      await expect(truth.read(image, size), image.path).rejects.toThrow(reasons[at])
    }
    truth.close()
  })

  it('are missed in a file without them, and in one of version 5', async () => {
    await writeMat(file('images.mat'), { img: [plainImage(3, 2)] })
    await expect(openMatTruth(file('images.mat'), images('#0'), false)).rejects.toThrow(
      '"images.mat" must hold /value/gt; it does not.',
    )
    writeFileSync(file('old.mat'), 'MATLAB 5.0 MAT-file, Platform: GLNXA64')
    await expect(openMatTruth(file('old.mat'), images('#0'), false)).rejects.toThrow(
      '"old.mat" must be a MATLAB 7.3 file; it is a MATLAB 5 file; save it with "-v7.3".',
    )
  })
})

describe('masks as PNG files', () => {
  const write = (path: string, pixels: number[], channels: 1 | 2 | 3 | 4 = 1, [width, height] = [3, 2]) =>
    sharp(Uint8Array.from(pixels), { raw: { width: width!, height: height!, channels } })
      .toColourspace(channels < 3 ? 'b-w' : 'srgb')
      .png()
      .toFile(file(path))

  it('are found by the images’ paths, and hold 1 or 255 as foreground', async () => {
    await write('masks/owl/1.png', [0, 255, 255, 0, 255, 0])
    await write('masks/owl/2.png', [0, 1, 0, 0, 0, 1])
    await write('masks/3.png', [0, 0, 0, 0, 0, 0])
    await write('masks/duck/9.png', [0, 0, 0, 0, 0, 0])
    const all = images('owl/1.jpg', 'owl/2.jpg', '3.webp', 'duck/1.jpg')
    const truth = await openPngTruth(join(place.folder, 'masks'), all)
    expect(truth.masks).toBe(3)
    expect(truth.problems).toEqual([
      { where: 'duck/1.jpg', reason: 'There is no mask "duck/1.png".' },
      { where: 'duck/9.png', reason: 'The data set has no image of this name.' },
    ])
    const pixels = await Promise.all(
      all.slice(0, 3).map(async (image) => [...(await truth.read(image, size)).foreground]),
    )
    expect(pixels).toEqual([
      [0, 1, 1, 0, 1, 0],
      [0, 1, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0],
    ])
    await expect(truth.read(all[3]!, size)).rejects.toThrow('There is no mask "duck/1.png".')
    const { hash } = truth
    await write('masks/3.png', [0, 1, 0, 0, 1, 0])
    expect((await openPngTruth(join(place.folder, 'masks'), all)).hash).not.toBe(hash)
  })

  it('are read whatever form a grey PNG has', async () => {
    const levels = [0, 255, 255, 0, 255, 0]
    await write(
      'forms/alpha.png',
      levels.flatMap((level) => [level, 7]),
      2,
    )
    await write(
      'forms/grey-rgb.png',
      levels.flatMap((level) => [level, level, level]),
      3,
    )
    await sharp(Uint8Array.from(levels.flatMap((level) => [level, level, level])), {
      raw: { width: 3, height: 2, channels: 3 },
    })
      .png({ palette: true })
      .toFile(file('forms/palette.png'))
    for (const [name, one] of [
      ['deep', 65535],
      ['deep-ones', 1],
    ] as const) {
      const deep = Uint16Array.from(levels, (level) => (level === 0 ? 0 : one))
      await sharp(deep, { raw: { width: 3, height: 2, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toFile(file(`forms/${name}.png`))
    }
    const all = images('alpha.jpg', 'grey-rgb.jpg', 'palette.jpg', 'deep.jpg', 'deep-ones.jpg')
    const truth = await openPngTruth(join(place.folder, 'forms'), all)
    for (const image of all) {
      expect([...(await truth.read(image, size)).foreground], image.path).toEqual([0, 1, 1, 0, 1, 0])
    }
  })

  it('that are bad are told in words', async () => {
    await write('odd/size.png', [0, 1, 1, 0], 1, [2, 2])
    await write('odd/values.png', [0, 1, 2, 3, 0, 17])
    await write('odd/both.png', [0, 1, 255, 0, 0, 0])
    await write('odd/color.png', [0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 3)
    await sharp(Uint8Array.from([0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), {
      raw: { width: 3, height: 2, channels: 3 },
    })
      .png({ palette: true })
      .toFile(file('odd/palette.png'))
    writeFileSync(file('odd/text.png'), 'no picture')
    const truth = await openPngTruth(
      join(place.folder, 'odd'),
      images('size.jpg', 'values.jpg', 'both.jpg', 'color.jpg', 'palette.jpg', 'text.jpg'),
    )
    const reasons: Record<string, string> = {
      size: 'Mask "size.png" must be 3x2 px like its image; it is 2x2 px.',
      values: 'Mask "values.png" must hold 0 for background and 1 or 255 for foreground; it holds 2, 3 and 17 too.',
      both: 'Mask "both.png" must hold one value for foreground; it holds 1 and 255, and which of them is meant is not clear.',
      color: 'Mask "color.png" must be grey; it holds the colour (128, 0, 0).',
      palette: 'Mask "palette.png" must be grey; it holds the colour (128, 0, 0).',
      text: 'Mask "text.png" must be a whole PNG; it is damaged or cut off.',
    }
    for (const [name, reason] of Object.entries(reasons)) {
      await expect(truth.read({ ordinal: 0, path: `${name}.jpg` }, size), name).rejects.toThrow(reason)
    }
    await expect(openPngTruth(join(place.folder, 'none'), [])).rejects.toThrow(
      `The masks must be in the folder "${join(place.folder, 'none')}"; it is not there. Link them again.`,
    )
  })
})

describe('masks of a COCO file', () => {
  const write = (name: string, content: unknown) => {
    writeFileSync(file(name), typeof content === 'string' ? content : JSON.stringify(content))
    return file(name)
  }
  const rle = (counts: number[] | string, [height, width] = [2, 3]) => ({ size: [height, width], counts })

  it('are the union of an image’s annotations', async () => {
    const path = write('coco.json', {
      images: [
        { id: 5, file_name: 'owl/1.jpg' },
        { id: 6, file_name: 'elsewhere/2.jpg' },
        { id: 7, file_name: 'nobody.jpg' },
        { id: 8, file_name: 'twin.jpg' },
        { id: 9, file_name: 'owl/1.jpg' },
      ],
      annotations: [
        { image_id: 5, segmentation: rle([2, 3, 1]), category_id: 1 },
        { image_id: 5, segmentation: rle('015') },
        { image_id: 5, segmentation: [[2, 0, 3, 0, 3, 2, 2, 2]] },
      ],
    })
    const all = images('owl/1.jpg', '2.jpg', 'a/twin.jpg', 'b/twin.jpg')
    const truth = openCocoTruth(path, all)
    expect(truth.masks).toBe(2)
    expect(truth.problems).toEqual([
      { where: 'a/twin.jpg', reason: '"coco.json" does not list this image.' },
      { where: 'b/twin.jpg', reason: '"coco.json" does not list this image.' },
      { where: 'nobody.jpg', reason: 'The data set has no image of this name.' },
      { where: 'twin.jpg', reason: 'Several images have this name.' },
      { where: 'owl/1.jpg', reason: 'It is listed twice; the first entry, 5, counts.' },
    ])
    // "011/010", the pixel at the top left, and the last column.
    expect([...(await truth.read(all[0]!, size)).foreground]).toEqual([1, 1, 1, 0, 1, 1])
    expect([...(await truth.read(all[1]!, size)).foreground]).toEqual([0, 0, 0, 0, 0, 0])
    await expect(truth.read(all[2]!, size)).rejects.toThrow('"coco.json" does not list this image.')
  })

  it('that are bad are told in words', async () => {
    const all = images('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg')
    const path = write('bad.json', {
      images: all.map(({ ordinal, path: name }) => ({ id: ordinal, file_name: name })),
      annotations: [
        { image_id: 0, segmentation: rle([4, 3, 2], [3, 3]) },
        { image_id: 1, segmentation: rle([4, 3]) },
        { image_id: 2, segmentation: rle('6!') },
        { image_id: 3, segmentation: 'all of it' },
      ],
    })
    const truth = openCocoTruth(path, all)
    const reasons = [
      'The mask of "a.jpg" in "bad.json" must be 3x2 px like its image; it is 3x3 px.',
      'The runs of the mask of "b.jpg" in "bad.json" must add up to its 6 pixels; they add up to 7.',
      'The counts of the mask of "c.jpg" in "bad.json" must be compressed as by COCO; they have "!" at 1.',
      'Annotations of the mask of "d.jpg" in "bad.json" must be run lengths or polygons; one is neither.',
    ]
    for (const [at, image] of all.entries()) await expect(truth.read(image, size)).rejects.toThrow(reasons[at])
    expect(() => openCocoTruth(write('cut.json', '{"images":'), all)).toThrow(
      '"cut.json" must be JSON; it cannot be parsed.',
    )
    expect(() => openCocoTruth(write('other.json', { images: [{ id: 1 }], annotations: [] }), all)).toThrow(
      '"other.json" must be a COCO file with images and annotations; it does not fit at "images.0.file_name".',
    )
    expect(() => openCocoTruth(file('none.json'), all)).toThrow(
      `The masks must be in the file "${file('none.json')}"; it is not there. Link them again.`,
    )
  })
})

describe('class names', () => {
  it('are read from all three kinds of file', () => {
    const expected = [
      { id: 'n01440764', name: 'tench' },
      { id: 'n01443537', name: 'goldfish, or carp' },
    ]
    expect(readClasses('a.csv', '\uFEFFid,name\nn01440764,tench\nn01443537,"goldfish, or carp"\n')).toEqual(expected)
    expect(readClasses('a.json', JSON.stringify(expected))).toEqual(expected)
    expect(readClasses('a.json', '{"0":"tench","1":"carp"}')).toEqual([
      { id: '0', name: 'tench' },
      { id: '1', name: 'carp' },
    ])
    expect(readClasses('a.json', '["tench","carp"]')).toEqual(readClasses('a.txt', 'tench\n\ncarp\r\n'))
  })

  it.each([
    ['a.csv', 'class,title\n1,tench\n', '"a.csv" must have the columns id and name; its columns are "class", "title".'],
    ['a.csv', 'id,name\n1,tench\n2,\n', 'Class 1 of "a.csv" must have a name; it is empty.'],
    ['a.txt', 'tench\n', '"a.txt" must hold at least two classes; it has 1.'],
    ['a.json', '["tench"', '"a.json" must be JSON; it cannot be parsed.'],
    [
      'a.json',
      '[1, 2]',
      '"a.json" must be a list of class names, a list of objects with id and name, or an object of id and name.',
    ],
    ['a.xml', '', 'Class names are a .csv, .json or .txt file; "a.xml" is none of them.'],
  ])('of %s with %j are refused', (name, content, message) => {
    expect(() => readClasses(name, content)).toThrow(message)
  })
})
