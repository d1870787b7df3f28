/**
 * Writes ONNX graphs node by node. Values are names; every operator method adds a node and returns its output's name.
 * Weights are either small constants held in the graph or references into a checkpoint's safetensors file
 * (external data with offset and length), so that they are neither copied nor converted on disk.
 */
import { ModelProto } from './onnx-schema.ts'

export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const
export type ElementType = keyof typeof elementTypes

/** A name for a value inside one graph. */
export type Value = string
export type Dimension = number | string
export type AttributeValue = number | string | number[] | { float: number } | { floats: number[] }

export type ExternalTensor = {
  elementType: ElementType
  shape: number[]
  /** Bytes from the start of the weights file. */
  offset: number
  lengthBytes: number
}

type Attribute = Record<string, unknown>

export class GraphBuilder {
  readonly #nodes: Record<string, unknown>[] = []
  readonly #initializers: Record<string, unknown>[] = []
  readonly #inputs: Record<string, unknown>[] = []
  readonly #outputs: Record<string, unknown>[] = []
  readonly #constants = new Map<string, Value>()
  readonly #externals = new Map<string, Value>()
  readonly #name: string
  readonly #weightsLocation: string | undefined
  #usesExtensions = false
  #counter = 0

  /** @param weightsLocation file name of the external weights, as the graph will name it */
  constructor(name: string, weightsLocation?: string) {
    this.#name = name
    this.#weightsLocation = weightsLocation
  }

  input(name: string, type: ElementType, shape: Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape))
    return name
  }

  output(name: string, value: Value, type: ElementType, shape: Dimension[]): void {
    this.#nodes.push({ opType: 'Identity', input: [value], output: [name], name: `output/${name}` })
    this.#outputs.push(valueInfo(name, type, shape))
  }

  /** Adds an operator and returns its first output. Missing optional inputs are empty strings. */
  op(opType: string, inputs: Value[], attributes: Record<string, AttributeValue> = {}, domain = ''): Value {
    return this.ops(opType, inputs, 1, attributes, domain)[0]!
  }

  ops(
    opType: string,
    inputs: Value[],
    outputCount: number,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): Value[] {
    const id = this.#counter++
    if (domain === 'com.microsoft') this.#usesExtensions = true
    const output = Array.from({ length: outputCount }, (_, k) => `${opType}_${id}${k ? `_${k}` : ''}`)
    this.#nodes.push({
      opType,
      input: inputs,
      output,
      name: `${opType}_${id}`,
      attribute: Object.entries(attributes).map(([name, attribute]) => attributeProto(name, attribute)),
      domain,
    })
    return output
  }

  /** A float32 constant; equal constants share one initialiser. */
  floats(data: ArrayLike<number>, shape: number[]): Value {
    const bytes = new Uint8Array(Float32Array.from(data).buffer)
    return this.#constant('float32', bytes, shape)
  }

  integers(data: number[], shape: number[] = [data.length]): Value {
    const bytes = new Uint8Array(BigInt64Array.from(data, BigInt).buffer)
    return this.#constant('int64', bytes, shape)
  }

  /** A tensor of the weights file, as it stands there. */
  external(key: string, tensor: ExternalTensor): Value {
    const known = this.#externals.get(key)
    if (known !== undefined) return known
    if (!this.#weightsLocation) throw new Error(`Graph "${this.#name}" has no weights file for "${key}".`)
    const entry = (name: string, text: string) => ({ key: name, value: text })
    this.#initializers.push({
      dims: tensor.shape,
      dataType: elementTypes[tensor.elementType],
      name: key,
      externalData: [
        entry('location', this.#weightsLocation),
        entry('offset', String(tensor.offset)),
        entry('length', String(tensor.lengthBytes)),
      ],
      dataLocation: 1,
    })
    this.#externals.set(key, key)
    return key
  }

  reshape(value: Value, shape: number[]): Value {
    return this.op('Reshape', [value, this.integers(shape)])
  }

  transpose(value: Value, permutation: number[]): Value {
    return this.op('Transpose', [value], { perm: permutation })
  }

  slice(value: Value, axis: number, from: number, to: number): Value {
    return this.op('Slice', [value, this.integers([from]), this.integers([to]), this.integers([axis])])
  }

  /** Picks index `at` of `axis` and drops the axis. */
  pick(value: Value, axis: number, at: number): Value {
    return this.op('Gather', [value, this.integers([at], [])], { axis })
  }

  add(a: Value, b: Value): Value {
    return this.op('Add', [a, b])
  }

  multiply(a: Value, b: Value): Value {
    return this.op('Mul', [a, b])
  }

  concat(values: Value[], axis: number): Value {
    return values.length === 1 ? values[0]! : this.op('Concat', values, { axis })
  }

  cast(value: Value, type: ElementType): Value {
    return this.op('Cast', [value], { to: elementTypes[type] })
  }

  /** @returns the graph as an ONNX file's bytes */
  encode(): Uint8Array {
    const opsetImport: Record<string, unknown>[] = [{ domain: '', version: 19 }]
    if (this.#usesExtensions) opsetImport.push({ domain: 'com.microsoft', version: 1 })
    const message = ModelProto.fromObject({
      irVersion: 9,
      producerName: 'headwise',
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      opsetImport,
    })
    return ModelProto.encode(message).finish()
  }

  #constant(type: ElementType, rawData: Uint8Array, shape: number[]): Value {
    const key = `${type}:${shape.join(',')}:${Buffer.from(rawData).toString('base64')}`
    const shareable = rawData.length <= 4096
    const known = shareable ? this.#constants.get(key) : undefined
    if (known !== undefined) return known
    const name = `constant_${this.#initializers.length}`
    this.#initializers.push({ dims: shape, dataType: elementTypes[type], name, rawData })
    if (shareable) this.#constants.set(key, name)
    return name
  }
}

function valueInfo(name: string, type: ElementType, shape: Dimension[]): Record<string, unknown> {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } }
}

// AttributeProto.type: 1 float, 2 int, 3 string, 6 floats, 7 ints.
function attributeProto(name: string, attribute: AttributeValue): Attribute {
  if (typeof attribute === 'number') return { name, i: attribute, type: 2 }
  if (typeof attribute === 'string') return { name, s: Buffer.from(attribute), type: 3 }
  if (Array.isArray(attribute)) return { name, ints: attribute, type: 7 }
  if ('float' in attribute) return { name, f: attribute.float, type: 1 }
  return { name, floats: attribute.floats, type: 6 }
}
