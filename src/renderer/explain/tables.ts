/** What an explanation hands on: tables, figures, and the lines that say where they come from. */
import type { DataSet } from '../../contract/data-set.ts'
import type { Explanation, ImageDetail } from '../../contract/image.ts'
import type { Model } from '../../contract/workspace.ts'
import { type ChartColors, chartBase, type ChartOption } from '../draw/charts.ts'
import type { CsvTable } from '../draw/csv.ts'
import { formatError } from '../draw/format.ts'
import { mapColorStops } from '../draw/token-map.ts'
import { headSums, layerSums, type Part, reach, type Terms, tokenSums, totalsOf } from './terms.ts'
import { partWords } from './words.ts'

export type ExplanationOrigin = {
  model: Model
  dataSet: DataSet
  image: ImageDetail
  explanation: Explanation
  terms: Terms
  programVersion: string
}

/** Hashes whole: these lines go into files that programs read. */
export function explanationProvenance(origin: ExplanationOrigin, part?: Part): string[] {
  const { model, dataSet, image, explanation, terms, programVersion } = origin
  const [text, other] = explanation.texts
  const { score, residual } = totalsOf(terms)
  return [
    `Model: ${model.name}`,
    `Model hash: ${model.hash}`,
    `Data set: ${dataSet.name}`,
    `Data set hash: ${dataSet.hash}`,
    `Image: ${image.path}, place ${image.ordinal}`,
    `Text: ${text}`,
    ...(other === undefined ? [] : [`Compared with: ${other} (terms of the text minus terms of this one)`]),
    `Score: ${score} (${other === undefined ? 'cosine' : 'difference of cosines'}); all terms add up to it, off by ${formatError(Math.abs(residual))}`,
    ...(part === undefined ? [] : [`Part: ${partWords(part, terms)}`]),
    `Computed: anew from the image, float32 on ${explanation.provider}`,
    `Program: Headwise ${programVersion}`,
  ]
}

/** One row a head, one a MLP; their last column adds up to the score. */
export function termTable(terms: Terms): CsvTable {
  const perHead = headSums(terms)
  const heads = Array.from(perHead, (term, at) => ['attention', Math.floor(at / terms.heads), at % terms.heads, term])
  const mlps = Array.from(terms.mlps, (term, at) => [at === 0 ? 'start' : 'mlp', at === 0 ? null : at - 1, null, term])
  return { columns: ['kind', 'layer', 'head', 'term'], rows: [...heads, ...mlps] }
}

/** Attention terms one by one, [L, H, N] as rows; token 0 is the class token. */
export function tokenTable({ layers, heads, tokens, gridColumns, byToken }: Terms): CsvTable {
  const rows = Array.from({ length: layers * heads * tokens }, (_, at) => {
    const [token, head] = [at % tokens, Math.floor(at / tokens)]
    const place = token === 0 ? [null, null] : [Math.floor((token - 1) / gridColumns), (token - 1) % gridColumns]
    return [Math.floor(head / heads), head % heads, token, ...place, byToken[at]!]
  })
  return { columns: ['layer', 'head', 'token', 'row', 'column', 'term'], rows }
}

/** The token map that is shown: the chosen heads' terms, token by token. */
export function mapTable(terms: Terms, chosen: ReadonlySet<number>): CsvTable {
  const rows = Array.from(tokenSums(terms, chosen), (term, token) => [
    token,
    token === 0 ? null : Math.floor((token - 1) / terms.gridColumns),
    token === 0 ? null : (token - 1) % terms.gridColumns,
    term,
  ])
  return { columns: ['token', 'row', 'column', 'term'], rows }
}

/** Bars by layer at the left, the layer x head map at the right, last layer on top in both. */
export function termFigure(terms: Terms): (colors: ChartColors) => ChartOption {
  const perHead = headSums(terms)
  const perLayer = layerSums(perHead, terms.heads)
  const names = ['start', ...Array.from(perLayer, (_, layer) => `L${layer}`)]
  const extent = reach(perHead)
  const cells = Array.from(perHead, (term, at) => [at % terms.heads, Math.floor(at / terms.heads) + 1, term])
  return (colors) => {
    const { axis, grid, ...base } = chartBase(colors)
    const bars = { type: 'bar', xAxisIndex: 0, yAxisIndex: 0, barGap: '10%' }
    return {
      ...base,
      legend: { show: false },
      grid: [
        { ...grid, left: '2%', width: '46%', bottom: 46 },
        { ...grid, left: '54%', width: '44%', bottom: 46 },
      ],
      xAxis: [
        { ...axis, type: 'value', name: 'attention (dark), MLP (light)', nameLocation: 'middle', nameGap: 24 },
        { ...axis, type: 'category', gridIndex: 1, data: Array.from({ length: terms.heads }, (_, head) => `H${head}`) },
      ],
      yAxis: [
        { ...axis, type: 'category', data: names },
        { ...axis, type: 'category', gridIndex: 1, data: names },
      ],
      visualMap: {
        seriesIndex: 2,
        type: 'continuous',
        orient: 'horizontal',
        left: '54%',
        bottom: 0,
        itemHeight: 120,
        itemWidth: 8,
        min: -extent,
        max: extent,
        precision: 4,
        calculable: false,
        text: [extent.toFixed(4), (-extent).toFixed(4)],
        textStyle: { color: colors.dim, fontSize: 10 },
        // ECharts reads colours with commas only and takes others for black.
        inRange: { color: mapColorStops('signed') },
      },
      series: [
        { ...bars, name: 'attention', data: [null, ...perLayer], itemStyle: { color: colors.accent } },
        { ...bars, name: 'MLP', data: Array.from(terms.mlps), itemStyle: { color: colors.dim, opacity: 0.5 } },
        { type: 'heatmap', xAxisIndex: 1, yAxisIndex: 1, data: cells },
      ],
    }
  }
}
