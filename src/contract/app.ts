/** The program around a workspace: which one is open, which were, what lies on disk, and what a person's screen remembers. */
import { z } from 'zod'
import { call, Nothing, TimeMs } from './call.ts'
import { errorCodes } from './errors.ts'

/** `browser` is served by `headwise serve`: folders are those of the machine it runs on, and there are no native dialogs. */
export const homes = ['desktop', 'browser'] as const
export type Home = (typeof homes)[number]

export const RecentWorkspace = z.object({
  path: z.string(),
  openedMs: TimeMs,
  /** false when the file is not there any more */
  isPresent: z.boolean(),
  sizeBytes: z.number().min(0),
})
export type RecentWorkspace = z.output<typeof RecentWorkspace>

export const App = z.object({
  programVersion: z.string(),
  home: z.enum(homes),
  /** the name of the machine that the engine runs on */
  machine: z.string(),
  /** who labels when nobody said otherwise: the system's user name */
  userName: z.string(),
  /** the workspace that this window has open; null shows the start screen */
  workspacePath: z.string().nullable(),
  /** tells this workspace from others in the addresses of images; another one when the file is another one */
  workspaceKey: z.string().nullable(),
  /** why the workspace that this window should show is not open */
  openFailure: z.object({ path: z.string(), code: z.enum(errorCodes), message: z.string() }).nullable(),
  /** newest first, at most ten */
  recent: z.array(RecentWorkspace),
})
export type App = z.output<typeof App>

/** What a path is, as far as its name and a look inside tell. */
export const placeKinds = ['workspace', 'model', 'images', 'table', 'mat', 'pool', 'folder', 'file'] as const
export type PlaceKind = (typeof placeKinds)[number]

export const PlaceEntry = z.object({ name: z.string(), path: z.string(), kind: z.enum(placeKinds) })
export type PlaceEntry = z.output<typeof PlaceEntry>

/** Anything JSON, at most 64 KB: layouts, filters, sort orders. Never labels or texts: those are in the workspace. */
export const Remembered = z.record(z.string(), z.unknown())
export type Remembered = z.output<typeof Remembered>

export const appCalls = {
  'app/describe': call(Nothing, App),
  /** Opens a workspace in this window; the one that was open stays open in other windows. */
  'app/open': call(z.strictObject({ path: z.string().min(1) }), App),
  /** Makes a new workspace; ".headwise" is added to the name where it lacks. */
  'app/create': call(z.strictObject({ path: z.string().min(1) }), App),
  /**
   * Opens the sample's workspace in the program's own folder, made at the first time: model, data sets and pool are
   * there when the call answers; decomposing and describing go on as jobs and take some seconds.
   */
  'app/open-sample': call(Nothing, App),
  /** Back to the start screen. */
  'app/close': call(Nothing, App),
  /** Takes a path off the list of recent workspaces; the file stays. */
  'app/forget': call(z.strictObject({ path: z.string().min(1) }), App),
  /** Folders first, then files that Headwise can read; the home folder when no path is given. */
  'app/list-folder': call(
    z.strictObject({ path: z.string().min(1).optional() }),
    z.object({ path: z.string(), parent: z.string().nullable(), entries: z.array(PlaceEntry) }),
  ),
  /** What a dropped or typed path is. */
  'app/inspect-place': call(z.strictObject({ path: z.string().min(1) }), PlaceEntry),
  /** What screens remembered for this workspace, kept beside the program's settings, not in the workspace. */
  'app/recall': call(Nothing, Remembered),
  'app/remember': call(z.strictObject({ key: z.string().min(1).max(100), content: z.unknown() }), Nothing),
}
