// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp, effectScope, nextTick, ref } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useAnswer } from '../../../../src/renderer/composables/useAnswer.ts'
import { useSession } from '../../../../src/renderer/stores/session.ts'

beforeEach(() => {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  const app = createApp({}).use(createPinia()).use(router)
  setActivePinia(app.config.globalProperties.$pinia)
})

type Open = { give: (answer: string) => void; fail: (error: Error) => void }

/** Asks for what is chosen; each question is answered when the test says so. */
function asked(isNamed: boolean) {
  const chosen = ref('L1.H0')
  const open: Open[] = []
  const ask = () => {
    void chosen.value
    return new Promise<string>((give, fail) => open.push({ give, fail }))
  }
  const made = effectScope().run(() => (isNamed ? useAnswer(ask, () => chosen.value) : useAnswer(ask)))!
  const settle = () => new Promise((resolve) => setTimeout(resolve))
  return { chosen, open, settle, ...made }
}

describe('an answer', () => {
  it('is gone as soon as the question is another one', async () => {
    const { chosen, open, answer, settle } = asked(true)
    open[0]!.give('of L1.H0')
    await settle()
    expect(answer.value).toBe('of L1.H0')
    chosen.value = 'L1.H1'
    expect(answer.value).toBeUndefined()
    await nextTick()
    expect(answer.value).toBeUndefined()
    open[1]!.give('of L1.H1')
    await settle()
    expect(answer.value).toBe('of L1.H1')
  })

  it('that comes late is dropped, also when the first question is asked again', async () => {
    const { chosen, open, answer, settle } = asked(true)
    chosen.value = 'L1.H1'
    await nextTick()
    open[1]!.give('of L1.H1')
    await settle()
    open[0]!.give('late')
    await settle()
    expect(answer.value).toBe('of L1.H1')
    chosen.value = 'L1.H0'
    expect(answer.value).toBeUndefined()
  })

  it('stays beside the reason when the same question fails, and goes with another question', async () => {
    const { chosen, open, answer, error, reload, settle } = asked(true)
    open[0]!.give('of L1.H0')
    await settle()
    reload()
    await nextTick()
    open[1]!.fail(new Error('The engine stopped.'))
    await settle()
    expect([answer.value, (error.value as Error).message]).toEqual(['of L1.H0', 'The engine stopped.'])
    chosen.value = 'L1.H1'
    expect([answer.value, error.value]).toEqual([undefined, undefined])
  })

  it('that failed while the engine was away is asked again when it is back', async () => {
    const session = useSession()
    session.state = 'open'
    const { open, answer, settle } = asked(true)
    session.state = 'restarting'
    open[0]!.fail(new Error('The engine stopped.'))
    await settle()
    session.state = 'open'
    await settle()
    open[1]!.give('of L1.H0')
    await settle()
    expect(answer.value).toBe('of L1.H0')
    expect(open).toHaveLength(2)
  })

  it('to a question without a name stays until the next one comes', async () => {
    const { chosen, open, answer, settle } = asked(false)
    open[0]!.give('first')
    await settle()
    chosen.value = 'L1.H1'
    await nextTick()
    expect(answer.value).toBe('first')
  })
})
