/**
 * Brings things into the program: opens and makes workspaces, adds models, data sets and pools. Paths come from the
 * desktop's own dialogs, or in a browser from a look at the folders of the machine that the engine runs on.
 */
import { shallowRef } from 'vue'
import type { PlaceEntry } from '../../contract/app.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'

export type Wanted =
  'workspace' | 'new-workspace' | 'model' | 'data-set' | 'relink' | 'new-folder' | 'mask-folder' | 'coco-file'

export type Asking = {
  wanted: Wanted
  title: string
  startPath?: string
  /** of what is made new */
  newName?: string
  answer: (path: string | null) => void
}

/** What PlaceDialog.vue asks at the moment, in a browser. */
export const asking = shallowRef<Asking>()

const titles: Record<Wanted, string> = {
  workspace: 'Open a workspace',
  'new-workspace': 'New workspace',
  model: 'Add a model: the folder of a checkpoint',
  'data-set': 'Add images: a folder, a CSV or a MATLAB file',
  relink: 'Where is it now?',
  'new-folder': 'Where do the files go?',
  'mask-folder': 'The folder of masks: PNG files with the images’ names',
  'coco-file': 'The COCO file of annotations',
}

/** The desktop's dialog for folders can make new ones. */
const dialogs: Partial<Record<Wanted, 'workspace' | 'folder' | 'file'>> = {
  workspace: 'workspace',
  model: 'folder',
  'new-folder': 'folder',
  'mask-folder': 'folder',
  'coco-file': 'file',
}

/** @returns a path, or null when nothing was chosen */
export function askForPath(
  wanted: Wanted,
  { title = titles[wanted], startPath, newName }: { title?: string; startPath?: string; newName?: string } = {},
): Promise<string | null> {
  const bridge = window.headwise
  if (bridge) {
    if (wanted === 'new-workspace') return bridge.saveDialog('workspace')
    return bridge.openDialog(dialogs[wanted] ?? 'data-set')
  }
  return new Promise((resolve) => {
    asking.value?.answer(null)
    asking.value = {
      wanted,
      title,
      startPath,
      newName,
      answer(path) {
        asking.value = undefined
        resolve(path)
      },
    }
  })
}

export function useAdding() {
  const app = useAppStore()
  const notices = useNoticeStore()

  async function told(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      notices.fail(error)
      return false
    }
  }

  async function withPath(wanted: Wanted, use: (path: string) => Promise<unknown>): Promise<void> {
    const path = await askForPath(wanted)
    if (path !== null) await use(path)
  }

  const addModelFrom = (folder: string) =>
    told(async () => {
      const { name } = await app.client()['model/add']({ folder })
      notices.done(`The model ${name} is added.`)
    })
  const addDataSetFrom = (path: string) => told(() => app.client()['data-set/add']({ path }))

  /** What a path is decides what is done with it: a dropped folder, a path that was typed. */
  async function addPlace({ kind, path, name }: PlaceEntry): Promise<void> {
    if (kind === 'workspace') await app.open(path)
    else if (kind === 'model') await addModelFrom(path)
    else if (kind === 'images' || kind === 'table' || kind === 'mat') await addDataSetFrom(path)
    else if (kind === 'pool')
      await told(async () => {
        const { pool } = await app.client()['pool/add']({ path })
        notices.done(`The pool ${pool.name} is at version ${pool.versions[0]!.number}.`)
      })
    else notices.fail(new Error(`“${name}” holds neither a checkpoint nor images that Headwise can read.`))
  }

  return {
    openWorkspace: () => withPath('workspace', app.open),
    createWorkspace: () => withPath('new-workspace', app.create),
    addModel: () => withPath('model', addModelFrom),
    addDataSet: () => withPath('data-set', addDataSetFrom),
    addPlace,
    addPath: (path: string) => told(async () => addPlace(await app.client()['app/inspect-place']({ path }))),
  }
}
