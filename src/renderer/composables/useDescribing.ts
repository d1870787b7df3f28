/** Starts TEXTSPAN, and brings in the pool that it needs. */
import { ref, shallowRef, watch } from 'vue'
import type { ImageFilter } from '../../contract/data-set.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { useCommands } from './useCommands.ts'

type Settings = { poolVersionId: number; layers: number; texts: number; rank: number; filter: ImageFilter }

export function useDescribing() {
  const app = useAppStore()
  const context = useContextStore()
  const notices = useNoticeStore()
  const workspace = useWorkspaceStore()
  const isOpen = ref(false)
  const isStarting = ref(false)
  const error = shallowRef<unknown>()
  const started = shallowRef<{ jobId: number; runId: number }>()

  // It was asked for to be seen, also where another result was chosen before.
  watch(
    () => workspace.jobs.find(({ id }) => id === started.value?.jobId),
    (job) => {
      if (job?.state === 'done' && job.resultId !== null && context.run?.id === started.value?.runId)
        context.chooseTextSpan(job.resultId)
      if (job && job.finishedMs !== null) started.value = undefined
    },
  )

  async function told(work: () => Promise<unknown>): Promise<void> {
    isStarting.value = true
    try {
      await work()
      error.value = undefined
    } catch (cause) {
      error.value = cause
    } finally {
      isStarting.value = false
    }
  }

  const start = (settings: Settings) =>
    told(async () => {
      const runId = context.run!.id
      const { jobId } = await app.client()['text-span/start']({ runId, ...settings })
      started.value = { jobId, runId }
      isOpen.value = false
      notices.done('The heads are being described; the result appears when it is there.')
    })

  const addStarter = () => told(() => app.client()['pool/add-starter']({}))

  const importPool = () =>
    told(async () => {
      const file = await chosenFile('.txt,.csv,.json')
      if (!file) return
      await app.client()['pool/import']({
        name: file.name.replace(/\.[^.]+$/, ''),
        fileName: file.name,
        content: await file.text(),
        annotator: app.annotator,
      })
    })

  function open(): void {
    error.value = undefined
    isOpen.value = true
  }
  useCommands([
    {
      title: 'Describe the heads with texts (TEXTSPAN)',
      group: 'Heads',
      isOn: () => context.run !== undefined,
      run: open,
    },
  ])
  return { isOpen, isStarting, error, open, start, addStarter, importPool }
}

/** Asks for a file of the browser's machine; undefined when none was chosen. */
export function chosenFile(accept: string): Promise<File | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accept
    input.addEventListener('change', () => resolve(input.files?.[0]))
    input.addEventListener('cancel', () => resolve(undefined))
    input.click()
  })
}
