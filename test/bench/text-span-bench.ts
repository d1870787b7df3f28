/** TEXTSPAN of the last four layers of an L/14-sized model from moments, for two numbers of images. */
import { type Bases, blockMoment, headMatrices } from '../../src/engine/decompose/index.ts'
import type { StoredMoment } from '../../src/engine/store/index.ts'
import { describeLayer } from '../../src/engine/text-span/index.ts'
import { randomUniform } from './make-checkpoint.ts'
import { mediansMs, type Result } from './measure.ts'

const shape = { layers: 24, heads: 16, headWidth: 64 }
const d = 768
const width = shape.heads * shape.headWidth
const layers = [20, 21, 22, 23]

export async function benchTextSpan(textCount: number): Promise<Result> {
  const next = randomUniform(3)
  const normal = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * (next() + next() + next() - 1.5) * 2)
  const bases: Bases = {
    layers,
    A: new Map(layers.map((layer) => [layer, normal(width * d, 0.03)])),
    B: new Map(layers.map((layer) => [layer, normal(d, 0.1)])),
    G: normal(d, 1),
    E: normal(d, 0.1),
    initial: normal(d, 1),
  }
  const rows = 1000
  const scalars = Float32Array.from({ length: rows * 3 }, (_, at) => [0.01 * next(), 1 + next(), 10 + next()][at % 3]!)
  const moments = layers.map((layer) => blockMoment(layer, uneven(normal(rows * width, 1)), scalars, shape))
  const texts = { embeddings: unitRows(normal(textCount * d, 1)), count: textCount, width: d }
  const describeAll = async (images: number) => {
    for (const moment of moments) {
      const scaled: StoredMoment = {
        ...moment,
        rowCount: images,
        products: moment.products.map((sum) => (sum / rows) * images),
      }
      await describeLayer(scaled, headMatrices(bases, moment.layer, shape), shape, texts, { texts: 60, rank: 80 })
    }
  }
  const [fewMs, manyMs] = (await mediansMs(3, [() => describeAll(5_000), () => describeAll(1_000_000)])) as [
    number,
    number,
  ]
  return {
    what: `TEXTSPAN, 64 heads of L/14 size, ${textCount} texts, m = 60`,
    measured: `${(fewMs / 1000).toFixed(2)} s at 5,000 images, ${(manyMs / 1000).toFixed(2)} s at 1,000,000`,
    limit: textCount <= 3498 ? 'under 2 s' : '',
    isMet: textCount <= 3498 ? Math.max(fewMs, manyMs) < 2000 : null,
    numbers: { fewMs, manyMs },
  }
}

/** Directions of falling strength, as trained heads have them. */
function uneven(attended: Float32Array): Float32Array {
  return attended.map((value, at) => value / (1 + (at % shape.headWidth)))
}

function unitRows(rows: Float32Array): Float32Array {
  for (let start = 0; start < rows.length; start += d) {
    let square = 0
    for (let k = 0; k < d; k++) square += rows[start + k]! ** 2
    for (let k = 0; k < d; k++) rows[start + k]! /= Math.sqrt(square)
  }
  return rows
}
