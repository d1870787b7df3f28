/** What the shell's processes say to each other: the main one, the engine's and its helpers'. Arrays go as they are. */
import type { Reply } from '../contract/index.ts'
import type { DeskOptions, HelperRole, ImageRequest } from '../engine/index.ts'

/** Everything of a desk that can be said to another process. */
export type EngineStart = Pick<
  DeskOptions,
  | 'databaseFolder'
  | 'cacheFolder'
  | 'programVersion'
  | 'settingsFolder'
  | 'dataFolder'
  | 'resourcesFolder'
  | 'afterCrash'
>

/** `windowId` names a window's page, `id` a helper or a picture. */
export type ToEngine =
  | { kind: 'start'; options: EngineStart }
  /** with the window's port; null shows the start screen, undefined what was opened last */
  | { kind: 'connect'; windowId: number; path: string | null | undefined }
  /** with the helper's port */
  | { kind: 'helper'; id: number }
  | { kind: 'helper-exit'; id: number; how: string }
  | { kind: 'image'; id: number; request: ImageRequest }
  | { kind: 'close' }

export type FromEngine =
  | { kind: 'opened'; paths: string[] }
  | { kind: 'shown'; windowId: number; path: string | null }
  | { kind: 'start-helper'; id: number; role: HelperRole }
  | { kind: 'kill-helper'; id: number }
  | { kind: 'image'; id: number; reply: Reply }
