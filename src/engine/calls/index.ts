/** All calls, put together. */
import type { Engine } from '../../contract/index.ts'
import type { CallContext } from './context.ts'
import { dataSetCalls } from './data-set-calls.ts'
import { poolCalls } from './pool-calls.ts'
import { runCalls } from './run-calls.ts'
import { studyCalls } from './study-calls.ts'
import { textSpanCalls } from './text-span-calls.ts'
import { workspaceCalls } from './workspace-calls.ts'

export type { CallContext } from './context.ts'

export function allCalls(context: CallContext): Engine {
  return {
    ...workspaceCalls(context),
    ...dataSetCalls(context),
    ...runCalls(context),
    ...poolCalls(context),
    ...textSpanCalls(context),
    ...studyCalls(context),
  }
}
