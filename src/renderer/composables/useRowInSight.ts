/** Keeps a row in sight: when its table is shown, and when the table gets lower while the row was in sight. */
import { nextTick, onBeforeUnmount, onMounted, type Ref } from 'vue'

/** @param at the row's place, -1 for none */
export function useRowInSight(
  body: Ref<HTMLElement | undefined>,
  rowHeightPx: number,
  at: () => number,
  scrollTo: (at: number, align: 'auto' | 'center') => void,
): void {
  let heightPx = 0
  const observer = new ResizeObserver(([entry]) => {
    const beforePx = heightPx
    heightPx = entry!.contentRect.height
    if (at() < 0 || !body.value) return
    const topPx = at() * rowHeightPx - body.value.scrollTop
    if (topPx >= 0 && topPx + rowHeightPx <= beforePx) scrollTo(at(), 'auto')
  })
  onMounted(() => {
    observer.observe(body.value!)
    if (at() >= 0) void nextTick(() => scrollTo(at(), 'center'))
  })
  onBeforeUnmount(() => observer.disconnect())
}
