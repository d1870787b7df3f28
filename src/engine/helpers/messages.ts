/**
 * What an engine and its helper processes say to each other. Both are this program, so nothing is parsed again; arrays
 * go as they are.
 */
import type { Reply, WorkspaceCallName } from '../../contract/index.ts'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Topic } from '../calls/index.ts'

/** `jobs` does the work of jobs, one after another; `asks` answers calls that need ONNX Runtime. */
export const helperRoles = ['jobs', 'asks'] as const
export type HelperRole = (typeof helperRoles)[number]

export type HelperOptions = {
  workspacePath: string
  /** which file the path led to when the engine opened it */
  fileIdentity: string
  databaseFolder: string
  cacheFolder: string
  programVersion: string
}

export type ToHelper =
  | { kind: 'open'; role: HelperRole; options: HelperOptions }
  | { kind: 'job'; jobId: number; call: string; input: unknown; earlierResultId: number | null }
  | { kind: 'cancel'; jobId: number }
  | { kind: 'ask'; id: number; name: WorkspaceCallName; input: unknown }
  | { kind: 'close' }

export type Failure = { code: ErrorCode; message: string }

export type FromHelper =
  | { kind: 'progress'; jobId: number; counts: { done?: number; total?: number; skipped?: number } }
  | { kind: 'advance'; jobId: number; done: number; skipped: number }
  | { kind: 'remark'; jobId: number; text: string }
  | { kind: 'result'; jobId: number; id: number }
  | { kind: 'end'; jobId: number; failure: Failure | null }
  | { kind: 'answer'; id: number; reply: Reply }
  | { kind: 'changed'; topic: Topic; ofId: number | undefined }
  /** the workspace cannot be opened beside the engine; the helper ends */
  | { kind: 'unopened'; failure: Failure }

/** A process that was started for an engine, however it was. */
export type HelperProcess = {
  post(message: ToHelper): void
  onMessage(listener: (message: FromHelper) => void): void
  /** @param listener gets how it ended, for people: "signal SIGKILL" */
  onExit(listener: (how: string) => void): void
  kill(): void
}

export type StartHelper = (role: HelperRole) => HelperProcess

/** The helper's own end. */
export type HelperPort = {
  post(message: FromHelper): void
  onMessage(listener: (message: ToHelper) => void): void
  /** Ends the process. */
  exit(): void
}
