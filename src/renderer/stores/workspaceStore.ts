/** What the open workspace holds, read again when the engine says that it changed, in this window or another. */
import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { DataSet } from '../../contract/data-set.ts'
import type { EventOf } from '../../contract/index.ts'
import type { Job } from '../../contract/job.ts'
import type { Pool } from '../../contract/pool.ts'
import type { Run } from '../../contract/run.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import type { Model, WorkspaceInfo } from '../../contract/workspace.ts'
import { useAppStore } from './appStore.ts'

type Topic = EventOf<'workspace/changed'>['topic']

export const useWorkspaceStore = defineStore('workspace', () => {
  const app = useAppStore()
  const info = shallowRef<WorkspaceInfo>()
  const models = shallowRef<Model[]>([])
  const dataSets = shallowRef<DataSet[]>([])
  const runs = shallowRef<Run[]>([])
  const pools = shallowRef<Pool[]>([])
  /** proposed ones among them */
  const textSpans = shallowRef<TextSpan[]>([])
  /** newest first */
  const jobs = shallowRef<Job[]>([])
  const isReady = shallowRef(false)
  /** when this window last heard that something was saved */
  const savedMs = shallowRef<number>()
  const activeJobs = computed(() => jobs.value.filter(({ state }) => state === 'running' || state === 'queued'))
  const client = () => app.client()

  const readers: Record<Exclude<Topic, 'study' | 'role' | 'label' | 'segment'>, () => Promise<void>> = {
    model: async () => void (models.value = await client()['model/list']({})),
    'data-set': async () => void (dataSets.value = await client()['data-set/list']({})),
    run: async () => void (runs.value = await client()['run/list']({})),
    pool: async () => void (pools.value = await client()['pool/list']({})),
    'text-span': async () => void (textSpans.value = await client()['text-span/list']({})),
  }

  let isBegun = false
  watch(
    () => app.app?.workspacePath,
    () => (isBegun = false),
    { flush: 'sync' },
  )
  /**
   * Reads everything of the workspace that was just opened. The same one is read again when the engine came back: what
   * is on the screen stays then, with what is being typed there.
   */
  async function load(): Promise<void> {
    if (!isBegun) begin()
    await Promise.all([
      client()
        ['workspace/describe']({})
        .then((described) => (info.value = described)),
      client()
        ['job/list']({})
        .then((listed) => (jobs.value = listed)),
      ...Object.values(readers).map((read) => read()),
    ])
    isReady.value = true
  }

  function begin(): void {
    isBegun = true
    isReady.value = false
    info.value = undefined
    for (const list of [models, dataSets, runs, pools, textSpans, jobs]) list.value = []
  }

  function heard({ topic }: EventOf<'workspace/changed'>): void {
    savedMs.value = Date.now()
    if (!isReady.value || !Object.hasOwn(readers, topic)) return
    void readers[topic as keyof typeof readers]().catch(() => {})
  }

  function heardJob(job: Job): void {
    const at = jobs.value.findIndex(({ id }) => id === job.id)
    jobs.value = at < 0 ? [job, ...jobs.value] : jobs.value.with(at, job)
    if (job.kind === 'decompose' && job.finishedMs !== null) void readers.run().catch(() => {})
  }

  return {
    info,
    models,
    dataSets,
    runs,
    pools,
    textSpans,
    jobs,
    activeJobs,
    isReady,
    savedMs,
    client,
    load,
    heard,
    heardJob,
  }
})
