/**
 * What the Heads place shows and what is selected in it: made once by the view, used by its three panes. The head and
 * the axis of its images stand in the address; the heads that are marked together do not, since they are gone with the
 * next step anyway.
 */
import { computed, inject, provide, shallowRef, watch, watchEffect, type InjectionKey } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { HeadPlace } from '../../contract/head.ts'
import { type Axis, axisFrom, axisInAddress } from '../draw/head-axis.ts'
import { headName } from '../draw/format.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useHeadStore } from '../stores/headStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useSession } from '../stores/session.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'

export type HeadsPlace = ReturnType<typeof makeHeadsPlace>

const key: InjectionKey<HeadsPlace> = Symbol('heads place')

export function provideHeadsPlace(): HeadsPlace {
  const place = makeHeadsPlace()
  provide(key, place)
  return place
}

export function useHeadsPlace(): HeadsPlace {
  const place = inject(key)
  if (!place) throw new Error('The panes of the Heads place stand inside HeadsView.')
  return place
}

/** "L5.H2" -> { layer: 5, head: 2 } */
export function placeOf(name: string): HeadPlace | undefined {
  const parts = /^L(\d+)\.H(\d+)$/.exec(name)
  return parts ? { layer: Number(parts[1]), head: Number(parts[2]) } : undefined
}

function makeHeadsPlace() {
  const app = useAppStore()
  const context = useContextStore()
  const heads = useHeadStore()
  const labels = useLabelStore()
  const route = useRoute()
  const router = useRouter()

  const run = computed(() => context.run)
  const textSpan = computed(() => context.textSpan)
  /** the model of the run, not the one that happens to be first */
  const model = computed(() => useWorkspaceStore().models.find(({ id }) => id === run.value?.modelId))
  const shape = computed(() => model.value?.config.vision)
  /** in the order that people read the grid: last layer first */
  const names = computed(() => {
    const { layers = 0, heads: perLayer = 0 } = shape.value ?? {}
    return Array.from({ length: layers * perLayer }, (_, at) =>
      headName(layers - 1 - Math.floor(at / perLayer), at % perLayer),
    )
  })

  const loads = useLoads()
  const described = computed(() => loads.description.value?.content)

  const current = computed(() => {
    const asked = [route.query.head, app.remembered?.['heads/head']]
    const there = asked.find((name): name is string => typeof name === 'string' && names.value.includes(name))
    return there ?? names.value.find((name) => described.value?.has(name)) ?? names.value[0]
  })
  const currentPlace = computed(() => placeOf(current.value ?? ''))
  const head = computed(() => described.value?.get(current.value ?? ''))

  const textInAddress = computed(() => (typeof route.query.text === 'string' ? route.query.text : undefined))
  const axis = computed<Axis>(() => {
    const named = typeof route.query.axis === 'string' ? route.query.axis : undefined
    const asked = axisFrom(named, textInAddress.value)
    if (asked && !(asked.kind === 'residual' && !head.value)) return asked
    const first = head.value?.steps[0]
    return first ? { kind: 'text', text: first.text } : { kind: 'principal', index: 0 }
  })

  /** @param isStep false replaces the address: walking leaves no trail of its own */
  function go(name: string, { isStep = true }: { isStep?: boolean } = {}): void {
    if (!names.value.includes(name)) return
    app.remember('heads/head', name)
    // A text of this head's list means little on the next head; one that was typed is asked of every head.
    const isOfList = head.value?.steps.some(({ text }) => text === textInAddress.value) ?? false
    const query = { ...route.query, head: name, ...(isOfList ? { text: undefined } : {}) }
    void (isStep ? router.push({ query }) : router.replace({ query }))
  }

  function chooseAxis(chosen: Axis): void {
    const query = { ...route.query, head: current.value, axis: undefined, text: undefined, ...axisInAddress(chosen) }
    void router.replace({ query })
  }

  const marks = useMarks(names, current, shape, go)
  const isUnreviewed = (name: string) => {
    const state = labels.own.get(name)?.state ?? 'open'
    return state === 'open' || state === 'draft'
  }
  /** what is counted and gone through: the described heads, or all where none is described */
  const counted = computed(() =>
    described.value ? names.value.filter((name) => described.value!.has(name)) : names.value,
  )

  function goToUnreviewed(step: 1 | -1): boolean {
    const list = counted.value
    const from = list.indexOf(current.value ?? '')
    for (let away = 1; away <= list.length; away++) {
      const name = list[(from + step * away + 2 * list.length) % list.length]!
      if (name !== current.value && isUnreviewed(name)) {
        marks.clear()
        go(name)
        return true
      }
    }
    return false
  }

  return {
    run,
    textSpan,
    model,
    shape,
    names,
    described,
    ...loads,
    current,
    currentPlace,
    head,
    axis,
    go,
    chooseAxis,
    counted,
    isUnreviewed,
    goToUnreviewed,
    marks,
    /** the heads that an edit changes */
    targets: computed(() => {
      const marked = marks.marked.value
      const chosen = marked.size > 0 ? names.value.filter((name) => marked.has(name)) : [current.value ?? '']
      return chosen.map(placeOf).filter((place) => place !== undefined)
    }),
    heads,
  }
}

