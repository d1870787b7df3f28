/**
 * Things dropped anywhere on the window. The desktop knows their paths. A browser does not tell them, so pools are read
 * from their content and for folders the person is asked where they are.
 */
import { onBeforeUnmount, onMounted, ref } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import { askForPath, useAdding } from './useAdding.ts'

const poolName = /\.(txt|csv|json)$/i

export function useDrops() {
  const isDragging = ref(false)
  const app = useAppStore()
  const notices = useNoticeStore()
  const workspace = useWorkspaceStore()
  const adding = useAdding()

  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  const over = (event: DragEvent) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    isDragging.value = true
  }
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) isDragging.value = false
  }
  const drop = (event: DragEvent) => {
    if (!hasFiles(event)) return
    isDragging.value = false
    // A pane that takes files of its own has taken them.
    if (event.defaultPrevented) return
    event.preventDefault()
    const items = [...event.dataTransfer!.items].filter(({ kind }) => kind === 'file')
    const dropped = items.map((item) => ({
      file: item.getAsFile(),
      isFolder: item.webkitGetAsEntry()?.isDirectory ?? false,
    }))
    for (const { file, isFolder } of dropped) if (file) void take(file, isFolder)
  }

  async function take(file: File, isFolder: boolean): Promise<void> {
    const path = window.headwise?.pathOfFile(file)
    if (path) await adding.addPath(path)
    else if (!isFolder && poolName.test(file.name) && app.app?.workspacePath) await importPool(file)
    else await askWhere(file.name)
  }

  async function importPool(file: File): Promise<void> {
    try {
      const content = await file.text()
      const name = file.name.replace(poolName, '')
      const hadEdits = workspace.pools.find((known) => known.name === name)?.isChanged ?? false
      const { pool } = await app.client()['pool/import']({
        name,
        fileName: file.name,
        content,
        annotator: app.annotator,
      })
      const taken = hadEdits ? ' It took the place of an edited draft; undo in Pools brings that back.' : ''
      notices.done(`The pool ${pool.name} is at version ${pool.versions[0]!.number}.${taken}`)
    } catch (error) {
      notices.fail(error)
    }
  }

  async function askWhere(name: string): Promise<void> {
    const title = `A browser does not tell where “${name}” is. Where is it on ${app.app?.machine ?? 'this machine'}?`
    const path = await askForPath(app.app?.workspacePath ? 'relink' : 'workspace', { title })
    if (path !== null) await adding.addPath(path)
  }

  const listeners = [
    ['dragover', over],
    ['dragleave', leave],
    ['drop', drop],
  ] as const
  onMounted(() => listeners.forEach(([name, listener]) => window.addEventListener(name, listener)))
  onBeforeUnmount(() => listeners.forEach(([name, listener]) => window.removeEventListener(name, listener)))
  return { isDragging }
}
