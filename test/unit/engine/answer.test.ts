import { describe, expect, it } from 'vitest'
import { type Engine, HeadwiseError } from '../../../src/contract/index.ts'
import { answer } from '../../../src/engine/index.ts'

const engine = {
  'job/read': async ({ jobId }: { jobId: number }) => {
    if (jobId === 1) throw new HeadwiseError('not-found', 'There is no job 1 in this workspace.')
    if (jobId === 2) throw new Error('a bug')
    return { id: jobId }
  },
} as unknown as Engine

describe('answer', () => {
  it('gives the value of a call', async () => {
    expect(await answer(engine, 'job/read', { jobId: 3 })).toEqual({ ok: true, value: { id: 3 } })
  })

  it('knows only the calls of the contract', async () => {
    for (const name of ['job/steal', 'toString', '__proto__', 'constructor']) {
      expect(await answer(engine, name, {})).toEqual({
        ok: false,
        code: 'bad-input',
        message: `There is no call "${name}".`,
      })
    }
  })

  it('says where input does not fit, and keeps strangers out', async () => {
    expect(await answer(engine, 'job/read', { jobId: 'x' })).toEqual({
      ok: false,
      code: 'bad-input',
      message: '"job/read" got input that does not fit at "jobId": Invalid input: expected number, received string.',
    })
    expect(await answer(engine, 'job/read', { jobId: 3, more: 1 })).toMatchObject({ ok: false, code: 'bad-input' })
    expect(await answer(engine, 'job/read', undefined)).toMatchObject({ ok: false, code: 'bad-input' })
  })

  it('keeps codes, and logs the cause with the name of the call', async () => {
    const seen: unknown[] = []
    const log = (name: string, error: unknown) => seen.push([name, (error as Error).message])
    expect(await answer(engine, 'job/read', { jobId: 1 }, log)).toEqual({
      ok: false,
      code: 'not-found',
      message: 'There is no job 1 in this workspace.',
    })
    expect(await answer(engine, 'job/read', { jobId: 2 }, log)).toEqual({
      ok: false,
      code: 'internal',
      message: '"job/read" failed: a bug',
    })
    expect(seen).toEqual([
      ['job/read', 'There is no job 1 in this workspace.'],
      ['job/read', 'a bug'],
    ])
  })
})
