/**
 * The images that score highest and lowest along every text of a TEXTSPAN result and each head's first principal
 * directions, for all heads of a layer in one pass over its blocks: one float32 product a block. The products are of
 * coordinates about their mean, and means are added in float64, so that scores are good to about 1e-8.
 */
import type { ImageFilter } from '../../contract/data-set.ts'
import { type Bases, coordinateCount, headMatrices } from '../decompose/index.ts'
import { type Batch, product } from '../math/products.ts'
import { multiply } from '../math/symmetric.ts'
import {
  type Block,
  type KeptDirection,
  readBlockPart,
  type ReadDb,
  saveKeptDirections,
  type StoredMoment,
  type StoredRun,
  type WriteDb,
} from '../store/index.ts'
import { selectRows, type TermShape } from '../terms/index.ts'
import { layerSpace } from '../text-span/index.ts'
import { centredCoordinates } from './coordinates.ts'
import { covarianceOf, headDirection, type HeadDirection, principalWeights, turned } from './directions.ts'
import { binOf, histogramBins, Largest } from './extremes.ts'

/** Images kept at each end. */
export const keptCount = 24
/** Principal directions kept of each head. */
export const keptPrincipals = 3

export type KeepPlan = {
  db: WriteDb
  run: StoredRun
  shape: TermShape
  bases: Bases
  textSpanId: number
  filter: ImageFilter
  /** layer -> moments of the images that fit */
  moments: Map<number, StoredMoment>
  /** unit embeddings of each described head's texts in the order of their steps, [m, d] */
  heads: { layer: number; head: number; texts: Float32Array }[]
}

type NamedDirection = HeadDirection & { name: string }

/**
 * Commits layer by layer.
 * @param onShare told the share of the layer's images that are done, 0 to 1, one layer after another
 */
export async function keepExtremes(
  plan: KeepPlan,
  { signal, onShare = () => {} }: { signal?: AbortSignal; onShare?: (share: number) => void } = {},
): Promise<void> {
  const { db, run, filter, shape, textSpanId } = plan
  const selection = selectRows(db, run, filter)
  const images = selection.reduce((sum, { rows }) => sum + rows.length, 0)
  for (const [layer, moment] of plan.moments) {
    const directions = await layerDirections(plan, layer, moment)
    let done = 0
    const gathered = await gather({ db, run, shape, layer, moment, selection, images }, directions, (rows) => {
      signal?.throwIfAborted()
      done += rows
      onShare(done / images)
    })
    const heads = gathered.map((ofHead, head) => ({ head, directions: ofHead }))
    // A proposed result may be dropped while its images are looked for.
    if (!saveKeptDirections(db, textSpanId, layer, heads)) return
  }
}

/** One list a head: its texts, then its principal directions. */
async function layerDirections(plan: KeepPlan, layer: number, moment: StoredMoment): Promise<NamedDirection[][]> {
  const { shape, bases } = plan
  const { heads, jointWidth: d } = shape
  const q = coordinateCount(shape)
  const matrices = headMatrices(bases, layer, shape)
  const space = await layerSpace(moment, matrices, shape, d, q)
  const k = space.size
  return Array.from({ length: heads }, (_, head) => {
    const spread = {
      mean: moment.mean.subarray(head * q, (head + 1) * q),
      covariance: covarianceOf({
        products: moment.products.subarray(head * q * q, (head + 1) * q * q),
        rowCount: moment.rowCount,
      }),
      variance: space.variances[head]!,
    }
    const matrix = matrices.subarray(head * q * d, (head + 1) * q * d)
    const texts = plan.heads.find((described) => described.layer === layer && described.head === head)?.texts
    const named: NamedDirection[] = []
    for (let step = 0; step < (texts?.length ?? 0) / d; step++) {
      const weights = multiply(matrix, new Float64Array(texts!.subarray(step * d, (step + 1) * d)), q, d, 1)
      named.push({ name: `text:${step}`, ...headDirection(weights, spread, false) })
    }
    const inBasis = {
      covariance: space.covariances.subarray(head * k * k, (head + 1) * k * k),
      fromCoordinates: space.fromCoordinates.subarray(head * k * q, (head + 1) * k * q),
      rank: space.ranks[head]!,
    }
    principalWeights(inBasis, k, keptPrincipals).forEach((weights, index) =>
      named.push({ name: `principal:${index}`, ...headDirection(weights, spread, true) }),
    )
    return named
  })
}

type LayerRows = {
  db: ReadDb
  run: StoredRun
  shape: TermShape
  layer: number
  moment: StoredMoment
  selection: { block: Block; rows: Int32Array }[]
  images: number
}

/** Scores of one block's rows, [H, K, rows], about the mean. */
type BlockScores = { ordinals: Int32Array; scores: Float32Array }

/** Above this the scores of a layer are worked out twice rather than held. */
const mostHeldBytes = 192e6

