/**
 * What the Pools place shows and what is selected in it: made once by the view, used by its three panes. Pool, version,
 * the version it is compared with and the focused text stand in the address.
 */
import { computed, inject, type InjectionKey, onScopeDispose, provide, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Role } from '../../contract/role.ts'
import type { RowCriteria, RowFilter, RowSort } from '../pool/row-order.ts'
import { rowFilters, sortColumns, tagCounts } from '../pool/row-order.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { usePoolStore } from '../stores/poolStore.ts'
import { useSession } from '../stores/session.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useGridCursor } from './useGridCursor.ts'
import { usePoolProblems } from './usePoolProblems.ts'
import { usePoolRows } from './usePoolRows.ts'
import { usePoolUse } from './usePoolUse.ts'
import { useProposal } from './useProposal.ts'
import { useQuery } from './useQuery.ts'
import { useRemembered } from './useRemembered.ts'

export type PoolsPlace = ReturnType<typeof makePoolsPlace>

const key: InjectionKey<PoolsPlace> = Symbol('pools place')
/** Longer texts would make an address that nobody can copy. */
const longestInAddress = 300
const addressPauseMs = 250

export function providePoolsPlace(): PoolsPlace {
  const place = makePoolsPlace()
  provide(key, place)
  return place
}

export function usePoolsPlace(): PoolsPlace {
  const place = inject(key)
  if (!place) throw new Error('The panes of the Pools place stand inside PoolsView.')
  return place
}

function makePoolsPlace() {
  const app = useAppStore()
  const context = useContextStore()
  const labels = useLabelStore()
  const draft = usePoolStore()
  const client = () => app.client()

  const { pool, poolId, versionId, compareId, choosePool } = useChoices()
  watch(poolId, (id) => void draft.open(id), { immediate: true })
  const off = app.connection?.on('workspace/changed', draft.heard)
  if (off) onScopeDispose(off)
  // After the engine came back everything is read again; so is the draft.
  const session = useSession()
  watch(
    () => session.state,
    (now) => now === 'open' && void draft.reload(),
  )

  const modelId = computed(() => context.model?.id)
  const rows = computed(() => draft.shown.rows)
  const use = usePoolUse(poolId)
  const problems = usePoolProblems(client, poolId, modelId, () => draft.saved)
  const criteria = useCriteria(poolId)
  const facts = computed(() => ({ useOf: use.useOf.value, problemsOf: problems.problemsOf.value }))
  const { ids, view, rowOf, numberOf } = usePoolRows(rows, criteria.all, facts)
  const cursor = useGridCursor(ids, draft.realId)
  const focusedRow = computed(() => (cursor.focusedId.value === undefined ? undefined : rowOf(cursor.focusedId.value)))
  const proposal = useProposal(poolId, use.textSpan)
  const lockReason = computed(() => {
    const lock = pool.value?.lock
    if (!lock) return undefined
    const reason = lock.reason.replace(/[.\s]+$/, '')
    return `${lock.annotator} locked this pool${reason === '' ? '' : `: ${reason}`}.`
  })
  const rolesByTag = computed(() => new Map<string, Role>(labels.roles.map((role) => [role.name.toLowerCase(), role])))
  const tags = computed(() => tagCounts(draft.saved ?? []))
  const wantedText = useFocusInAddress(focusedRow, poolId)

  return {
    pool,
    poolId,
    versionId,
    compareId,
    choosePool,
    modelId,
    rows,
    view,
    rowOf,
    numberOf,
    use,
    problems,
    criteria,
    cursor,
    focusedRow,
    proposal,
    lockReason,
    rolesByTag,
    tags,
    wantedText,
    /** asks the table to show a row that has this text */
    findText: (text: string) => {
      ;[versionId.value, wantedText.value] = [undefined, text]
    },
  }
}