/** What is asked for as soon as the place is open. */
function useLoads() {
  const context = useContextStore()
  const heads = useHeadStore()
  const labels = useLabelStore()
  const session = useSession()
  function load(): void {
    const { run, textSpan } = context
    if (run?.state !== 'complete') return
    heads.askEffects(run.id)
    if (!textSpan) return
    heads.askDescribed(textSpan.id)
    heads.askPoolTexts(textSpan.poolVersionId)
  }
  function loadEvidence(): void {
    if (context.textSpan) heads.askEvidence(context.textSpan.id)
  }
  // Correlations take a while the first time, and nothing waits for them.
  function loadCorrelations(): void {
    const { run } = context
    if (run && heads.effects(run.id)?.content) heads.askCorrelations(run.id)
  }
  watchEffect(() => {
    // What failed while the engine was away is asked for again when it is back.
    void session.state
    load()
    loadCorrelations()
  })
  watch([() => context.textSpan?.id, () => labels.roles, () => session.state], loadEvidence, { immediate: true })
  function reload(): void {
    load()
    loadEvidence()
    loadCorrelations()
  }
  return {
    reload,
    description: computed(() => (context.textSpan ? heads.described(context.textSpan.id) : undefined)),
    effects: computed(() => (context.run ? heads.effects(context.run.id) : undefined)),
    correlations: computed(() => (context.run ? heads.correlations(context.run.id) : undefined)),
    evidence: computed(() => (context.textSpan ? heads.evidence(context.textSpan.id) : undefined)),
    poolTexts: computed(() =>
      context.textSpan ? heads.poolTexts(context.textSpan.poolVersionId)?.content : undefined,
    ),
  }
}

type Ref<Content> = { readonly value: Content }

/** Heads that are marked to be labelled together. */
function useMarks(
  names: Ref<string[]>,
  current: Ref<string | undefined>,
  shape: Ref<{ heads: number; layers: number } | undefined>,
  go: (name: string, options?: { isStep?: boolean }) => void,
) {
  const marked = shallowRef<ReadonlySet<string>>(new Set())
  let anchor: string | undefined

  function clear(): void {
    if (marked.value.size > 0) marked.value = new Set()
    anchor = undefined
  }

  function toggle(name: string): void {
    const next = new Set(marked.value.size > 0 ? marked.value : [current.value!])
    if (!next.delete(name)) next.add(name)
    marked.value = next
    anchor = name
    go(name, { isStep: false })
  }

  /** Marks the rectangle between where the marking began and this head. */
  function extendTo(name: string): void {
    anchor ??= current.value
    const [from, to] = [placeOf(anchor ?? name), placeOf(name)]
    if (!from || !to || !shape.value) return
    const between = (at: number, a: number, b: number) => at >= Math.min(a, b) && at <= Math.max(a, b)
    marked.value = new Set(
      names.value.filter((other) => {
        const { layer, head } = placeOf(other)!
        return between(layer, from.layer, to.layer) && between(head, from.head, to.head)
      }),
    )
    go(name, { isStep: false })
  }

  function set(chosen: string[]): void {
    marked.value = new Set(chosen)
  }

  return { marked, clear, toggle, extendTo, set }
}
