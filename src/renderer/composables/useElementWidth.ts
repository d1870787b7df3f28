/** The width of an element while it changes, in CSS px. */
import { onBeforeUnmount, onMounted, type Ref, shallowRef } from 'vue'

export function useElementWidth(element: Ref<HTMLElement | undefined>) {
  const widthPx = shallowRef(0)
  let observer: ResizeObserver | undefined
  onMounted(() => {
    if (!element.value) return
    widthPx.value = element.value.clientWidth
    observer = new ResizeObserver(([entry]) => (widthPx.value = entry!.contentRect.width))
    observer.observe(element.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return widthPx
}
