/**
 * A long list of images, read in pages where it is looked at. Only the pages in sight are asked for, at most two at
 * once, so that a fast scroll through 100,000 images asks for where it stops and not for what it passes.
 */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { Image } from '../../contract/data-set.ts'

export type ImagePage<Item extends Image = Image> = { total: number; images: Item[] }

export type ImagePagesOptions = {
  /** images a page */
  pageSize?: number
  /** pages kept, those seen last */
  mostPages?: number
  mostAtOnce?: number
  /** a scroll is looked at again after this pause */
  pauseMs?: number
}

/**
 * @param list   what names the list; another list forgets the pages of the one before. undefined: nothing to read
 * @param fetchPage  [offset, offset + limit) of the list
 */
export function useImagePages<List, Item extends Image = Image>(
  list: () => List | undefined,
  fetchPage: (list: List, offset: number, limit: number) => Promise<ImagePage<Item>>,
  { pageSize = 200, mostPages = 30, mostAtOnce = 2, pauseMs = 60 }: ImagePagesOptions = {},
) {
  /** undefined until the first page came */
  const total = shallowRef<number>()
  const error = shallowRef<unknown>()
  /** counts up when an image that was not there is there */
  const revision = shallowRef(0)
  const pages = new Map<number, Item[]>()
  const underWay = new Set<number>()
  let wanted: number[] = [0]
  let generation = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function imageAt(index: number): Item | undefined {
    return pages.get(Math.floor(index / pageSize))?.[index % pageSize]
  }

  /** Tells which images are in sight, from the first to the last. */
  function see(from: number, to: number): void {
    const first = Math.floor(Math.max(0, from) / pageSize)
    const last = Math.floor(Math.max(0, from, to) / pageSize)
    wanted = Array.from({ length: last - first + 1 }, (_, at) => first + at)
    timer ??= setTimeout(() => {
      timer = undefined
      pump()
    }, pauseMs)
  }

  function pump(): void {
    const now = list()
    if (now === undefined) return
    for (const page of wanted) {
      if (underWay.size >= mostAtOnce) return
      const isBeyond = total.value !== undefined && page > 0 && page * pageSize >= total.value
      if (!pages.has(page) && !underWay.has(page) && !isBeyond) void read(now, page)
    }
  }

  async function read(now: List, page: number): Promise<void> {
    const own = generation
    underWay.add(page)
    try {
      const got = await fetchPage(now, page * pageSize, pageSize)
      if (own !== generation) return
      keep(page, got)
      underWay.delete(page)
      pump()
    } catch (cause) {
      if (own !== generation) return
      underWay.delete(page)
      // Asked again by the next scroll or by `retry`, not at once.
      error.value = cause
    }
  }

  function keep(page: number, got: ImagePage<Item>): void {
    pages.set(page, got.images)
    for (const old of pages.keys()) {
      if (pages.size <= mostPages) break
      if (!wanted.includes(old)) pages.delete(old)
    }
    total.value = got.total
    error.value = undefined
    revision.value++
  }

  /** Reads again what is in sight and forgets the rest; what is in sight stays there until the answer comes. */
  function refresh(): void {
    generation++
    underWay.clear()
    for (const page of pages.keys()) if (!wanted.includes(page)) pages.delete(page)
    const now = list()
    if (now !== undefined) for (const page of wanted) void read(now, page)
  }

  function restart(): void {
    generation++
    pages.clear()
    underWay.clear()
    total.value = undefined
    error.value = undefined
    revision.value++
    pump()
  }

  watch(
    list,
    () => {
      wanted = [0]
      restart()
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    generation++
    clearTimeout(timer)
  })

  return { total, error, revision, imageAt, see, refresh, retry: pump }
}
