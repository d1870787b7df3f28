/**
 * Matrix products through ONNX Runtime, in float32 or float64: [n, a, k] x [n, k, b] -> [n, a, b], where a batch of 1
 * on either side serves every product. Results are new arrays.
 */
import { GraphBuilder } from '../graph/graph-builder.ts'
import { createSession, type InferenceSession, Tensor } from '../runtime/session.ts'

export type Floats = Float32Array | Float64Array
export type Batch<Kind extends Floats = Floats> = { data: Kind; shape: [number, number, number] }

export type ProductOptions = { transposeLeft?: boolean; transposeRight?: boolean }

const sessions = new Map<string, Promise<InferenceSession>>()

/** @throws Error when inner sizes or kinds differ: a bug, never bad input */
export async function product<Kind extends Floats>(
  left: Batch<Kind>,
  right: Batch<Kind>,
  { transposeLeft = false, transposeRight = false }: ProductOptions = {},
): Promise<Batch<Kind>> {
  const type = left.data instanceof Float64Array ? 'float64' : 'float32'
  const key = `${type}:${transposeLeft}:${transposeRight}`
  let session = sessions.get(key)
  if (!session) {
    session = createSession(productGraph(type, transposeLeft, transposeRight))
    sessions.set(key, session)
  }
  const { output } = await (
    await session
  ).run({
    left: new Tensor(type, left.data, left.shape),
    right: new Tensor(type, right.data, right.shape),
  })
  return { data: output!.data as Kind, shape: output!.dims as [number, number, number] }
}

/** [a, k] x [k, b] -> [a, b] */
export async function matrixProduct<Kind extends Floats>(
  left: Kind,
  [a, k]: [number, number],
  right: Kind,
  [k2, b]: [number, number],
): Promise<Kind> {
  const { data } = await product<Kind>({ data: left, shape: [1, a, k] }, { data: right, shape: [1, k2, b] })
  return data
}

function productGraph(type: 'float32' | 'float64', transposeLeft: boolean, transposeRight: boolean): Uint8Array {
  const g = new GraphBuilder('product')
  const turned = (value: string, isTurned: boolean) => (isTurned ? g.transpose(value, [0, 2, 1]) : value)
  const left = turned(g.input('left', type, ['n', 'a', 'b']), transposeLeft)
  const right = turned(g.input('right', type, ['m', 'c', 'd']), transposeRight)
  g.output('output', g.op('MatMul', [left, right]), type, ['o', 'p', 'q'])
  return g.encode()
}
