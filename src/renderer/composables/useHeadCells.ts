/** The grid's cells: what each shows for the chosen measure, which are dimmed by the search and the filter. */
import { computed, ref, watchEffect } from 'vue'
import {
  effectChanges,
  explainedChanges,
  measures,
  type Measure,
  paintChange,
  paintEffects,
  paintExplained,
  type Painting,
  paintRoles,
  paintStates,
} from '../draw/head-measures.ts'
import { formatMeasure, formatPoints } from '../draw/format.ts'
import type { Role } from '../../contract/role.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import { filterWords } from '../draw/provenance.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useHeadStore } from '../stores/headStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import type { HeadsPlace } from './useHeadsPlace.ts'
import { useRemembered } from './useRemembered.ts'

export type GridCell = {
  name: string
  fill: string | null
  ink: string
  letter: string
  /** the measure as it is read */
  words: string
  /** colour of the role's ring */
  ring: string | null
  hasNote: boolean
  isDisputed: boolean
  isDescribed: boolean
  isDimmed: boolean
  isMarked: boolean
}

/** A head that a search found, and the note or the text with its step that speaks of it. */
export type Finding = { name: string; why: string; role: Role | undefined }

/** What a result can be held against: "span:3" a TEXTSPAN result, "run:2" another run's direct effects. */
export type Rival = { key: string; title: string }

function unpainted(meaning: string): Painting {
  return { paints: new Map(), legend: { kind: 'keys', entries: [], meaning } }
}

export function useHeadCells(place: HeadsPlace) {
  const labels = useLabelStore()
  const isMeasure = (content: unknown) => measures.some((name) => name === content)
  const measure = useRemembered<Measure>('heads/measure', 'effect', isMeasure)
  const chosenTexts = useRemembered('heads/first-texts', 5)
  const onlyUnreviewed = useRemembered('heads/only-unreviewed', false)
  const wanted = ref('')
  const against = useAgainst(place)
  /** As many as the results have: the first 8 of one are not held against the first 20 of another. */
  const mostTexts = computed(() => {
    const own = place.textSpan.value?.texts ?? 20
    return measure.value === 'change' ? Math.min(own, against.texts.value ?? own) : own
  })
  const firstTexts = computed({
    get: () => Math.min(chosenTexts.value, mostTexts.value),
    set: (count) => (chosenTexts.value = count),
  })

  const painting = computed<Painting>(() => {
    const effects = place.effects.value?.content
    const described = place.described.value
    if (measure.value === 'role') return paintRoles(labels.own, labels.roles)
    if (measure.value === 'state') return paintStates(labels.own, place.counted.value)
    if (measure.value === 'change') return against.painting(firstTexts.value)
    if (measure.value === 'explained')
      return described ? paintExplained(described, firstTexts.value) : unpainted('No head is described yet.')
    return effects ? paintEffects(effects) : unpainted('')
  })
  const found = computed(() => {
    const words = wanted.value.trim().toLowerCase()
    if (words === '') return undefined
    return new Map(
      place.names.value.flatMap((name) => {
        const why = speaksOf(place, labels, name, words)
        return why === undefined ? [] : [[name, why] as const]
      }),
    )
  })
  const findings = computed(() =>
    [...(found.value ?? [])].map(([name, why]): Finding => {
      return { name, why, role: labels.roleById.get(labels.own.get(name)?.roleId ?? -1) }
    }),
  )
  const isDimmed = (name: string) =>
    (found.value !== undefined && !found.value.has(name)) || (onlyUnreviewed.value && !place.isUnreviewed(name))

  const cells = computed(() => {
    const { paints } = painting.value
    const described = place.described.value
    const marked = place.marks.marked.value
    return new Map(
      place.names.value.map((name): [string, GridCell] => {
        const paint = paints.get(name)
        const label = labels.own.get(name)
        const role = labels.roleById.get(label?.roleId ?? -1)
        return [
          name,
          {
            name,
            fill: paint?.fill ?? null,
            ink: paint?.ink ?? 'var(--dim)',
            letter: paint?.letter ?? '',
            words: paint?.words ?? '',
            ring: role?.color ?? null,
            hasNote: Boolean(label?.note),
            isDisputed: label?.state === 'disputed',
            isDescribed: described ? described.has(name) : true,
            isDimmed: isDimmed(name),
            isMarked: marked.has(name),
          },
        ]
      }),
    )
  })
  const counts = computed(() => {
    const states = place.counted.value.map((name) => labels.own.get(name)?.state ?? 'open')
    const of = (state: string) => states.filter((other) => other === state).length
    return { heads: states.length, reviewed: of('reviewed'), disputed: of('disputed') }
  })

  return { measure, firstTexts, mostTexts, onlyUnreviewed, wanted, found, findings, painting, cells, counts, against }
}

