/** Carries out what was chosen in the desktop's menu; there is no menu in a browser. */
import { useRouter } from 'vue-router'
import { places } from '../router.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useAdding } from './useAdding.ts'

export function useDesktopMenu(panels: { palette: () => void; shortcuts: () => void }): void {
  const app = useAppStore()
  const adding = useAdding()
  const router = useRouter()
  const acts: Record<string, (path?: string) => unknown> = {
    ...panels,
    new: () => adding.createWorkspace(),
    open: (path) => (path === undefined ? adding.openWorkspace() : app.open(path)),
    'open-sample': () => app.openSample(),
    close: () => app.close(),
    ...Object.fromEntries(places.map(({ name }) => [name, () => router.push({ name })])),
  }
  window.headwise?.onMenu((command, path) => void (Object.hasOwn(acts, command) && acts[command]!(path)))
}
