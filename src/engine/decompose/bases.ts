/**
 * What belongs to the model alone in the compact form of a head's term (spec 3):
 *   r[l,h] = A[l,h] z[l,h] / (sigma |rep|) + B[l] / (H sigma |rep|) - G mu / (T H sigma |rep|) + E / (T H |rep|)
 * with T = 2L + 1 layer terms.
 */
import { basisGraph } from '../graph/index.ts'
import type { Checkpoint } from '../model/index.ts'
import { createSession, Tensor } from '../runtime/session.ts'

export type Bases = {
  /** the layers that `A` and `B` are there for */
  layers: number[]
  /** layer -> [D, d]: rows h dh to (h + 1) dh are A[l,h] transposed */
  A: Map<number, Float32Array>
  /** layer -> [d] */
  B: Map<number, Float32Array>
  /** [d] each */
  G: Float32Array
  E: Float32Array
  /** term 0 before ln_post, [d] */
  initial: Float32Array
}

export async function computeBases(checkpoint: Checkpoint, layers: number[], cacheFolder: string): Promise<Bases> {
  const weights = { path: checkpoint.weightsPath, cacheFolder }
  const session = await createSession(basisGraph(checkpoint, layers), { weights })
  try {
    const outputs = await session.run({ one: new Tensor('float32', Float32Array.of(1), []) })
    const floats = (name: string) => outputs[name]!.data as Float32Array
    const d = checkpoint.config.jointWidth
    return {
      layers,
      A: new Map(layers.map((layer) => [layer, floats(`A_${layer}`)])),
      B: new Map(layers.map((layer, at) => [layer, floats('B').slice(at * d, (at + 1) * d)])),
      G: floats('G'),
      E: floats('E'),
      initial: floats('initial'),
    }
  } finally {
    await session.release()
  }
}

export function allLayers(checkpoint: Checkpoint): number[] {
  return Array.from({ length: checkpoint.config.vision.layers }, (_, layer) => layer)
}

/** T = 2L + 1: attention and MLP of every layer, and the class token at the start. */
export function layerTermCount(layers: number): number {
  return 2 * layers + 1
}

/**
 * A layer's heads as linear maps of (headWidth + 3) coordinates (see moments.ts): r = f M^T with M^T [H, q, d], whose
 * rows are A[l,h] and then B / H, -G / (T H), E / (T H). Float64, since what follows squares it.
 */
export function headMatrices(bases: Bases, layer: number, shape: MatrixShape): Float64Array {
  const size = (shape.headWidth + 3) * bases.G.length
  const matrices = new Float64Array(shape.heads * size)
  for (let head = 0; head < shape.heads; head++) matrices.set(headMatrix(bases, layer, head, shape), head * size)
  return matrices
}

export type MatrixShape = { layers: number; heads: number; headWidth: number }

/** M^T of one head, [q, d]. */
export function headMatrix(bases: Bases, layer: number, head: number, shape: MatrixShape): Float64Array {
  const { heads, headWidth } = shape
  const A = bases.A.get(layer)!
  const B = bases.B.get(layer)!
  const d = bases.G.length
  const parts = layerTermCount(shape.layers) * heads
  const matrix = new Float64Array((headWidth + 3) * d)
  matrix.set(A.subarray(head * headWidth * d, (head + 1) * headWidth * d))
  const rows = headWidth * d
  for (let k = 0; k < d; k++) {
    matrix[rows + k] = B[k]! / heads
    matrix[rows + d + k] = -bases.G[k]! / parts
    matrix[rows + 2 * d + k] = bases.E[k]! / parts
  }
  return matrix
}