/** What of a head has the words, whatever the case: its name, role, note or first such text. */
function speaksOf(
  place: HeadsPlace,
  labels: ReturnType<typeof useLabelStore>,
  name: string,
  words: string,
): string | undefined {
  const label = labels.own.get(name)
  const role = labels.roleById.get(label?.roleId ?? -1)?.name ?? ''
  const has = (content: string) => content.toLowerCase().includes(words)
  if (has(name) || (role !== '' && has(role))) return ''
  if (label?.note && has(label.note)) return label.note
  const at = place.described.value?.get(name)?.steps.findIndex(({ text }) => has(text)) ?? -1
  return at < 0 ? undefined : `${at + 1} ${place.described.value!.get(name)!.steps[at]!.text}`
}

/** A change may come from more than the texts: the result says so. */
function otherwiseDifferent(here: TextSpan, there: TextSpan): string {
  const parts = [
    here.runId !== there.runId && 'run',
    filterWords(here.filter) !== filterWords(there.filter) && 'images',
    here.rank !== there.rank && 'rank',
  ].filter((part) => part !== false)
  return parts.length === 0 ? '' : ` They differ in ${parts.join(' and ')} too.`
}

/** The other result or run that a change is measured against. */
function useAgainst(place: HeadsPlace) {
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const heads = useHeadStore()
  const chosen = useRemembered('heads/against', '')

  const rivals = computed<Rival[]>(() => {
    const { run, textSpan } = context
    if (!run) return []
    const runs = new Map(workspace.runs.filter(({ modelId }) => modelId === run.modelId).map((own) => [own.id, own]))
    const spans = workspace.textSpans.filter(({ id, runId }) => textSpan && id !== textSpan.id && runs.has(runId))
    return [
      ...spans.toReversed().map(({ id, poolName, poolVersion, runId, isProposed }) => ({
        key: `span:${id}`,
        title: `texts #${id}: ${poolName} v${poolVersion}${runId === run.id ? '' : `, run ${runId}`}${isProposed ? ', proposed' : ''}`,
      })),
      ...[...runs.values()]
        .filter(({ id }) => id !== run.id)
        .map(({ id, dataSetName }) => ({ key: `run:${id}`, title: `direct effect in run ${id} on ${dataSetName}` })),
    ]
  })
  const rival = computed(() => rivals.value.find(({ key }) => key === chosen.value) ?? rivals.value[0])
  const parts = computed(() => {
    const [kind, id] = rival.value?.key.split(':') ?? []
    return { kind, id: Number(id) }
  })
  /** that the other result has for each head */
  const texts = computed(() => {
    const { kind, id } = parts.value
    return kind === 'span' ? workspace.textSpans.find((span) => span.id === id)?.texts : undefined
  })
  watchEffect(() => {
    const { kind, id } = parts.value
    if (kind === 'span') heads.askDescribed(id)
    if (kind === 'run') heads.askEffects(id)
  })
  const other = computed(() => {
    const { kind, id } = parts.value
    return kind === 'span' ? heads.described(id) : kind === 'run' ? heads.effects(id) : undefined
  })

  function painting(firstTexts: number): Painting {
    const { kind, id } = parts.value
    if (kind === 'span') {
      const there = heads.described(id)?.content
      const here = place.described.value
      if (!there || !here) return unpainted('')
      const rest = otherwiseDifferent(
        context.textSpan!,
        workspace.textSpans.find((span) => span.id === id)!,
      )
      const meaning = `Share explained by the first ${firstTexts} texts: this result less ${rival.value!.title}.${rest}`
      return paintChange(explainedChanges(here, there, firstTexts), formatPoints, meaning)
    }
    const there = kind === 'run' ? heads.effects(id)?.content : undefined
    const here = place.effects.value?.content
    if (!there || !here) return unpainted('')
    return paintChange(effectChanges(here, there), formatMeasure, `Direct effect: this run less run ${id}.`)
  }

  return { rivals, rival, texts, other, painting, choose: (key: string) => (chosen.value = key) }
}
