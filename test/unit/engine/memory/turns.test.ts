import { describe, expect, it } from 'vitest'
import { Turns } from '../../../../src/engine/memory/index.ts'

describe('turns', () => {
  it('let so many work at a time, in the order in which they came, whatever becomes of each', async () => {
    const turns = new Turns(2)
    const started: number[] = []
    let [running, most] = [0, 0]
    const work = (id: number) => async () => {
      started.push(id)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, id % 3))
      running--
      if (id === 1) throw new Error('one')
      return id
    }
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((id) => turns.run(work(id))))
    expect(most).toBe(2)
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message))).toEqual([
      0,
      'one',
      2,
      3,
      4,
      5,
      6,
    ])
    expect(await turns.run(work(7))).toBe(7)
  })
})
