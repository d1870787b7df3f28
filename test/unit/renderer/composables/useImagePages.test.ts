// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { type ImagePage, useImagePages } from '../../../../src/renderer/composables/useImagePages.ts'

type Asked = { list: string; offset: number; answer: (page: ImagePage) => void; fail: (error: Error) => void }

let asked: Asked[]
const pageAt = (offset: number, total = 1000): ImagePage => ({
  total,
  images: Array.from({ length: Math.max(0, Math.min(10, total - offset)) }, (_, at) => ({
    id: offset + at + 1,
    ordinal: offset + at,
    path: `${offset + at}.jpg`,
    label: null,
    split: null,
  })),
})
const fetchPage = (list: string, offset: number) =>
  new Promise<ImagePage>((answer, fail) => void asked.push({ list, offset, answer, fail }))
async function answer(at: number): Promise<void> {
  asked[at]!.answer(pageAt(asked[at]!.offset))
  await vi.advanceTimersByTimeAsync(0)
}

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
})
afterEach(() => vi.useRealTimers())

function start(list = ref<string | undefined>('a')) {
  const scope = effectScope()
  const pages = scope.run(() =>
    useImagePages(() => list.value, fetchPage, { pageSize: 10, mostPages: 3, pauseMs: 50 }),
  )!
  return { ...pages, list, stop: () => scope.stop() }
}

describe('pages of images', () => {
  it('begin with the first', async () => {
    const { total, imageAt } = start()
    expect(total.value).toBeUndefined()
    await answer(0)
    expect(total.value).toBe(1000)
    expect(imageAt(9)?.path).toBe('9.jpg')
    expect(imageAt(10)).toBeUndefined()
  })

  it('asks for where a scroll stops, not for what it passes', async () => {
    const { see, imageAt } = start()
    await answer(0)
    for (let at = 0; at < 500; at += 10) see(at, at + 15)
    see(500, 515)
    await vi.advanceTimersByTimeAsync(50)
    expect(asked.map(({ offset }) => offset)).toEqual([0, 500, 510])
    await answer(2)
    expect(imageAt(512)?.path).toBe('512.jpg')
    expect(imageAt(502)).toBeUndefined()
  })

  it('reads again what is in sight, which stays until the answer comes', async () => {
    const { see, refresh, imageAt } = start()
    await answer(0)
    see(500, 505)
    await vi.advanceTimersByTimeAsync(50)
    await answer(1)
    refresh()
    expect(asked.map(({ offset }) => offset)).toEqual([0, 500, 500])
    expect(imageAt(502)?.path).toBe('502.jpg')
    expect(imageAt(2)).toBeUndefined()
    asked[2]!.answer({ total: 1000, images: pageAt(500).images.map((image) => ({ ...image, path: 'new.jpg' })) })
    await vi.advanceTimersByTimeAsync(0)
    expect(imageAt(502)?.path).toBe('new.jpg')
  })

  it('asks for no more than two at once, the rest when one came', async () => {
    const { see } = start()
    await answer(0)
    see(100, 139)
    await vi.advanceTimersByTimeAsync(50)
    expect(asked.map(({ offset }) => offset)).toEqual([0, 100, 110])
    await answer(1)
    expect(asked.at(-1)!.offset).toBe(120)
  })

  it('forgets pages that were seen long ago', async () => {
    const { see, imageAt } = start()
    await answer(0)
    for (const [at, from] of [100, 200, 300].entries()) {
      see(from, from + 5)
      await vi.advanceTimersByTimeAsync(50)
      await answer(at + 1)
    }
    expect(imageAt(0)).toBeUndefined()
    expect(imageAt(300)).toBeDefined()
  })

  it('drops what comes late for another list', async () => {
    const { list, imageAt, total } = start()
    list.value = 'b'
    await nextTick()
    expect(asked.map(({ list: of }) => of)).toEqual(['a', 'b'])
    await answer(0)
    expect(total.value).toBeUndefined()
    asked[1]!.answer(pageAt(0, 4))
    await vi.advanceTimersByTimeAsync(0)
    expect(total.value).toBe(4)
    expect(imageAt(3)?.path).toBe('3.jpg')
  })

  it('tells a failure, keeps what is there, and asks again on request', async () => {
    const { error, retry, see, imageAt } = start()
    await answer(0)
    see(100, 105)
    await vi.advanceTimersByTimeAsync(50)
    asked[1]!.fail(new Error('The disk is gone.'))
    await vi.advanceTimersByTimeAsync(500)
    expect((error.value as Error).message).toBe('The disk is gone.')
    expect(asked).toHaveLength(2)
    expect(imageAt(0)).toBeDefined()
    retry()
    await answer(2)
    expect(error.value).toBeUndefined()
    expect(imageAt(100)).toBeDefined()
  })

  it('asks for nothing beyond the end, and nothing without a list', async () => {
    const { see } = start()
    asked[0]!.answer(pageAt(0, 4))
    await vi.advanceTimersByTimeAsync(0)
    see(0, 30)
    await vi.advanceTimersByTimeAsync(50)
    expect(asked).toHaveLength(1)
    start(ref(undefined))
    expect(asked).toHaveLength(1)
  })
})
