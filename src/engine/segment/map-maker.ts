/**
 * What the rest of the program asks of token maps: an image and a target direction in, one value a patch out, by each
 * of the five methods (spec 6). Leaves out ground truth and scores.
 */
import type { HeadPlace } from '../../contract/head.ts'
import type { SegmentMethod } from '../../contract/segment.ts'

export type MapRequest = {
  method: SegmentMethod
  /** heads that take part in the decomposition's map; all when absent; the other methods ignore it */
  heads?: HeadPlace[]
}

export type PatchMap = {
  /** [rows x columns], row by row, before clipping and scaling */
  patches: Float32Array
  /** of the decomposition, else null: what the chosen heads do at the class token */
  classTokenPart: number | null
  /** of the decomposition, else null: all L + 1 MLP terms */
  mlpPart: number | null
  /**
   * of the decomposition, else null: rep / |rep| . t. With all heads, patches, class token and MLPs add up to it; with
   * some, what is missing are the heads left out, at all tokens.
   */
  score: number | null
}

export type MapMaker = {
  gridRows: number
  gridColumns: number
  /**
   * Class scores of images are the products of these rows with a classifier's columns.
   * @param pixels [images, 3, S, S], preprocessed
   * @returns      rep / |rep|, [images, d]
   */
  representations(pixels: Float32Array, images: number): Promise<Float32Array>
  /**
   * Requests of one call share passes through the model, and all have the same direction: the published comparison,
   * whose directions differ by method (see `directionKinds`), takes two calls.
   * @param pixels     [images, 3, S, S], preprocessed
   * @param directions [images, d], the target t of each image (y = rep / |rep| . t), of any length
   * @returns          for each image a map for each request, in the order of the requests
   */
  maps(pixels: Float32Array, images: number, directions: Float32Array, requests: MapRequest[]): Promise<PatchMap[][]>
  close(): Promise<void>
}

/**
 * Which direction t stands for a class k as published: `contrast` is classifier[:,k] - mean over classes, `text` is
 * classifier[:,k] alone, `none` where the direction does not matter (found out with the reference's maps, to 1e-5).
 * Differences of texts that people typed are used as they are.
 */
export type DirectionKind = 'contrast' | 'text' | 'none'
export const directionKinds: Record<SegmentMethod, DirectionKind> = {
  decomposition: 'contrast',
  'raw-attention': 'none',
  rollout: 'none',
  gradcam: 'text',
  'gradient-attention': 'text',
}

export { openMapMaker, type MapMakerOptions } from './maps.ts'
export { scaledMap, type ScaledMap } from './scale.ts'
