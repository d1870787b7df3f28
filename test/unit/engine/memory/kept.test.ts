import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ByteCache, Kept } from '../../../../src/engine/memory/index.ts'

describe('a cache of so many bytes', () => {
  it('lets go of what was used longest ago', () => {
    const cache = new ByteCache<string>(10)
    cache.set('a', 'A', 4)
    cache.set('b', 'B', 4)
    expect(cache.get('a')).toBe('A')
    cache.set('c', 'C', 4)
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  })

  it('keeps nothing larger than itself, and counts what is replaced once', () => {
    const cache = new ByteCache<string>(10)
    expect(cache.set('a', 'A', 11)).toBe('A')
    expect(cache.get('a')).toBeUndefined()
    cache.set('b', 'B', 6)
    cache.set('b', 'B2', 6)
    cache.set('c', 'C', 4)
    expect([cache.get('b'), cache.get('c')]).toEqual(['B2', 'C'])
    cache.delete('b')
    cache.set('d', 'D', 6)
    expect([cache.get('c'), cache.get('d')]).toEqual(['C', 'D'])
  })
})

describe('what is kept open', () => {
  let opened: string[]
  let closed: string[]
  beforeEach(() => {
    vi.useFakeTimers()
    opened = []
    closed = []
  })
  afterEach(() => void vi.useRealTimers())

  const open = (name: string) => async () => {
    opened.push(name)
    return { name, close: () => void closed.push(name) }
  }

  it('is opened once and closed when nobody came back', async () => {
    const kept = new Kept<{ name: string; close(): void }>({ idleMs: 1000, most: 2 })
    expect(await kept.use('a', open('a'), ({ name }) => name)).toBe('a')
    await vi.advanceTimersByTimeAsync(900)
    await kept.use('a', open('a'), () => {})
    await vi.advanceTimersByTimeAsync(900)
    expect([opened, closed]).toEqual([['a'], []])
    await vi.advanceTimersByTimeAsync(200)
    expect(closed).toEqual(['a'])
    await kept.use('a', open('a'), () => {})
    expect(opened).toEqual(['a', 'a'])
  })

  it('makes room for others, but never while it is in use', async () => {
    const kept = new Kept<{ name: string; close(): void }>({ idleMs: 1000, most: 1 })
    let finish = () => {}
    const long = kept.use('a', open('a'), () => new Promise<void>((resolve) => (finish = resolve)))
    await kept.use('b', open('b'), () => {})
    expect(closed).toEqual([])
    await kept.use('c', open('c'), () => {})
    expect(closed).toEqual(['b'])
    await kept.close()
    expect(closed).toEqual(['b', 'c'])
    finish()
    await long
    expect(closed).toEqual(['b', 'c', 'a'])
  })

  it('is tried anew when it could not be opened', async () => {
    const kept = new Kept<{ name: string; close(): void }>({ idleMs: 1000, most: 1 })
    const fail = async () => {
      throw new Error('no weights')
    }
    await expect(kept.use('a', fail, () => {})).rejects.toThrow('no weights')
    expect(await kept.use('a', open('a'), ({ name }) => name)).toBe('a')
  })
})
