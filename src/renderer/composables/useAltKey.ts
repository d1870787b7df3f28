/** Whether Alt is down. */
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'

export function useAltKey() {
  const isDown = shallowRef(false)
  const listen = (event: KeyboardEvent) => (isDown.value = event.altKey)
  const release = () => (isDown.value = false)
  onMounted(() => {
    window.addEventListener('keydown', listen)
    window.addEventListener('keyup', listen)
    window.addEventListener('blur', release)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', listen)
    window.removeEventListener('keyup', listen)
    window.removeEventListener('blur', release)
  })
  return isDown
}