/** Numbers of the address; the pool is the one that was looked at last where the address names none. */
function useChoices() {
  const workspace = useWorkspaceStore()
  const context = useContextStore()
  const inAddress = useQuery('pool')
  const version = useQuery('version')
  const compare = useQuery('compare')
  const lastPool = useRemembered('pools/pool', 0)
  const pool = computed(() => {
    const { pools } = workspace
    const find = (id: number | undefined) => pools.find((entry) => entry.id === id)
    return find(Number(inAddress.value)) ?? find(lastPool.value) ?? find(context.textSpan?.poolId) ?? pools[0]
  })
  const poolId = computed(() => pool.value?.id)
  const versionIn = (written: string | undefined) => pool.value?.versions.find(({ id }) => id === Number(written))?.id
  const { go } = useAddressStep()
  const versionId = computed({
    get: () => versionIn(version.value),
    set: (id) => go({ version: id, compare: undefined }),
  })
  const compareId = computed({
    get: () => (versionId.value === undefined ? undefined : versionIn(compare.value)),
    set: (id) => go({ compare: id }),
  })
  function choosePool(id: number): void {
    lastPool.value = id
    go({ pool: id, version: undefined, compare: undefined, text: undefined })
  }
  return { pool, poolId, versionId, compareId, choosePool }
}

/** Several parts of the address in one step of the history. */
function useAddressStep() {
  const route = useRoute()
  const router = useRouter()
  return {
    go: (parts: Record<string, string | number | undefined>) =>
      void router.push({ query: { ...route.query, ...parts } }),
  }
}

type View = { filter: RowFilter; tag: string | undefined; sort: RowSort | undefined }

/** Filter and sort order are remembered, what is looked for is not: it would hide texts the next day. */
function useCriteria(poolId: { value: number | undefined }) {
  const remembered = useRemembered<View>(
    'pools/view',
    { filter: 'all', tag: undefined, sort: undefined },
    (content) => {
      const { filter, sort } = (content ?? {}) as Partial<View>
      return rowFilters.some((name) => name === filter) && (!sort || sortColumns.some((name) => name === sort.column))
    },
  )
  const find = shallowRef('')
  watch(
    () => poolId.value,
    () => (find.value = ''),
  )
  const part = <Name extends keyof View>(name: Name) =>
    computed<View[Name]>({
      get: () => remembered.value[name],
      set: (content) => (remembered.value = { ...remembered.value, [name]: content }),
    })
  const [filter, tag, sort] = [part('filter'), part('tag'), part('sort')]
  const all = computed<RowCriteria>(() => ({
    find: find.value,
    filter: filter.value,
    tag: tag.value ?? undefined,
    sort: sort.value ?? undefined,
  }))
  const isNarrowed = computed(() => find.value.trim() !== '' || filter.value !== 'all' || Boolean(tag.value))
  function clear(): void {
    find.value = ''
    remembered.value = { ...remembered.value, filter: 'all', tag: undefined }
  }
  return { find, filter, tag, sort, all, isNarrowed, clear }
}

/** The focused text in the address, a moment after the walk stopped; and the one that a link asks for. */
function useFocusInAddress(
  focused: { value: { id: number; text: string } | undefined },
  poolId: { value: number | undefined },
) {
  const text = useQuery('text', { isStep: false })
  const last = useRemembered<{ poolId: number; text: string }>(
    'pools/focus',
    { poolId: 0, text: '' },
    (content) => typeof (content as { text?: unknown } | null)?.text === 'string',
  )
  const wanted = shallowRef(text.value ?? (last.value.poolId === poolId.value ? last.value.text : undefined))
  let timer: ReturnType<typeof setTimeout> | undefined
  let written = text.value
  watch(
    () => focused.value?.text,
    (now) => {
      clearTimeout(timer)
      if (now === undefined) return
      timer = setTimeout(() => {
        written = now.length <= longestInAddress ? now : undefined
        text.value = written
        if (poolId.value !== undefined && written !== undefined) last.value = { poolId: poolId.value, text: written }
      }, addressPauseMs)
    },
  )
  // Back, forward, and links within the program.
  watch(text, (now) => {
    if (now !== undefined && now !== written) wanted.value = now
    written = now
  })
  onScopeDispose(() => clearTimeout(timer))
  return wanted
}
