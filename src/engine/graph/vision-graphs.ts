/**
 * The graphs over the vision tower: decompose, plain encode, explain one image, and the model's own matrices.
 * Everything after the tower follows spec 2 and 3 (arXiv:2310.05916, section 3): ln_post's mean and scale are numbers
 * of the image, so each term passes through it alone.
 */
import type { Checkpoint } from '../model/index.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { weight } from './transformer.ts'
import { initialClassToken, pixelsInput, plainProjection, represent, scaledProjection } from './vision-ends.ts'
import { visionTower } from './vision-tower.ts'
import { weightsLocation } from '../runtime/session.ts'

/**
 * pixels [B, 3, S, S] ->
 *   attended        [B, L, D]   z of every head, side by side in a layer
 *   mlp             [B, L, d]   P^T diag(gamma) times each MLP's output at the class token
 *   classToClass    [B, L, d]   P^T diag(gamma) W_O (a[l,h,0] v[l,h,0]), summed over heads (only when asked for)
 *   mean, scale     [B]         ln_post's mu and sigma
 *   norm            [B]         |rep|
 *   representation  [B, d]      rep / |rep|
 */
export function decomposeGraph(checkpoint: Checkpoint, { classToClass }: { classToClass: boolean }): Uint8Array {
  const { vision, jointWidth } = checkpoint.config
  const g = new GraphBuilder('decompose', weightsLocation)
  const pixels = pixelsInput(g, checkpoint)
  const projection = scaledProjection(g, checkpoint)
  const attended: Value[] = []
  const mlps: Value[] = []
  const classTerms: Value[] = []
  const asLayer = (rows: Value) => g.op('Unsqueeze', [rows, g.integers([1])])
  const final = visionTower(g, checkpoint, pixels, {
    onLayer(values) {
      attended.push(asLayer(values.attended))
      mlps.push(asLayer(values.mlpOutput))
      if (!classToClass) return
      const weights = checkpoint.vision.layers[values.layer]!
      const byHead = g.reshape(values.classValue(), [-1, vision.heads, vision.headWidth])
      const shares = g.op('Unsqueeze', [values.classAttention(), g.integers([2])])
      const rows = g.reshape(g.multiply(byHead, shares), [-1, vision.width])
      classTerms.push(asLayer(g.op('Gemm', [rows, weight(g, weights.attentionOutput.weight)], { transB: 1 })))
    },
  })
  const joint = (values: Value[]) => g.op('MatMul', [g.concat(values, 1), projection])
  g.output('attended', g.concat(attended, 1), 'float32', ['images', vision.layers, vision.width])
  g.output('mlp', joint(mlps), 'float32', ['images', vision.layers, jointWidth])
  if (classToClass) g.output('classToClass', joint(classTerms), 'float32', ['images', vision.layers, jointWidth])
  const { mean, scale, norm, representation } = represent(g, checkpoint, final)
  g.output('mean', mean, 'float32', ['images'])
  g.output('scale', scale, 'float32', ['images'])
  g.output('norm', norm, 'float32', ['images'])
  g.output('representation', representation, 'float32', ['images', jointWidth])
  return g.encode()
}

/** pixels -> representation: every token through every layer, the yardstick of the bench. */
export function encodeGraph(checkpoint: Checkpoint): Uint8Array {
  const g = new GraphBuilder('encode', weightsLocation)
  const final = visionTower(g, checkpoint, pixelsInput(g, checkpoint), { isPlain: true })
  const { representation } = represent(g, checkpoint, final)
  g.output('representation', representation, 'float32', ['images', checkpoint.config.jointWidth])
  return g.encode()
}

/**
 * pixels -> everything that one image's score along any direction is a sum of; ask the session for what is needed:
 *   values_<l>      [B, H, N, dh]  a[l,h,n] v[l,h,n], which add up to z over the tokens
 *   mlp             [B, L, d]      as in `decomposeGraph`
 *   mean, scale, norm, representation
 */
export function explainGraph(checkpoint: Checkpoint): Uint8Array {
  const { layers, heads, headWidth, tokens } = checkpoint.config.vision
  const { jointWidth } = checkpoint.config
  const g = new GraphBuilder('explain', weightsLocation)
  const pixels = pixelsInput(g, checkpoint)
  const mlps: Value[] = []
  const final = visionTower(g, checkpoint, pixels, {
    onLayer(values) {
      const shares = g.op('Unsqueeze', [values.attentionRow(), g.integers([3])])
      const weighted = g.multiply(values.tokenValues(), shares)
      g.output(`values_${values.layer}`, weighted, 'float32', ['images', heads, tokens, headWidth])
      mlps.push(g.op('Unsqueeze', [values.mlpOutput, g.integers([1])]))
    },
  })
  const mlp = g.op('MatMul', [g.concat(mlps, 1), scaledProjection(g, checkpoint)])
  g.output('mlp', mlp, 'float32', ['images', layers, jointWidth])
  const { mean, scale, norm, representation } = represent(g, checkpoint, final)
  g.output('mean', mean, 'float32', ['images'])
  g.output('scale', scale, 'float32', ['images'])
  g.output('norm', norm, 'float32', ['images'])
  g.output('representation', representation, 'float32', ['images', jointWidth])
  return g.encode()
}

/**
 * No inputs ->
 *   A_<l>    [D, d]  W_O^T diag(gamma) P: z . A is a head's part of the sum, rows of head h from h dh on
 *   B        [n, d]  (gamma * b_O[l]) P of the chosen layers
 *   G, E     [d]     gamma P and beta P
 *   initial  [d]     P^T diag(gamma) times the class token after ln_pre
 */
export function basisGraph(checkpoint: Checkpoint, layers: number[]): Uint8Array {
  const { vision, config } = checkpoint
  const { width } = config.vision
  const d = config.jointWidth
  const g = new GraphBuilder('bases', weightsLocation)
  // One pretended input keeps ONNX Runtime from folding the products at load and holding them twice.
  const one = g.input('one', 'float32', [])
  const projection = g.multiply(scaledProjection(g, checkpoint), one)
  const biases: Value[] = []
  for (const layer of layers) {
    const { attentionOutput } = vision.layers[layer]!
    const matrix = g.op('Gemm', [weight(g, attentionOutput.weight), projection], { transA: 1 })
    g.output(`A_${layer}`, matrix, 'float32', [width, d])
    biases.push(g.op('MatMul', [g.reshape(weight(g, attentionOutput.bias), [1, width]), projection]))
  }
  const row = (value: Value) => g.reshape(value, [d])
  const plain = g.multiply(plainProjection(g, vision.projection), one)
  g.output('B', g.concat(biases, 0), 'float32', [layers.length, d])
  g.output('G', row(g.op('MatMul', [g.floats(new Array(width).fill(1), [1, width]), projection])), 'float32', [d])
  const beta = g.reshape(weight(g, vision.afterLayers.bias), [1, width])
  g.output('E', row(g.op('MatMul', [beta, plain])), 'float32', [d])
  const initial = initialClassToken(g, checkpoint)
  g.output('initial', row(g.op('MatMul', [initial, projection])), 'float32', [d])
  return g.encode()
}
