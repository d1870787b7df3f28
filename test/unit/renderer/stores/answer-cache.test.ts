import { describe, expect, it } from 'vitest'
import { computed, watchEffect } from 'vue'
import { makeAnswerCache } from '../../../../src/renderer/stores/answer-cache.ts'

const settle = () => new Promise((resolve) => setTimeout(resolve))

describe('answers that are kept', () => {
  it('asks once a key and shows the answer to who looks', async () => {
    const cache = makeAnswerCache<string>(4)
    const seen = computed(() => cache.look('a')?.content)
    let calls = 0
    const call = async () => `answer ${++calls}`
    expect(cache.look('a')).toBeUndefined()
    cache.ask('a', call)
    cache.ask('a', call)
    expect(cache.look('a')).toEqual({ isWaiting: true })
    await settle()
    cache.ask('a', call)
    expect(seen.value).toBe('answer 1')
    expect(calls).toBe(1)
  })

  it('does not ask again by itself when a call fails, and does when it is asked again', async () => {
    const cache = makeAnswerCache<string>(4)
    let calls = 0
    const call = async () => {
      if (++calls === 1) throw new Error('The disk is full.')
      return 'there'
    }
    watchEffect(() => cache.ask('a', call))
    await settle()
    await settle()
    expect(calls).toBe(1)
    expect(cache.look('a')?.error).toEqual(new Error('The disk is full.'))
    cache.ask('a', call)
    await settle()
    expect(cache.look('a')).toEqual({ content: 'there', isWaiting: false })
  })

  it('keeps the answers that were asked for last', async () => {
    const cache = makeAnswerCache<string>(2)
    for (const key of ['a', 'b', 'a', 'c']) {
      cache.ask(key, async () => key)
      await settle()
    }
    expect(['a', 'b', 'c'].map((key) => cache.look(key)?.content)).toEqual(['a', undefined, 'c'])
  })

  it('drops an answer that comes after all was forgotten', async () => {
    const cache = makeAnswerCache<string>(2)
    let answer: (text: string) => void = () => {}
    cache.ask('a', () => new Promise((resolve) => (answer = resolve)))
    cache.forget()
    answer('of another workspace')
    await settle()
    expect(cache.look('a')).toBeUndefined()
  })
})
