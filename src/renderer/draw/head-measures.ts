/** What the grid's colours say about heads, each with its legend. Pure: from numbers and labels to colours. */
import type { Label, LabelState } from '../../contract/label.ts'
import type { Role } from '../../contract/role.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { divergingColor, sequentialColor } from './color-map.ts'
import { formatMeasure, formatShare } from './format.ts'
import { inkOn } from './role-palette.ts'
import { type Scale, sequentialScale, signedScale } from './scales.ts'

export const measures = ['effect', 'explained', 'role', 'state', 'change'] as const
export type Measure = (typeof measures)[number]

export const measureTitles: Record<Measure, string> = {
  effect: 'direct effect',
  explained: 'variance explained',
  role: 'role',
  state: 'review state',
  change: 'change against…',
}

/** `words` is the measure as it is read: "31 %"; a head without the measure has no colour. */
export type CellPaint = { fill: string; ink: string; letter: string; words: string }

export type Legend =
  | {
      kind: 'scale'
      map: 'sequential' | 'signed'
      from: string
      to: string
      isLog: boolean
      /** what the colours mean, in a sentence */
      meaning: string
    }
  | {
      kind: 'keys'
      entries: { fill: string; ink: string; letter: string; title: string; heads: number }[]
      meaning: string
    }

export type Painting = { paints: Map<string, CellPaint>; legend: Legend }

/** Share explained by the first k texts; by all of them where there are fewer. */
export function explainedBy({ steps }: DescribedHead, k: number): number {
  return steps[Math.min(k, steps.length) - 1]?.explained ?? 0
}

export function paintEffects(effects: Map<string, number>): Painting {
  const scale = sequentialScale([...effects.values()].filter((variance) => variance > 0))
  return {
    paints: painted(effects, (variance) => sequentialColor(variance > 0 ? scale.share(variance) : 0), formatMeasure),
    legend: {
      kind: 'scale',
      map: 'sequential',
      ...rangeOf(scale, formatMeasure),
      meaning: 'Mean squared change of the representation (length 1) when the head is replaced by its mean.',
    },
  }
}

export function paintExplained(described: Map<string, DescribedHead>, k: number): Painting {
  const shares = new Map([...described].map(([name, head]) => [name, explainedBy(head, k)]))
  const scale = sequentialScale([...shares.values()], { from: 0 })
  return {
    paints: painted(shares, (share) => sequentialColor(scale.share(share)), formatShare),
    legend: {
      kind: 'scale',
      map: 'sequential',
      ...rangeOf(scale, formatShare),
      meaning: `Share of the head's variance that its first ${k === 1 ? 'text explains' : `${k} texts explain`}.`,
    },
  }
}

/** @param changes here - there, as shares or as variances */
export function paintChange(
  changes: Map<string, number>,
  words: (change: number) => string,
  meaning: string,
): Painting {
  const scale = signedScale([...changes.values()])
  return {
    paints: painted(changes, (change) => divergingColor(scale.share(change)), words),
    legend: { kind: 'scale', map: 'signed', ...rangeOf(scale, words), meaning },
  }
}

export function explainedChanges(
  here: Map<string, DescribedHead>,
  there: Map<string, DescribedHead>,
  k: number,
): Map<string, number> {
  return new Map(
    [...here].flatMap(([name, head]) => {
      const other = there.get(name)
      return other ? [[name, explainedBy(head, k) - explainedBy(other, k)] as const] : []
    }),
  )
}

export function effectChanges(here: Map<string, number>, there: Map<string, number>): Map<string, number> {
  return new Map(
    [...here].flatMap(([name, variance]) => (there.has(name) ? [[name, variance - there.get(name)!] as const] : [])),
  )
}

export function paintRoles(labels: Map<string, Label>, roles: Role[]): Painting {
  const roleOf = new Map(roles.map((role) => [role.id, role]))
  const paints = new Map<string, CellPaint>()
  const heads = new Map<number, number>()
  for (const [name, { roleId }] of labels) {
    const role = roleOf.get(roleId ?? -1)
    if (!role) continue
    paints.set(name, { fill: role.color, ink: inkOn(role.color), letter: role.letter, words: role.name })
    heads.set(role.id, (heads.get(role.id) ?? 0) + 1)
  }
  const entries = roles
    .filter(({ id }) => heads.has(id))
    .map(({ id, color, letter, name }) => ({
      fill: color,
      ink: inkOn(color),
      letter,
      title: name,
      heads: heads.get(id)!,
    }))
  return { paints, legend: { kind: 'keys', entries, meaning: 'Your role for each head.' } }
}

export const stateTitles: Record<LabelState, string> = {
  open: 'open',
  draft: 'draft',
  reviewed: 'reviewed',
  disputed: 'disputed',
}

const statePaints: Record<LabelState, { fill: string; ink: string; letter: string }> = {
  open: { fill: 'var(--track)', ink: 'var(--dim)', letter: '' },
  draft: { fill: 'var(--warn-ground)', ink: 'var(--warn)', letter: '~' },
  reviewed: { fill: 'var(--good)', ink: 'var(--pane)', letter: '✓' },
  disputed: { fill: 'var(--bad)', ink: 'var(--pane)', letter: '!' },
}

export function paintStates(labels: Map<string, Label>, names: readonly string[]): Painting {
  const paints = new Map<string, CellPaint>()
  const heads: Record<LabelState, number> = { open: 0, draft: 0, reviewed: 0, disputed: 0 }
  for (const name of names) {
    const state = labels.get(name)?.state ?? 'open'
    heads[state]++
    paints.set(name, { ...statePaints[state], words: stateTitles[state] })
  }
  const entries = (Object.keys(statePaints) as LabelState[]).map((state) => ({
    ...statePaints[state],
    title: stateTitles[state],
    heads: heads[state],
  }))
  return { paints, legend: { kind: 'keys', entries, meaning: 'How far your labels are.' } }
}

function rangeOf({ from, to, isLog }: Scale, words: (measured: number) => string) {
  return { from: words(from), to: words(to), isLog }
}

function painted(
  measured: Map<string, number>,
  colorOf: (value: number) => string,
  words: (value: number) => string,
): Map<string, CellPaint> {
  return new Map(
    [...measured].map(([name, value]) => {
      const fill = colorOf(value)
      return [name, { fill, ink: inkOn(fill), letter: '', words: words(value) }]
    }),
  )
}