async function gather(
  layerRows: LayerRows,
  directions: NamedDirection[][],
  onRows: (rows: number) => void,
): Promise<KeptDirection[][]> {
  const K = Math.max(...directions.map((ofHead) => ofHead.length))
  if (K === 0) return directions.map(() => [])
  const gatherers = directions.map((ofHead) => ofHead.map((direction) => new Gatherer(direction)))
  const isHeld = layerRows.images * directions.length * K * 4 <= mostHeldBytes
  const held: BlockScores[] = []
  for await (const block of scoredBlocks(layerRows, directions, K)) {
    forEachDirection(block, gatherers, K, (gatherer, scores) => gatherer.offer(block.ordinals, scores))
    if (isHeld) held.push(block)
    onRows(block.ordinals.length)
  }
  for await (const block of isHeld ? held : scoredBlocks(layerRows, directions, K)) {
    forEachDirection(block, gatherers, K, (gatherer, scores) => gatherer.count(scores))
  }
  return gatherers.map((ofHead) => ofHead.map((gatherer) => gatherer.result(layerRows.images)))
}

function forEachDirection(
  { ordinals, scores }: BlockScores,
  gatherers: Gatherer[][],
  K: number,
  visit: (gatherer: Gatherer, scores: Float32Array) => void,
): void {
  const rows = ordinals.length
  gatherers.forEach((ofHead, head) => {
    ofHead.forEach((gatherer, at) => {
      const from = (head * K + at) * rows
      visit(gatherer, scores.subarray(from, from + rows))
    })
  })
}

async function* scoredBlocks(
  { db, run, shape, layer, moment, selection }: LayerRows,
  directions: NamedDirection[][],
  K: number,
): AsyncGenerator<BlockScores> {
  const q = coordinateCount(shape)
  const weights: Batch<Float32Array> = {
    data: new Float32Array(shape.heads * K * q),
    shape: [shape.heads, K, q],
  }
  directions.forEach((ofHead, head) =>
    ofHead.forEach((direction, at) => weights.data.set(direction.weights, (head * K + at) * q)),
  )
  for (const { block, rows } of selection) {
    const attended = readBlockPart(db, run, block.number, 'attended', layer)
    const scalars = readBlockPart(db, run, block.number, 'scalars')
    const data = centredCoordinates(attended, scalars, rows, moment.mean, shape)
    const coordinates: Batch<Float32Array> = { data, shape: [shape.heads, rows.length, q] }
    const { data: scores } = await product(weights, coordinates, { transposeRight: true })
    yield { ordinals: rows.map((row) => block.ordinals[row]!), scores }
  }
}

/** What is gathered along one direction: first the ends, then the bins between them. Scores come about their mean. */
class Gatherer {
  readonly #direction: NamedDirection
  readonly #highest = new Largest(keptCount)
  readonly #lowest = new Largest(keptCount)
  readonly #counts = new Int32Array(histogramBins)
  #cubes = 0
  #from = Infinity
  #to = -Infinity

  constructor(direction: NamedDirection) {
    this.#direction = direction
  }

  offer(ordinals: Int32Array, scores: Float32Array): void {
    let [cubes, from, to] = [this.#cubes, this.#from, this.#to]
    for (let row = 0; row < scores.length; row++) {
      const score = scores[row]!
      cubes += score * score * score
      if (score < from) from = score
      if (score > to) to = score
      if (score > this.#highest.limit) this.#highest.offer(ordinals[row]!, score)
      if (-score > this.#lowest.limit) this.#lowest.offer(ordinals[row]!, -score)
    }
    this.#cubes = cubes
    this.#from = from
    this.#to = to
  }

  count(scores: Float32Array): void {
    const [from, to] = [this.#from, this.#to]
    for (let row = 0; row < scores.length; row++) this.#counts[binOf(scores[row]!, from, to)]!++
  }

  /** A principal direction is turned where its scores are skewed to the negative side. */
  result(images: number): KeptDirection {
    const isTurned = this.#direction.name.startsWith('principal') && this.#cubes < 0
    const { name, mean, standardDeviation, share } = isTurned
      ? { ...turned(this.#direction), name: this.#direction.name }
      : this.#direction
    const [top, bottom] = isTurned ? [this.#lowest, this.#highest] : [this.#highest, this.#lowest]
    const placed = (largest: Largest, sign: number) =>
      largest.list(sign).map(({ ordinal, score }) => ({ ordinal, score: mean + score }))
    const [from, to] = isTurned ? [-this.#to, -this.#from] : [this.#from, this.#to]
    return {
      direction: name,
      highest: placed(top, 1),
      lowest: placed(bottom, -1),
      images,
      mean,
      standardDeviation,
      share,
      // As the scores themselves are kept, so that the outermost image stands at the end of the axis.
      histogram: {
        from: Math.fround(mean + from),
        to: Math.fround(mean + to),
        counts: isTurned ? this.#counts.toReversed() : this.#counts,
      },
    }
  }
}
