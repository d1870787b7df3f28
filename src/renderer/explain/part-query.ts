/** The chosen part of a score as the address has it: head=L5.H2,L6.H0 mlp=start,L3 token=17. */
import { headName } from '../draw/format.ts'
import type { Part } from './terms.ts'

export type PartQuery = { head?: string; mlp?: string; token?: string }
export type Shape = { layers: number; heads: number; tokens: number }

/** What does not exist in a model of this shape is left out. */
export function partOfQuery({ head = '', mlp = '', token = '' }: PartQuery, shape: Shape): Part {
  const heads = head.split(',').map((name) => placeOfHead(name, shape))
  const mlps = mlp.split(',').map((name) => placeOfMlp(name, shape))
  const tokenAt = /^\d+$/.test(token) ? Number(token) : -1
  return {
    heads: new Set(heads.filter((at) => at >= 0)),
    mlps: new Set(mlps.filter((at) => at >= 0)),
    token: tokenAt >= 0 && tokenAt < shape.tokens ? tokenAt : null,
  }
}

export function queryOfPart({ heads, mlps, token }: Part, { heads: perLayer }: Shape): PartQuery {
  const headNames = ascending(heads).map((at) => headName(Math.floor(at / perLayer), at % perLayer))
  const mlpNames = ascending(mlps).map((at) => (at === 0 ? 'start' : `L${at - 1}`))
  return {
    head: headNames.join(',') || undefined,
    mlp: mlpNames.join(',') || undefined,
    token: token === null ? undefined : String(token),
  }
}

function placeOfHead(name: string, { layers, heads }: Shape): number {
  const parts = /^L(\d+)\.H(\d+)$/.exec(name)
  if (!parts) return -1
  const [layer, head] = [Number(parts[1]), Number(parts[2])]
  return layer < layers && head < heads ? layer * heads + head : -1
}

function placeOfMlp(name: string, { layers }: Shape): number {
  if (name === 'start') return 0
  const layer = /^L(\d+)$/.exec(name)?.[1]
  return layer !== undefined && Number(layer) < layers ? Number(layer) + 1 : -1
}

function ascending(places: ReadonlySet<number>): number[] {
  return [...places].sort((a, b) => a - b)
}
