/**
 * Zero-shot logits of a block, term by term (spec 5): each term times the classifier, without ever making the
 * d-dimensional terms. Sums over a layer's heads, over all MLP terms, and over all class-to-class terms.
 */
import { type Bases, layerTermCount, scalarCoordinates } from '../decompose/index.ts'
import { matrixProduct, product } from '../math/products.ts'
import { type Block, readBlockPart, type ReadDb, type StoredRun } from '../store/index.ts'
import type { TermShape } from '../terms/index.ts'

/** What the classifier sees of the model: everything a term's logits need besides its own numbers. */
export type Readout = {
  classes: number
  /** [C, d] */
  classifier: Float32Array
  /** layer -> A[l] times the classifier, [D, C] */
  A: Map<number, Float32Array>
  /** layer -> [C] */
  B: Map<number, Float32Array>
  /** [C] each */
  G: Float32Array
  E: Float32Array
  initial: Float32Array
}

export type BlockLogits = {
  /** [rows, C] each */
  whole: Float32Array
  /** one a layer */
  attention: Float32Array[]
  mlps: Float32Array
  /** absent when the run has none */
  classToClass: Float32Array | undefined
}

export async function readoutOf(bases: Bases, classifier: Float32Array, width: number): Promise<Readout> {
  const d = bases.G.length
  const classes = classifier.length / d
  const read = async (rows: Float32Array, count: number) => {
    const right = { data: classifier, shape: [1, classes, d] as [number, number, number] }
    return (await product({ data: rows, shape: [1, count, d] }, right, { transposeRight: true })).data
  }
  const A = new Map<number, Float32Array>()
  const B = new Map<number, Float32Array>()
  for (const layer of bases.layers) {
    A.set(layer, await read(bases.A.get(layer)!, width))
    B.set(layer, await read(bases.B.get(layer)!, 1))
  }
  const [G, E, initial] = [await read(bases.G, 1), await read(bases.E, 1), await read(bases.initial, 1)]
  return { classes, classifier, A, B, G, E, initial }
}

export async function blockLogits(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  readout: Readout,
  shape: TermShape,
): Promise<BlockLogits> {
  const scalars = readBlockPart(db, run, block.number, 'scalars')
  const attention: Float32Array[] = []
  for (let layer = 0; layer < shape.layers; layer++) {
    const attended = readBlockPart(db, run, block.number, 'attended', layer)
    const width = shape.heads * shape.headWidth
    const raw = await matrixProduct(attended, [block.ordinals.length, width], readout.A.get(layer)!, [
      width,
      readout.classes,
    ])
    attention.push(
      finished(raw, scalars, readout, { constant: readout.B.get(layer)!, share: 1 / layerTermCount(shape.layers) }),
    )
  }
  const mlpShare = (shape.layers + 1) / layerTermCount(shape.layers)
  const classShare = shape.layers / (layerTermCount(shape.layers) * shape.tokens)
  return {
    whole: await throughClassifier(readBlockPart(db, run, block.number, 'representation'), readout),
    attention,
    mlps: finished(await summedPart(db, run, block, 'mlp', readout, shape), scalars, readout, {
      constant: readout.initial,
      share: mlpShare,
    }),
    classToClass: run.hasClassToClass
      ? finished(await summedPart(db, run, block, 'class', readout, shape), scalars, readout, {
          constant: classBias(readout, shape),
          share: classShare,
        })
      : undefined,
  }
}

/** b_O of all layers, as much of it as falls to the class token: one N-th. */
function classBias(readout: Readout, shape: TermShape): Float32Array {
  const bias = new Float32Array(readout.classes)
  for (const B of readout.B.values()) for (let c = 0; c < bias.length; c++) bias[c]! += B[c]! / shape.tokens
  return bias
}

async function throughClassifier(rows: Float32Array, { classifier, classes }: Readout): Promise<Float32Array> {
  const d = classifier.length / classes
  const left = { data: rows, shape: [1, rows.length / d, d] as [number, number, number] }
  return (await product(left, { data: classifier, shape: [1, classes, d] }, { transposeRight: true })).data
}

/** The part of all layers, added up and through the classifier. */
async function summedPart(
  db: ReadDb,
  run: StoredRun,
  block: Block,
  part: 'mlp' | 'class',
  readout: Readout,
  shape: TermShape,
): Promise<Float32Array> {
  const sum = readBlockPart(db, run, block.number, part, 0)
  for (let layer = 1; layer < shape.layers; layer++) {
    const next = readBlockPart(db, run, block.number, part, layer)
    for (let at = 0; at < sum.length; at++) sum[at]! += next[at]!
  }
  return throughClassifier(sum, readout)
}

/**
 * (raw + constant) / (sigma |rep|) + share (E / |rep| - G mu / (sigma |rep|)), with `share` of ln_post's own mean and
 * bias for this term.
 */
function finished(
  raw: Float32Array,
  scalars: Float32Array,
  { classes, G, E }: Readout,
  { constant, share }: { constant: Float32Array; share: number },
): Float32Array {
  const logits = new Float32Array(raw.length)
  for (let row = 0; row < scalars.length / 3; row++) {
    const [perScale, meanPerScale, perNorm] = scalarCoordinates(scalars, row)
    for (let c = 0; c < classes; c++) {
      const at = row * classes + c
      logits[at] = (raw[at]! + constant[c]!) * perScale + share * (E[c]! * perNorm - G[c]! * meanPerScale)
    }
  }
  return logits
}
