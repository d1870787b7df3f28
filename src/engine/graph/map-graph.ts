/**
 * Graphs of token maps (spec 6): images and one direction an image in, what the five methods are made of out. The
 * methods of one graph share its pass through the tower.
 */
import type { SegmentMethod } from '../../contract/segment.ts'
import type { Checkpoint } from '../model/index.ts'
import { weightsLocation } from '../runtime/session.ts'
import { linearBackward, projectionBackward, representationBackward, visionTowerBackward } from './backward/index.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { weight } from './transformer.ts'
import { initialClassToken, pixelsInput, represent, type Represented } from './vision-ends.ts'
import { type LayerValues, visionTower } from './vision-tower.ts'

/** One forward pass, and what a method's part reads of it. */
type Pass = {
  g: GraphBuilder
  checkpoint: Checkpoint
  layers: LayerValues[]
  /** the class token at the end of the tower, [images, width] */
  final: Value
  represented: Represented
  /** [images, d] */
  directions: Value
}

/**
 * pixels [B, 3, S, S], directions [B, d] (t, of any length) ->
 *   representation  [B, d]   rep / |rep|
 * and for each method:
 *   decomposition   see `writeDecomposition`
 *   the others      [B, N] under the method's name, class token first
 */
export function mapGraph(checkpoint: Checkpoint, methods: readonly SegmentMethod[]): Uint8Array {
  const g = new GraphBuilder('token-maps', weightsLocation)
  const { jointWidth } = checkpoint.config
  const pixels = pixelsInput(g, checkpoint)
  const directions = g.input('directions', 'float32', ['images', jointWidth])
  const layers: LayerValues[] = []
  const final = visionTower(g, checkpoint, pixels, { onLayer: (values) => layers.push(values) })
  const represented = represent(g, checkpoint, final)
  g.output('representation', represented.representation, 'float32', ['images', jointWidth])
  const pass: Pass = { g, checkpoint, layers, final, represented, directions }
  if (methods.includes('decomposition')) writeDecomposition(pass)
  if (methods.includes('raw-attention')) writeMap(pass, 'raw-attention', rawAttention(pass))
  if (methods.includes('rollout')) writeMap(pass, 'rollout', rollout(pass))
  writeGradientMaps(pass, methods)
  return g.encode()
}

function writeMap({ g, checkpoint }: Pass, method: SegmentMethod, row: Value): void {
  g.output(method, row, 'float32', ['images', checkpoint.config.vision.tokens])
}

/**
 * With u = P t gamma, so that a term c goes through ln_post and P along t as c . u (spec 2):
 *   along      [B, L, H, N]  a[l,h,n] v[l,h,n] . W_O[l][:,h]^T u
 *   alongBias  [B, L]        b_O[l] . u
 *   alongMlp   [B, L + 1]    the class token after ln_pre, then each MLP, . u
 *   alongOnes  [B]           gamma P . t, what a number taken off every component takes off the score
 *   alongBeta  [B]           beta P . t
 *   mean, scale, norm [B]    mu, sigma, |rep|
 * Everything before division by sigma |rep|.
 */
function writeDecomposition({ g, checkpoint, layers, represented, directions }: Pass): void {
  const { config, vision } = checkpoint
  const { width, heads, headWidth, tokens } = config.vision
  const throughProjection = projectionBackward(g, directions, vision.projection)
  const u = g.multiply(throughProjection, weight(g, vision.afterLayers.weight))
  const columnAlong = (rows: Value, column: Value) => g.op('MatMul', [rows, g.reshape(column, [width, 1])])
  const sum = (rows: Value, keepdims: 0 | 1) => g.op('ReduceSum', [rows, g.integers([-1])], { keepdims })
  const maps: Value[] = []
  const biases: Value[] = []
  const mlps: Value[] = [columnAlong(u, initialClassToken(g, checkpoint))]
  for (const { layer, valuesAlong, attentionRow, mlpOutput } of layers) {
    const { attentionOutput } = vision.layers[layer]!
    const toHeads = g.reshape(linearBackward(g, u, attentionOutput), [-1, heads, headWidth])
    maps.push(g.op('Unsqueeze', [g.multiply(valuesAlong(toHeads), attentionRow()), g.integers([1])]))
    biases.push(columnAlong(u, weight(g, attentionOutput.bias)))
    mlps.push(sum(g.multiply(mlpOutput, u), 1))
  }
  const count = layers.length
  g.output('along', g.concat(maps, 1), 'float32', ['images', count, heads, tokens])
  g.output('alongBias', g.concat(biases, 1), 'float32', ['images', count])
  g.output('alongMlp', g.concat(mlps, 1), 'float32', ['images', count + 1])
  g.output('alongOnes', sum(u, 0), 'float32', ['images'])
  const beta = columnAlong(throughProjection, weight(g, vision.afterLayers.bias))
  g.output('alongBeta', g.reshape(beta, [-1]), 'float32', ['images'])
  for (const name of ['mean', 'scale', 'norm'] as const) g.output(name, represented[name], 'float32', ['images'])
}

