export { askedCalls } from './asked-calls.ts'
export { forkHelper } from './fork-helper.ts'
export { Helper } from './helper.ts'
export {
  type FromHelper,
  type HelperOptions,
  type HelperPort,
  type HelperProcess,
  type HelperRole,
  helperRoles,
  type StartHelper,
  type ToHelper,
} from './messages.ts'
