/** Keys of the whole window, but not while somebody types into a field. */
import { onBeforeUnmount, onMounted } from 'vue'

export function useKeys(keys: Record<string, () => void>): void {
  function listen(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select')) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}
