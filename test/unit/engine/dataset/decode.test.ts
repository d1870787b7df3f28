import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPreprocessor, decodeImage, thumbnail } from '../../../../src/engine/dataset/index.ts'
import { cropOffset, resizedSize } from '../../../../src/engine/dataset/preprocess.ts'
import { goldenFolder, goldenPath, readGolden } from '../../../support/golden.ts'
import { largestDifference, type Place, sampleFolder, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

const clip = {
  sizePx: 96,
  mean: [0.48145466, 0.4578275, 0.40821073] as [number, number, number],
  standardDeviation: [0.26862954, 0.26130258, 0.27577711] as [number, number, number],
}
/** red left half, blue right half */
const halves = () => {
  const rgb = Buffer.alloc(4 * 2 * 3)
  for (let y = 0; y < 2; y++) for (let x = 0; x < 4; x++) rgb[(y * 4 + x) * 3 + (x < 2 ? 0 : 2)] = 255
  return sharp(rgb, { raw: { width: 4, height: 2, channels: 3 } })
}
const file = (name: string) => join(place.folder, name)

describe('decodeImage', () => {
  it('applies the EXIF orientation', async () => {
    await halves().withMetadata({ orientation: 3 }).png().toFile(file('turned.png'))
    const { rgb } = await decodeImage(file('turned.png'))
    expect([...rgb.subarray(0, 3)]).toEqual([0, 0, 255])
    await halves().withMetadata({ orientation: 6 }).png().toFile(file('upright.png'))
    expect(await decodeImage(file('upright.png'))).toMatchObject({ widthPx: 2, heightPx: 4 })
  })

  it('gives three channels of eight bits whatever the file has', async () => {
    await halves().greyscale().png().toFile(file('grey.png'))
    await halves().ensureAlpha(0.5).png().toFile(file('alpha.png'))
    await halves().toColourspace('rgb16').png().toFile(file('deep.png'))
    await halves().toColourspace('cmyk').jpeg().toFile(file('cmyk.jpg'))
    for (const name of ['grey.png', 'alpha.png', 'deep.png', 'cmyk.jpg']) {
      const { widthPx, heightPx, rgb } = await decodeImage(file(name))
      expect([widthPx, heightPx, rgb.length], name).toEqual([4, 2, 24])
    }
    expect([...(await decodeImage(file('alpha.png'))).rgb.subarray(0, 3)]).toEqual([255, 0, 0])
    expect([...(await decodeImage(file('deep.png'))).rgb.subarray(0, 3)]).toEqual([255, 0, 0])
  })

  it('goes by the content, not by the name', async () => {
    await halves().png().toFile(file('really-a-png.jpg'))
    expect((await decodeImage(file('really-a-png.jpg'))).widthPx).toBe(4)
  })

  it('refuses what is no whole image, in words', async () => {
    const whole = readFileSync(join(sampleFolder, 'scenes', '0000.jpg'))
    writeFileSync(file('empty.jpg'), '')
    writeFileSync(file('text.jpg'), 'no image at all')
    writeFileSync(file('cut.jpg'), whole.subarray(0, whole.length / 2))
    await expect(decodeImage(file('empty.jpg'))).rejects.toThrow('"empty.jpg" must be an image; it has 0 bytes.')
    await expect(decodeImage(file('text.jpg'))).rejects.toThrow(
      '"text.jpg" must be an image; its content is of no known image format.',
    )
    await expect(decodeImage(file('cut.jpg'))).rejects.toThrow(
      /^"cut.jpg" must be a whole image; it is damaged or cut off \(.+\)\.$/,
    )
    await expect(decodeImage(file('none.jpg'))).rejects.toThrow('There is no file "none.jpg".')
  })

  it('makes thumbnails that fit', async () => {
    const image = await decodeImage(join(sampleFolder, 'scenes', '0000.jpg'))
    const { width, height, format } = await sharp(await thumbnail(image, 48)).metadata()
    expect({ width, height, format }).toEqual({ width: 48, height: 48, format: 'webp' })
  })
})

describe('preprocessing', () => {
  it('sizes and crops as PIL and torchvision do', () => {
    expect(resizedSize(640, 427, 96)).toEqual({ width: 143, height: 96 })
    expect(resizedSize(50, 80, 96)).toEqual({ width: 96, height: 153 })
    expect([cropOffset(143, 96), cropOffset(153, 96), cropOffset(97, 96), cropOffset(99, 96)]).toEqual([24, 28, 0, 2])
  })

  it.skipIf(!goldenFolder)('equals PIL to one level of 255, and to five at the edges when enlarging', async () => {
    const preprocessor = await createPreprocessor(clip)
    const length = 3 * 96 * 96
    const golden = readGolden('odd_pixels.npy').data
    const names = ['0-640x427.jpg', '1-333x500.png', '2-96x96.png', '3-1023x767.jpg', '4-50x80.png', '5-225x224.webp']
    for (const [at, name] of names.entries()) {
      const pixels = new Float32Array(length)
      await preprocessor.writePixels(await decodeImage(goldenPath(`odd-images/${name}`)), pixels, 0)
      const toLevels = (values: Float32Array) =>
        values.map((value, place) => value * 255 * clip.standardDeviation[Math.floor(place / 9216)]!)
      const difference = largestDifference(toLevels(pixels), toLevels(golden.slice(at * length, (at + 1) * length)))
      expect(difference, name).toBeLessThan(name === '4-50x80.png' ? 5.01 : 1.01)
    }
    await preprocessor.close()
  })

  it.skipIf(!goldenFolder)('equals the reference exactly where nothing is resized', async () => {
    const preprocessor = await createPreprocessor(clip)
    const golden = readGolden('pixels.npy').data
    const length = 3 * 96 * 96
    for (let at = 0; at < 8; at++) {
      const pixels = new Float32Array(length)
      await preprocessor.writePixels(await decodeImage(join(sampleFolder, 'scenes', `000${at}.jpg`)), pixels, 0)
      expect(largestDifference(pixels, golden.slice(at * length, (at + 1) * length))).toBeLessThan(1e-5)
    }
    await preprocessor.close()
  })
})
