/** For a child process: the sample's token maps on one provider, as JSON, [methods][patches]. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '../../src/contract/run.ts'
import { segmentMethods } from '../../src/contract/segment.ts'
import { openCheckpoint } from '../../src/engine/model/index.ts'
import { openMapMaker } from '../../src/engine/segment/map-maker.ts'
import { sampleFolder } from './sample.ts'
import { randomValues } from './tiny-checkpoint.ts'

const checkpoint = openCheckpoint(join(sampleFolder, 'model'))
const pixels = randomValues(3 * checkpoint.config.vision.imageSizePx ** 2, 3)
const direction = randomValues(checkpoint.config.jointWidth, 4)
const cacheFolder = mkdtempSync(join(tmpdir(), 'headwise-test-'))
const provider = process.argv[2] as Provider
const maker = await openMapMaker(checkpoint, { methods: segmentMethods, cacheFolder, provider })
const [maps] = await maker.maps(
  pixels,
  1,
  direction,
  segmentMethods.map((method) => ({ method })),
)
await maker.close()
rmSync(cacheFolder, { recursive: true })
console.log(JSON.stringify(maps!.map(({ patches }) => [...patches])))
