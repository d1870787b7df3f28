/** Labels as a file: written out, and read in after a look at what would change. */
import { shallowRef } from 'vue'
import type { ImportPreview, LabelPack } from '../../contract/label.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import { headName } from '../draw/format.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'

export function useLabelPack() {
  const app = useAppStore()
  const context = useContextStore()
  const notices = useNoticeStore()
  const fileName = shallowRef('')
  const pack = shallowRef<LabelPack>()
  const preview = shallowRef<ImportPreview>()
  const theirs = shallowRef<ReadonlySet<string>>(new Set())
  const error = shallowRef<unknown>()
  const isBusy = shallowRef(false)

  async function told(work: () => Promise<void>): Promise<void> {
    isBusy.value = true
    try {
      await work()
      error.value = undefined
    } catch (cause) {
      error.value = cause
    } finally {
      isBusy.value = false
    }
  }

  /** @param annotator all of them when absent */
  const save = (annotator?: string) =>
    told(async () => {
      const made = await app.client()['label/export']({ modelId: context.model!.id, annotator })
      const title = ['labels', made.model.name, annotator].filter(Boolean).join(' ')
      saveFile(fileNameOf(title, 'json'), `${JSON.stringify(made, null, 2)}\n`, 'application/json')
      notices.done(`${made.labels.length} labels are in the file.`)
    })

  const look = (file: File) =>
    told(async () => {
      close()
      fileName.value = file.name
      const read = parsed(file.name, await file.text())
      preview.value = await app.client()['label/preview-import']({ modelId: context.model!.id, pack: read })
      pack.value = read
    })

  const take = () =>
    told(async () => {
      const takeTheirs = preview
        .value!.conflicts.filter(({ layer, head, annotator }) =>
          theirs.value.has(`${headName(layer, head)} ${annotator}`),
        )
        .map(({ layer, head, annotator }) => ({ layer, head, annotator }))
      const input = { modelId: context.model!.id, pack: pack.value!, takeTheirs }
      const { imported, kept } = await app.client()['label/import'](input)
      notices.done(`${imported} labels came in; ${kept} stayed as they were.`)
      close()
    })

  function close(): void {
    fileName.value = ''
    pack.value = undefined
    preview.value = undefined
    theirs.value = new Set()
    error.value = undefined
  }

  function takeAll(isTheirs: boolean): void {
    const keys = (preview.value?.conflicts ?? []).map(
      ({ layer, head, annotator }) => `${headName(layer, head)} ${annotator}`,
    )
    theirs.value = new Set(isTheirs ? keys : [])
  }

  return { fileName, preview, theirs, error, isBusy, save, look, take, takeAll, close }
}

/** The engine checks what is in it; here it only has to be JSON. */
function parsed(name: string, content: string): LabelPack {
  try {
    return JSON.parse(content) as LabelPack
  } catch (cause) {
    throw new Error(`“${name}” must be a label pack in JSON; it cannot be read: ${(cause as Error).message}`, { cause })
  }
}
