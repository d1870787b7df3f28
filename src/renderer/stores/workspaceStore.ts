/** What is in the workspace, kept equal to it: every topic is read again when the engine says that it changed. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { DataSet } from '../../contract/data-set.ts'
import type { Job } from '../../contract/job.ts'
import type { Pool } from '../../contract/pool.ts'
import type { Run } from '../../contract/run.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import type { Model, WorkspaceInfo } from '../../contract/workspace.ts'
import type { Connection } from '../client/connection.ts'

export const useWorkspaceStore = defineStore('workspace', () => {
  const connection = shallowRef<Connection>()
  const info = shallowRef<WorkspaceInfo>()
  const models = shallowRef<Model[]>([])
  const dataSets = shallowRef<DataSet[]>([])
  const runs = shallowRef<Run[]>([])
  const pools = shallowRef<Pool[]>([])
  const textSpans = shallowRef<TextSpan[]>([])
  const jobs = shallowRef<Job[]>([])
  const isReady = shallowRef(false)
  const isLost = shallowRef(false)

  async function open(opened: Connection): Promise<void> {
    connection.value = opened
    opened.on('workspace/changed', () => void refresh())
    opened.on('job/progressed', (job) => {
      jobs.value = [job, ...jobs.value.filter(({ id }) => id !== job.id)].sort((a, b) => b.id - a.id)
    })
    jobs.value = await opened.client['job/list']({})
    await refresh()
    isReady.value = true
  }

  async function refresh(): Promise<void> {
    const { client } = connection.value!
    const [describe, model, dataSet, run, pool, textSpan] = await Promise.all([
      client['workspace/describe']({}),
      client['model/list']({}),
      client['data-set/list']({}),
      client['run/list']({}),
      client['pool/list']({}),
      client['text-span/list']({}),
    ])
    info.value = describe
    models.value = model
    dataSets.value = dataSet
    runs.value = run
    pools.value = pool
    textSpans.value = textSpan
  }

  const client = () => connection.value!.client

  return { info, models, dataSets, runs, pools, textSpans, jobs, isReady, isLost, open, client }
})
