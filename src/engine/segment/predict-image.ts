/** One image under some settings: its map, ready to be looked at or written to a file. */
import type { SegmentSettings } from '../../contract/segment.ts'
import { HeadwiseError } from '../../contract/errors.ts'
import { createPreprocessor, type DecodedImage, type Preprocessor } from '../dataset/index.ts'
import type { Checkpoint } from '../model/index.ts'
import {
  type MapMaker,
  type MapMakerOptions,
  openMapMaker,
  type PatchMap,
  scaledMap,
  type ScaledMap,
} from './map-maker.ts'
import { thresholdOf } from './score/pixels.ts'
import { directionOf, type ImageClasses, predictedClasses, requestOf, type Targets, unknownClass } from './targets.ts'

/** What turns images into maps. */
export type MapTools = { maker: MapMaker; preprocessor: Preprocessor; sizePx: number; close(): Promise<void> }

export async function openMapTools(checkpoint: Checkpoint, options: MapMakerOptions): Promise<MapTools> {
  const maker = await openMapMaker(checkpoint, options)
  const preprocessor = await createPreprocessor(checkpoint.config.preprocessing)
  return {
    maker,
    preprocessor,
    sizePx: checkpoint.config.preprocessing.sizePx,
    async close() {
      await maker.close()
      await preprocessor.close()
    },
  }
}

export type PredictedImage = {
  /** [3, S, S], as the model sees it */
  pixels: Float32Array
  classes: ImageClasses
  patchMap: PatchMap
  scaled: ScaledMap
  threshold: number
}

/**
 * @param truth place of the true class in the task's classes; null when it is not known
 * @throws HeadwiseError 'bad-input' when the map is to be of the true class and that is not known
 */
export async function predictImage(
  { maker, preprocessor, sizePx }: MapTools,
  targets: Targets,
  settings: SegmentSettings,
  image: { path: string; decoded: DecodedImage; truth: number | null },
): Promise<PredictedImage> {
  const pixels = new Float32Array(3 * sizePx ** 2)
  await preprocessor.writePixels(image.decoded, pixels, 0)
  const predicted = predictedClasses(await maker.representations(pixels, 1), targets)[0]!
  const classes = { predicted, truth: image.truth }
  const direction = directionOf(settings, classes, targets)
  if (!direction) throw new HeadwiseError('bad-input', unknownClass(image.path))
  const [[patchMap]] = (await maker.maps(pixels, 1, direction, [requestOf(settings)])) as [[PatchMap]]
  const scaled = scaledMap(patchMap.patches, maker.gridRows, maker.gridColumns, sizePx)
  return { pixels, classes, patchMap, scaled, threshold: thresholdOf(scaled, settings.threshold) }
}

/** [S, S], 1 where the map lies above the threshold. */
export function foregroundOf({ scaled, threshold }: PredictedImage): Uint8Array {
  return Uint8Array.from(scaled.map, (value) => (value > threshold ? 1 : 0))
}