/** The last layer's a[h, n], averaged over heads. */
function rawAttention({ g, layers }: Pick<Pass, 'g' | 'layers'>): Value {
  return meanOverHeads(g, layers.at(-1)!.attentionRow())
}

/**
 * Attention rollout: the class token's row of M[L-1] ... M[0] with M = (Abar + I) / 2, Abar the attention averaged over
 * heads. Rows of Abar sum to 1, so the half is what brings those of the sum to 1. One row times a matrix a layer, from
 * the last layer down.
 */
function rollout({ g, checkpoint, layers }: Pass): Value {
  const withItself = (row: Value, through: Value) => g.multiply(g.add(row, through), g.floats([0.5], []))
  let row = withItself(classTokenAlone(g, checkpoint), rawAttention({ g, layers }))
  for (const { kept } of layers.slice(0, -1).reverse())
    row = withItself(row, rowTimes(g, row, meanOverHeads(g, kept.attention)))
  return row
}

/** GradCAM needs dy/da of the last layer only, gradient x attention that of every layer. */
function writeGradientMaps(pass: Pass, methods: readonly SegmentMethod[]): void {
  const { g, checkpoint, layers, final, represented, directions } = pass
  const isThroughAll = methods.includes('gradient-attention')
  if (!isThroughAll && !methods.includes('gradcam')) return
  const last = layers.length - 1
  let relevance = classTokenAlone(g, checkpoint)
  const gradient = representationBackward(g, checkpoint, final, represented, directions)
  visionTowerBackward(g, checkpoint, layers, gradient, {
    downTo: isThroughAll ? 0 : last,
    onLayer({ layer, attention, weighted }) {
      if (layer === last && methods.includes('gradcam')) writeMap(pass, 'gradcam', gradcam(pass, attention))
      if (!isThroughAll) return
      const positive = meanOverHeads(g, g.op('Relu', [weighted]))
      relevance = g.add(relevance, layer === last ? positive : rowTimes(g, relevance, positive))
    },
  })
  // R = (I + Abar[L-1]) ... (I + Abar[0]) with Abar = mean over heads of max(0, dy/dA A); only the class token's
  // row is made.
  if (isThroughAll) writeMap(pass, 'gradient-attention', relevance)
}

/**
 * max(0, mean over heads of w[h] a[h, n]), the weight w[h] being the mean over the patches of dy/da[h, n].
 * @param gradient dy/da of the last layer, [images, heads, tokens]
 */
function gradcam({ g, checkpoint, layers }: Pass, gradient: Value): Value {
  const { tokens } = checkpoint.config.vision
  const weights = g.op('ReduceMean', [g.slice(gradient, 2, 1, tokens), g.integers([2])], { keepdims: 1 })
  return g.op('Relu', [meanOverHeads(g, g.multiply(layers.at(-1)!.attentionRow(), weights))])
}

function meanOverHeads(g: GraphBuilder, attention: Value): Value {
  return g.op('ReduceMean', [attention, g.integers([1])], { keepdims: 0 })
}

/** [B, N] times [B, N, N]. */
function rowTimes(g: GraphBuilder, row: Value, matrix: Value): Value {
  const product = g.op('MatMul', [g.op('Unsqueeze', [row, g.integers([1])]), matrix])
  return g.op('Squeeze', [product, g.integers([1])])
}

/** The class token's row of the identity, [1, N]. */
function classTokenAlone(g: GraphBuilder, { config }: Checkpoint): Value {
  const { tokens } = config.vision
  return g.floats(
    Float32Array.from({ length: tokens }, (_, token) => (token === 0 ? 1 : 0)),
    [1, tokens],
  )
}
