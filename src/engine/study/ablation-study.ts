/**
 * The mean-ablation study of arXiv:2310.05916, section 3.2 (spec 5): terms are replaced by their means over the same
 * images, and zero-shot accuracy is counted again. Two passes over the blocks: means, then accuracies; only one block
 * is in memory at a time.
 */
import type { AblationStudy } from '../../contract/study.ts'
import type { Block, ReadDb, StoredRun } from '../store/index.ts'
import type { TermShape } from '../terms/index.ts'
import { blockLogits, type BlockLogits, type Readout } from './block-logits.ts'
import type { Reconstruction } from './reconstruction.ts'

export type StudyPlan = {
  db: ReadDb
  run: StoredRun
  shape: TermShape
  readout: Readout
  /** rows that take part, block by block */
  selection: { block: Block; rows: Int32Array }[]
  /** data set ordinal -> class, from 0 */
  classOf: Map<number, number>
  reconstruction: Reconstruction | undefined
  textSpanId: number | undefined
}

type Means = { attention: Float64Array[]; mlps: Float64Array; classToClass: Float64Array }

/** @param onBlock called after each block of each pass with its number of images */
export async function ablationStudy(plan: StudyPlan, onBlock: (images: number) => void): Promise<AblationStudy> {
  const images = plan.selection.reduce((sum, { rows }) => sum + rows.length, 0)
  const means = await meansOf(plan, images, onBlock)
  const tally = new Tally()
  for (const { block, rows } of plan.selection) {
    const logits = await blockLogits(plan.db, plan.run, block, plan.readout, plan.shape)
    const truth = Array.from(rows, (row) => plan.classOf.get(block.ordinals[row]!)!)
    const score = (name: string, edited: Float32Array) => tally.add(name, edited, rows, truth, plan.readout.classes)
    scoreAblations(plan, logits, means, score)
    if (plan.reconstruction) {
      const reconstructed = await plan.reconstruction.logits(plan.db, plan.run, block)
      for (const [texts, edited] of scoreReconstructions(plan, logits, means, reconstructed))
        score(`texts ${texts}`, edited)
    }
    onBlock(rows.length)
  }
  const share = (name: string) => tally.correct(name) / images
  return {
    images,
    classes: plan.readout.classes,
    baseline: share('baseline'),
    mlps: share('mlps'),
    classToClass: plan.run.hasClassToClass ? share('class') : null,
    both: plan.run.hasClassToClass ? share('both') : null,
    layersUpTo: Array.from({ length: plan.shape.layers }, (_, layer) => share(`layer ${layer}`)),
    textSpan:
      plan.reconstruction && plan.textSpanId !== undefined
        ? {
            textSpanId: plan.textSpanId,
            accuracies: plan.reconstruction.textCounts.map((texts) => ({ texts, accuracy: share(`texts ${texts}`) })),
          }
        : null,
  }
}

async function meansOf(plan: StudyPlan, images: number, onBlock: (images: number) => void): Promise<Means> {
  const { classes } = plan.readout
  const zero = () => new Float64Array(classes)
  const means: Means = {
    attention: Array.from({ length: plan.shape.layers }, zero),
    mlps: zero(),
    classToClass: zero(),
  }
  for (const { block, rows } of plan.selection) {
    const logits = await blockLogits(plan.db, plan.run, block, plan.readout, plan.shape)
    logits.attention.forEach((layer, at) => addMeanInPlace(means.attention[at]!, layer, rows, images))
    addMeanInPlace(means.mlps, logits.mlps, rows, images)
    if (logits.classToClass) addMeanInPlace(means.classToClass, logits.classToClass, rows, images)
    onBlock(rows.length)
  }
  return means
}

function addMeanInPlace(mean: Float64Array, logits: Float32Array, rows: Int32Array, images: number): void {
  const classes = mean.length
  for (const row of rows) for (let c = 0; c < classes; c++) mean[c]! += logits[row * classes + c]! / images
}

function scoreAblations(
  plan: StudyPlan,
  logits: BlockLogits,
  means: Means,
  score: (name: string, edited: Float32Array) => void,
): void {
  const withoutMlps = replaced(logits.whole, logits.mlps, means.mlps)
  score('baseline', logits.whole)
  score('mlps', withoutMlps)
  if (logits.classToClass) {
    score('class', replaced(logits.whole, logits.classToClass, means.classToClass))
    score('both', replaced(withoutMlps, logits.classToClass, means.classToClass))
  }
  let edited = logits.whole
  for (let layer = 0; layer < plan.shape.layers; layer++) {
    edited = replaced(edited, logits.attention[layer]!, means.attention[layer]!)
    score(`layer ${layer}`, edited)
  }
}

/** Attention outside the described layers at its mean, described layers as their texts give them, MLPs as they are. */
function scoreReconstructions(
  plan: StudyPlan,
  logits: BlockLogits,
  means: Means,
  reconstructed: Map<number, Float32Array>,
): [number, Float32Array][] {
  const { layers } = plan.reconstruction!
  let rest = logits.whole
  for (let layer = 0; layer < plan.shape.layers; layer++) {
    const mean = layers.includes(layer) ? new Float64Array(plan.readout.classes) : means.attention[layer]!
    rest = replaced(rest, logits.attention[layer]!, mean)
  }
  return [...reconstructed].map(([texts, attention]) => [texts, rest.map((logit, at) => logit + attention[at]!)])
}

/** Logits with one term replaced by its mean. */
function replaced(whole: Float32Array, term: Float32Array, mean: Float64Array): Float32Array {
  const classes = mean.length
  return whole.map((logit, at) => logit - term[at]! + mean[at % classes]!)
}

/** Counts of right answers by name; the first of equal logits is the answer. */
class Tally {
  readonly #counts = new Map<string, number>()

  add(name: string, logits: Float32Array, rows: Int32Array, truth: number[], classes: number): void {
    let right = 0
    rows.forEach((row, at) => {
      let best = 0
      for (let c = 1; c < classes; c++) if (logits[row * classes + c]! > logits[row * classes + best]!) best = c
      if (best === truth[at]) right++
    })
    this.#counts.set(name, this.correct(name) + right)
  }

  correct(name: string): number {
    return this.#counts.get(name) ?? 0
  }
}
