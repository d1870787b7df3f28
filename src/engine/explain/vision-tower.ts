/** One image at a time through a checkpoint's vision tower in float32, handing out what its scores are made of. */
import type { Provider } from '../../contract/run.ts'
import { createPreprocessor, type DecodedImage } from '../dataset/index.ts'
import { explainGraph } from '../graph/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { createSession, Tensor } from '../runtime/session.ts'

/** Before anything is divided by sigma |rep|. */
export type ImagePass = {
  /** layer -> a v of every head and token, [H, N, dh]; the layers that were asked for */
  values: Map<number, Float32Array>
  /** [L, d] */
  mlp: Float32Array
  mean: number
  scale: number
  norm: number
  /** [d], unit length */
  representation: Float32Array
}

export type VisionTower = {
  provider: Provider
  pass(image: DecodedImage, layers: number[]): Promise<ImagePass>
  close(): Promise<void>
}

const imageOutputs = ['mlp', 'mean', 'scale', 'norm', 'representation'] as const

export async function openVisionTower(checkpoint: Checkpoint, cacheFolder: string): Promise<VisionTower> {
  const { preprocessing } = checkpoint.config
  const preprocessor = await createPreprocessor(preprocessing)
  const session = await createSession(explainGraph(checkpoint), {
    weights: { path: checkpoint.weightsPath, cacheFolder },
  })
  const { sizePx } = preprocessing
  return {
    provider: 'cpu',
    async pass(image, layers) {
      const pixels = new Float32Array(3 * sizePx ** 2)
      await preprocessor.writePixels(image, pixels, 0)
      const wanted = [...imageOutputs, ...layers.map((layer) => `values_${layer}`)]
      const outputs = await session.run({ pixels: new Tensor('float32', pixels, [1, 3, sizePx, sizePx]) }, wanted)
      const floats = (name: string) => outputs[name]!.data as Float32Array
      return {
        values: new Map(layers.map((layer) => [layer, floats(`values_${layer}`)])),
        mlp: floats('mlp'),
        mean: floats('mean')[0]!,
        scale: floats('scale')[0]!,
        norm: floats('norm')[0]!,
        representation: floats('representation'),
      }
    },
    async close() {
      await session.release()
      await preprocessor.close()
    },
  }
}
