/** What the serving process and the engine's process say to each other; arrays go as they are. */
import type { Reply } from '../contract/index.ts'
import type { DeskOptions, ImageRequest } from '../engine/index.ts'
import type { ErrorCode } from '../contract/errors.ts'

/** Everything of a desk that can be said to another process. */
export type EngineStart = Pick<
  DeskOptions,
  | 'workspacePath'
  | 'databaseFolder'
  | 'cacheFolder'
  | 'programVersion'
  | 'settingsFolder'
  | 'dataFolder'
  | 'resourcesFolder'
  | 'afterCrash'
>

/** `id` names a page's connection. */
export type ToEngine =
  | { kind: 'start'; options: EngineStart }
  | { kind: 'attach'; id: number }
  | { kind: 'bytes'; id: number; bytes: Uint8Array }
  | { kind: 'detach'; id: number }
  | { kind: 'image'; id: number; request: ImageRequest }
  | { kind: 'close' }

export type FromEngine =
  | { kind: 'started' }
  | { kind: 'unstarted'; failure: { code: ErrorCode; message: string } }
  | { kind: 'bytes'; id: number; bytes: Uint8Array }
  | { kind: 'refuse'; id: number }
  | { kind: 'image'; id: number; reply: Reply }
  | { kind: 'opened'; paths: string[] }
