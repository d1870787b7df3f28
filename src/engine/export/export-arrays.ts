/** The authors' arrays (spec 7): {data}_attn_{model}.npy and so on, in their shapes and order. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bases } from '../decompose/index.ts'
import { listBlocks, readBlockPart, type Block, type ReadDb, type StoredRun } from '../store/index.ts'
import { classToClassTerms, layerHeadTerms, mlpTerms, type TermShape } from '../terms/index.ts'
import { npyWriter, type NpyWriter } from './npy.ts'

export type ExportPlan = {
  db: ReadDb
  run: StoredRun
  bases: Bases
  shape: TermShape
  folder: string
  dataName: string
  modelName: string
  /** [d, classes], as the authors keep it */
  classifier?: Float32Array
  /** [texts, d] */
  pool?: { name: string; embeddings: Float32Array }
}

/** @returns the files' names; all appear or none */
export async function exportArrays(plan: ExportPlan, onBlock: (images: number) => void): Promise<string[]> {
  const { db, run, shape, folder } = plan
  mkdirSync(folder, { recursive: true })
  const blocks = listBlocks(db, run.id)
  const n = blocks.reduce((sum, { ordinals }) => sum + ordinals.length, 0)
  const { layers, heads, jointWidth: d } = shape
  const [data, model] = [fileName(plan.dataName), fileName(plan.modelName)]
  const writers = new Map<string, NpyWriter>()
  const open = (name: string, dims: number[]) => {
    const writer = npyWriter(join(folder, name), dims)
    writers.set(name, writer)
    return writer
  }
  try {
    const attention = open(`${data}_attn_${model}.npy`, [n, layers, heads, d])
    const mlp = open(`${data}_mlp_${model}.npy`, [n, layers + 1, d])
    const classes = run.hasClassToClass ? open(`${data}_cls_attn_${model}.npy`, [n, layers, d]) : undefined
    const representation = open(`${data}_representation_${model}.npy`, [n, d])
    if (plan.classifier) open(`${data}_classifier_${model}.npy`, [d, plan.classifier.length / d]).write(plan.classifier)
    if (plan.pool)
      open(`${fileName(plan.pool.name)}_${model}.npy`, [plan.pool.embeddings.length / d, d]).write(plan.pool.embeddings)
    for (const block of blocks) {
      for (const rows of pieces(block.ordinals.length)) attention.write(await attentionTerms(plan, block, rows))
      mlp.write(mlpTerms(db, run, block, plan.bases, shape))
      classes?.write(classToClassTerms(db, run, block, plan.bases, shape))
      representation.write(readBlockPart(db, run, block.number, 'representation'))
      onBlock(block.ordinals.length)
    }
    for (const writer of writers.values()) writer.finish()
  } finally {
    for (const writer of writers.values()) writer.discard()
  }
  return [...writers.keys()]
}

/** Terms of so many images are in memory at once: 75 MB for ViT-L/14. */
const rowsAtOnce = 64

function pieces(rows: number): { from: number; to: number }[] {
  const count = Math.ceil(rows / rowsAtOnce)
  return Array.from({ length: count }, (_, at) => ({
    from: at * rowsAtOnce,
    to: Math.min(rows, (at + 1) * rowsAtOnce),
  }))
}

/** [rows, L, H, d] from the layers' [H, rows, d]. */
async function attentionTerms(
  { db, run, bases, shape }: ExportPlan,
  block: Block,
  { from, to }: { from: number; to: number },
): Promise<Float32Array> {
  const { layers, heads, jointWidth: d } = shape
  const rows = to - from
  const terms = new Float32Array(rows * layers * heads * d)
  for (let layer = 0; layer < layers; layer++) {
    const ofLayer = await layerHeadTerms(db, run, block, layer, bases, shape, { from, to })
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const at = (head * rows + row) * d
        terms.set(ofLayer.subarray(at, at + d), ((row * layers + layer) * heads + head) * d)
      }
    }
  }
  return terms
}

/** Names of data sets and models may hold what file systems refuse. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_')
}
