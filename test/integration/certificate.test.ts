/** The certificate finds terms that do not add up, and the run is refused for good. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allLayers, computeBases, largestError, openDecomposer } from '../../src/engine/decompose/index.ts'
import { appendInPlace, emptyBlock } from '../../src/engine/decompose/block.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import Database from 'better-sqlite3'
import { sampleFolder, temporaryFolder, testEngine } from '../support/sample.ts'

describe('the certificate', () => {
  it('is near rounding for true terms and large for any term that is wrong', async () => {
    const place = temporaryFolder()
    const checkpoint = openCheckpoint(join(sampleFolder, 'model'))
    const { layers, width, imageSizePx } = checkpoint.config.vision
    const shape = { layers, width, jointWidth: checkpoint.config.jointWidth, classToClass: false }
    const bases = await computeBases(checkpoint, allLayers(checkpoint), place.cacheFolder)
    const decomposer = await openDecomposer(checkpoint, { classToClass: false, cacheFolder: place.cacheFolder })
    const pixels = Float32Array.from({ length: 2 * 3 * imageSizePx ** 2 }, (_, at) => Math.sin(at))
    const batch = await decomposer.decompose(pixels, 2)
    await decomposer.close()
    const block = () => {
      const made = emptyBlock(2, shape)
      appendInPlace(made, batch, shape)
      return made
    }
    expect(await largestError(block(), bases)).toBeLessThan(1e-6)
    const wrong = (change: (made: ReturnType<typeof block>) => void) => {
      const made = block()
      change(made)
      return largestError(made, bases)
    }
    expect(await wrong(({ attended }) => (attended[3]![width + 7]! += 0.5))).toBeGreaterThan(1e-4)
    expect(await wrong(({ mlp }) => (mlp[0]![3]! += 0.1))).toBeGreaterThan(1e-4)
    expect(await wrong(({ scalars }) => (scalars[1]! *= 1.01))).toBeGreaterThan(1e-4)
    expect(await wrong(({ attended }) => (attended[0]![0] = NaN))).toBe(Infinity)
    expect(await largestError(block(), { ...bases, E: bases.E.map((value) => value + 0.01) })).toBeGreaterThan(1e-4)
    place.remove()
  })

  it('refuses a run above its tolerance and lets nothing be worked out from it', async () => {
    const place = temporaryFolder()
    const path = join(place.folder, 'a.headwise')
    const engine = await testEngine(path, place.cacheFolder)
    try {
      const { client } = engine
      const { id: modelId } = await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' })
      const { resultId } = await engine.finish(client['data-set/add']({ path: join(sampleFolder, 'scenes') }))
      const decompose = { modelId, dataSetId: resultId!, provider: 'cpu' as const }
      const run = await engine.finish(client['run/decompose']({ ...decompose, limit: 2 }))
      // A tolerance that no float32 sum keeps stands in for a device that computes badly.
      const raw = new Database(path)
      raw.exec(`INSERT INTO run SELECT 99, 'strict', model_id, data_set_id, store, provider, class_to_class, 3, block_images, 1e-12,
        NULL, program_version, created_ms FROM run WHERE id = ${run.resultId!}`)
      raw.close()
      const failed = await engine.settle(client['run/decompose']({ ...decompose, limit: 3 }))
      expect(failed).toMatchObject({ state: 'failed', resultId: 99, error: { code: 'not-exact' } })
      expect(failed.error!.message).toMatch(
        /^The terms must add up to the representation within 1e-12; they miss it by \S+ with the provider "cpu"\. The run is refused\.$/,
      )
      expect(await client['run/read']({ runId: 99 })).toMatchObject({
        state: 'not-exact',
        images: 0,
        certificate: { isExact: false },
      })
      const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.txt') })
      await expect(client['text-span/start']({ runId: 99, poolVersionId: pool.versions[0]!.id })).rejects.toThrow(
        /^Run 99 must be exact; its terms miss the representation by \S+\.$/,
      )
    } finally {
      await engine.close()
      place.remove()
    }
  })
})
