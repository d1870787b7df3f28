/** Both sides of the contract are derived from one table; what must not compile is marked so. */
import { describe, expectTypeOf, it } from 'vitest'
import type { CallName, Client, Engine } from '../../src/contract/index.ts'
import type { Job } from '../../src/contract/job.ts'

declare const client: Client

describe('the contract', () => {
  it('has the same calls on both sides', () => {
    expectTypeOf<keyof Client>().toEqualTypeOf<CallName>()
    expectTypeOf<keyof Engine>().toEqualTypeOf<CallName>()
  })

  it('lets a caller leave out what has a default, and gives the engine all of it', () => {
    type Asked = Parameters<Client['run/decompose']>[0]
    type Given = Parameters<Engine['run/decompose']>[0]
    expectTypeOf<{ modelId: number; dataSetId: number }>().toExtend<Asked>()
    expectTypeOf<Given['store']>().toEqualTypeOf<'float16' | 'float32'>()
    expectTypeOf<Asked['store']>().toEqualTypeOf<'float16' | 'float32' | undefined>()
    expectTypeOf<Awaited<ReturnType<Client['job/read']>>>().toEqualTypeOf<Job>()
  })

  it('refuses misspelt calls and strange input', () => {
    const ask = () => {
      // @ts-expect-error there is no such call
      void client['job/stop']({ jobId: 1 })
      // @ts-expect-error a number is expected
      void client['job/read']({ jobId: '1' })
    }
    expectTypeOf(ask).returns.toBeVoid()
  })
})
