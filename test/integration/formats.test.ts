/** Pictures as people have them: several formats, sizes, colour models and orientations in one folder. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { readNpy } from '../support/npy.ts'
import { runCli } from '../support/run-cli.ts'
import { sampleFolder, temporaryFolder } from '../support/sample.ts'

it('decomposes a folder of ordinary pictures, and reads the workspace back', async () => {
  const place = temporaryFolder()
  const photos = join(place.folder, 'photos')
  for (const folder of ['holiday', 'garden']) mkdirSync(join(photos, folder), { recursive: true })
  const scene = (name: string, width: number, height: number) =>
    sharp(join(sampleFolder, 'scenes', name)).resize(width, height, { fit: 'fill' })
  await scene('0001.jpg', 4000, 3000)
    .jpeg()
    .toFile(join(photos, 'holiday', 'IMG_1.JPG'))
  await scene('0001.jpg', 640, 480)
    .withMetadata({ orientation: 8 })
    .jpeg()
    .toFile(join(photos, 'holiday', 'turned.jpeg'))
  await scene('0002.jpg', 333, 500)
    .png()
    .toFile(join(photos, 'holiday', 'tall.png'))
  await scene('0003.jpg', 40, 30)
    .webp({ lossless: true })
    .toFile(join(photos, 'garden', 'tiny.webp'))
  await scene('0004.jpg', 800, 200)
    .tiff()
    .toFile(join(photos, 'garden', 'wide.tif'))
  await scene('0005.jpg', 200, 200)
    .gif()
    .toFile(join(photos, 'garden', 'flat.gif'))
  await scene('0006.jpg', 300, 200)
    .avif({ quality: 80 })
    .toFile(join(photos, 'garden', 'new.avif'))
  await scene('0007.jpg', 300, 200)
    .toColourspace('cmyk')
    .jpeg()
    .toFile(join(photos, 'garden', 'print.jpg'))
  await scene('0008.jpg', 300, 200)
    .greyscale()
    .png()
    .toFile(join(photos, 'garden', 'grey.png'))
  const cli = async (...args: string[]): Promise<unknown> => {
    const result = await runCli([...args, '--json'], { cwd: place.folder, env: { HEADWISE_CACHE: place.cacheFolder } })
    expect(result.code, result.stderr).toBe(0)
    return JSON.parse(result.stdout)
  }
  try {
    await cli('init', 'photos.headwise')
    await cli('model', 'add', join(sampleFolder, 'model'), '--name', 'sample')
    expect(await cli('data', 'add', photos)).toMatchObject({
      images: 9,
      labels: [
        { label: 'garden', images: 6 },
        { label: 'holiday', images: 3 },
      ],
    })
    const run = (await cli('decompose', '--provider', 'cpu')) as {
      images: number
      skipped: number
      certificate: { computedError: number }
    }
    expect(run).toMatchObject({ images: 9, skipped: 0 })
    expect(run.certificate.computedError).toBeLessThan(1e-6)
    expect(await cli('info')).toMatchObject({ runs: [{ images: 9, total: 9, state: 'complete' }] })
    await cli('export', 'npy', 'arrays')
    const { shape, data } = readNpy(join(place.folder, 'arrays', 'photos_representation_sample.npy'))
    expect(shape).toEqual([9, 128])
    // The representation is the sum of all exported terms.
    const attention = readNpy(join(place.folder, 'arrays', 'photos_attn_sample.npy')).data
    const mlps = readNpy(join(place.folder, 'arrays', 'photos_mlp_sample.npy')).data
    for (let image = 0; image < 9; image++) {
      for (let k = 0; k < 128; k++) {
        let sum = 0
        for (let term = 0; term < 48; term++) sum += attention[(image * 48 + term) * 128 + k]!
        for (let term = 0; term < 7; term++) sum += mlps[(image * 7 + term) * 128 + k]!
        expect(Math.abs(sum - data[image * 128 + k]!)).toBeLessThan(5e-4)
      }
    }
  } finally {
    place.remove()
  }
})
