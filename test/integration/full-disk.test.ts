/** A disk that fills up in the middle of a run: a small file system in memory, where the system lets us make one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Place, sampleFolder, temporaryFolder, testEngine } from '../support/sample.ts'

const place: Place = temporaryFolder()
const disk = join(place.folder, 'disk')
mkdirSync(disk)
const mount = (...options: string[]) => spawnSync('mount', options, { stdio: 'ignore' }).status === 0
const canMount = process.platform === 'linux' && mount('-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk)
if (!canMount) console.warn('SKIPPED: the full-disk test needs the right to mount a tmpfs.')

afterAll(() => {
  if (canMount) spawnSync('umount', ['-l', disk])
  place.remove()
})

describe.skipIf(!canMount)('a disk that fills up', () => {
  it('stops the run with a sentence, keeps what was committed, and lets it go on when there is room', async () => {
    const path = join(disk, 'a.headwise')
    const engine = await testEngine(path, place.cacheFolder)
    try {
      const { client } = engine
      const { id: modelId } = await client['model/add']({ folder: join(sampleFolder, 'model') })
      const { resultId } = await engine.finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))
      const input = { modelId, dataSetId: resultId!, provider: 'cpu' as const }
      const failed = await engine.settle(client['run/decompose'](input))
      expect(failed.error).toEqual({
        code: 'disk',
        message: 'The disk of "a.headwise" is full; nothing of this step was saved, everything before it is.',
      })
      const half = await client['run/read']({ runId: failed.resultId! })
      expect(half.images % 256).toBe(0)
      expect(half.images).toBeLessThan(600)
      expect(mount('-o', 'remount,size=64m', disk)).toBe(true)
      const job = await engine.finish(client['run/decompose'](input))
      expect(await client['run/read']({ runId: job.resultId! })).toMatchObject({
        id: half.id,
        state: 'complete',
        images: 600,
      })
    } finally {
      await engine.close()
    }
  })
})
