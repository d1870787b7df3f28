/** Asks where a model or a data set is now, and tells the workspace. */
import type { DataSet } from '../../contract/data-set.ts'
import type { Model } from '../../contract/workspace.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { askForPath } from './useAdding.ts'

export function useRelink() {
  const app = useAppStore()
  const notices = useNoticeStore()

  /** @returns whether it is linked; what was refused is told with its reason */
  async function relink(kind: 'model' | 'data-set', name: string, from: string): Promise<boolean> {
    const title = kind === 'model' ? `Where is the model ${name} now?` : `Where are the images of ${name} now?`
    const path = await askForPath('relink', { title, startPath: folderAbove(from) })
    if (path === null) return false
    try {
      await app.client()['workspace/relink']({ kind, name, path })
      notices.done(`${name} is linked to ${path}.`)
      return true
    } catch (error) {
      notices.fail(error)
      return false
    }
  }

  return {
    relinkModel: ({ name, folder }: Model) => relink('model', name, folder),
    relinkDataSet: ({ name, root }: DataSet) => relink('data-set', name, root),
  }
}

/** Moved things are often near to where they were. */
function folderAbove(path: string): string | undefined {
  return path.replace(/[\\/]+$/, '').replace(/[\\/][^\\/]*$/, '') || undefined
}
