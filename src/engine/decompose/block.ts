/**
 * A block under way: batches come in image by image, what is stored goes out layer by layer.
 */
import type { StorePrecision } from '../../contract/run.ts'
import { type BlockContent, type BlockPart, bytesOf } from '../store/index.ts'
import type { Decomposition } from './decomposer.ts'

export type BlockShape = { layers: number; width: number; jointWidth: number; classToClass: boolean }

export type BlockTensors = {
  rows: number
  /** one [rows, D] a layer */
  attended: Float32Array[]
  /** one [rows, d] a layer */
  mlp: Float32Array[]
  /** one [rows, d] a layer; empty when it was not asked for */
  classToClass: Float32Array[]
  /** [rows, 3]: mu, sigma, |rep| */
  scalars: Float32Array
  /** [rows, d] */
  representation: Float32Array
}

export function emptyBlock(capacity: number, shape: BlockShape): BlockTensors {
  const perLayer = (width: number) => Array.from({ length: shape.layers }, () => new Float32Array(capacity * width))
  return {
    rows: 0,
    attended: perLayer(shape.width),
    mlp: perLayer(shape.jointWidth),
    classToClass: shape.classToClass ? perLayer(shape.jointWidth) : [],
    scalars: new Float32Array(capacity * 3),
    representation: new Float32Array(capacity * shape.jointWidth),
  }
}

export function appendInPlace(block: BlockTensors, batch: Decomposition, shape: BlockShape): void {
  const { layers, width, jointWidth } = shape
  for (let image = 0; image < batch.images; image++) {
    const row = block.rows + image
    for (let layer = 0; layer < layers; layer++) {
      const from = image * layers + layer
      block.attended[layer]!.set(batch.attended.subarray(from * width, (from + 1) * width), row * width)
      block.mlp[layer]!.set(batch.mlp.subarray(from * jointWidth, (from + 1) * jointWidth), row * jointWidth)
      block.classToClass[layer]?.set(
        batch.classToClass!.subarray(from * jointWidth, (from + 1) * jointWidth),
        row * jointWidth,
      )
    }
    block.scalars.set([batch.mean[image]!, batch.scale[image]!, batch.norm[image]!], row * 3)
  }
  block.representation.set(batch.representation, block.rows * jointWidth)
  block.rows += batch.images
}

/** What was stored, read back: the same numbers that any later reader gets. */
export type StoredBlock = { contents: BlockContent[]; tensors: BlockTensors }

/** @throws RangeError never; numbers beyond float16's range become infinite and fail the certificate */
export function storedBlock(block: BlockTensors, shape: BlockShape, store: StorePrecision): StoredBlock {
  const contents: BlockContent[] = []
  const keep = (part: BlockPart, layer: number, tensor: Float32Array, width: number): Float32Array => {
    const used = tensor.subarray(0, block.rows * width)
    const rounded = store === 'float16' ? new Float16Array(used) : used.slice()
    contents.push({ part, layer, content: bytesOf(rounded) })
    return rounded instanceof Float32Array ? rounded : new Float32Array(rounded)
  }
  const whole = (part: BlockPart, tensor: Float32Array, width: number): Float32Array => {
    const used = tensor.slice(0, block.rows * width)
    contents.push({ part, layer: 0, content: bytesOf(used) })
    return used
  }
  const tensors: BlockTensors = {
    rows: block.rows,
    attended: block.attended.map((tensor, layer) => keep('attended', layer, tensor, shape.width)),
    mlp: block.mlp.map((tensor, layer) => keep('mlp', layer, tensor, shape.jointWidth)),
    classToClass: block.classToClass.map((tensor, layer) => keep('class', layer, tensor, shape.jointWidth)),
    scalars: whole('scalars', block.scalars, 3),
    representation: whole('representation', block.representation, shape.jointWidth),
  }
  return { contents, tensors }
}
