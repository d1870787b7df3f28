/**
 * Where each weight of the two towers stands in the checkpoint's file, under one set of names for both layouts.
 * A linear layer's matrix is always [out, in], as it is stored; only the two projections differ between layouts.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { ElementType, ExternalTensor } from '../graph/graph-builder.ts'
import type { SafetensorsFile, TensorInfo } from './safetensors.ts'

/** `key` is unique in a graph: the tensor's name, with the rows where it is a part of one. */
export type WeightRef = ExternalTensor & { key: string }
export type Affine = { weight: WeightRef; bias: WeightRef }

export type LayerWeights = {
  beforeAttention: Affine
  query: Affine
  key: Affine
  value: Affine
  attentionOutput: Affine
  beforeMlp: Affine
  mlpIn: Affine
  mlpOut: Affine
}

/** `isTransposed`: stored [joint, width] rather than [width, joint]. */
export type Projection = { weight: WeightRef; isTransposed: boolean }

export type VisionWeights = {
  patchEmbedding: WeightRef
  classEmbedding: WeightRef
  positionEmbedding: WeightRef
  beforeLayers: Affine
  layers: LayerWeights[]
  afterLayers: Affine
  projection: Projection
}

export type TextWeights = {
  tokenEmbedding: WeightRef
  positionEmbedding: WeightRef
  layers: LayerWeights[]
  afterLayers: Affine
  projection: Projection
}

const elementTypeOf: Record<string, ElementType> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }

/** Looks tensors up by name and checks their shapes against the config. */
export class WeightFinder {
  readonly #tensors = new Map<string, { info: TensorInfo; storedName: string }>()
  readonly #fileName: string
  readonly #configName: string

  /** @param prefixes what may stand before a tensor's name, such as "module." */
  constructor(file: SafetensorsFile, fileName: string, configName: string, prefixes: string[]) {
    this.#fileName = fileName
    this.#configName = configName
    for (const [storedName, info] of file.tensors) {
      let name = storedName
      for (let prefix: string | undefined; (prefix = prefixes.find((known) => name.startsWith(known)));) {
        name = name.slice(prefix.length)
      }
      const twin = this.#tensors.get(name)
      if (twin) {
        throw new HeadwiseError(
          'damaged',
          `"${fileName}" must hold each weight once; "${twin.storedName}" and "${storedName}" are the same weight.`,
        )
      }
      this.#tensors.set(name, { info, storedName })
    }
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  names(): string[] {
    return [...this.#tensors.keys()]
  }

  shapeOf(name: string): number[] {
    return this.#entry(name).info.shape
  }

  find(name: string, shape: number[]): WeightRef {
    const { info } = this.#entry(name)
    if (info.shape.join() !== shape.join()) {
      throw new HeadwiseError(
        'damaged',
        `"${name}" in "${this.#fileName}" must have the shape [${shape.join(', ')}] by ${this.#configName}; it has [${info.shape.join(', ')}].`,
      )
    }
    const elementType = elementTypeOf[info.dtype]
    if (!elementType) {
      throw new HeadwiseError(
        'unsupported',
        `"${name}" in "${this.#fileName}" must be F32, F16 or BF16; it is ${info.dtype}.`,
      )
    }
    return { key: name, elementType, shape, offset: info.offset, lengthBytes: info.lengthBytes }
  }

  /** Rows [from, to) of a stacked weight, which lie together in the file. */
  findRows(name: string, shape: number[], from: number, to: number): WeightRef {
    const whole = this.find(name, shape)
    const rowBytes = whole.lengthBytes / shape[0]!
    return {
      ...whole,
      key: `${name}[${from}:${to}]`,
      shape: [to - from, ...shape.slice(1)],
      offset: whole.offset + from * rowBytes,
      lengthBytes: (to - from) * rowBytes,
    }
  }

  affine(name: string, weightShape: number[], biasLength: number): Affine {
    return { weight: this.find(`${name}.weight`, weightShape), bias: this.find(`${name}.bias`, [biasLength]) }
  }

  norm(name: string, width: number): Affine {
    return this.affine(name, [width], width)
  }

  #entry(name: string): { info: TensorInfo; storedName: string } {
    const entry = this.#tensors.get(name)
    if (entry) return entry
    throw new HeadwiseError('damaged', `"${this.#fileName}" must hold "${name}" by ${this.#configName}; it does not.`)
  }
}
