/** A checkpoint's vision tower, ready to decompose batches of images. */
import type { Provider } from '../../contract/run.ts'
import { decomposeGraph } from '../graph/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { createSession, Tensor } from '../runtime/session.ts'

/** Of one batch of B images, before anything is divided by sigma |rep|. */
export type Decomposition = {
  images: number
  /** z of every head: [B, L, D] */
  attended: Float32Array
  /** [B, L, d] */
  mlp: Float32Array
  /** [B, L, d]; absent when it was not asked for */
  classToClass: Float32Array | undefined
  /** mu, sigma and |rep|: [B] each */
  mean: Float32Array
  scale: Float32Array
  norm: Float32Array
  /** [B, d], unit length */
  representation: Float32Array
}

export type Decomposer = {
  /** @param pixels [images, 3, S, S], preprocessed */
  decompose(pixels: Float32Array, images: number): Promise<Decomposition>
  close(): Promise<void>
}

export type DecomposerOptions = { provider?: Provider; classToClass: boolean; cacheFolder: string; threads?: number }

export async function openDecomposer(checkpoint: Checkpoint, options: DecomposerOptions): Promise<Decomposer> {
  const { imageSizePx } = checkpoint.config.vision
  const graph = decomposeGraph(checkpoint, { classToClass: options.classToClass })
  const session = await createSession(graph, {
    provider: options.provider,
    threads: options.threads,
    weights: { path: checkpoint.weightsPath, cacheFolder: options.cacheFolder },
  })
  return {
    async decompose(pixels, images) {
      const outputs = await session.run({
        pixels: new Tensor('float32', pixels, [images, 3, imageSizePx, imageSizePx]),
      })
      const floats = (name: string) => outputs[name]!.data as Float32Array
      return {
        images,
        attended: floats('attended'),
        mlp: floats('mlp'),
        classToClass: options.classToClass ? floats('classToClass') : undefined,
        mean: floats('mean'),
        scale: floats('scale'),
        norm: floats('norm'),
        representation: floats('representation'),
      }
    },
    close: () => session.release(),
  }
}
