/**
 * The one error that crosses every border of the program. The code is for programs, the sentence for people:
 * it says what was expected, what came, and where.
 */
export const errorCodes = [
  'bad-input', // what the caller sent does not fit the contract
  'not-found', // a named thing is not in the workspace or not on disk
  'ambiguous', // several things fit and none was named
  'unsupported', // a checkpoint, file or device that this program cannot use, with the reason
  'damaged', // a file that is not what it says it is
  'changed', // a file that is no longer what the workspace recorded
  'conflict', // somebody else holds it, or it exists already
  'disk', // the disk is full, read-only or failing
  'newer-version', // written by a newer build
  'not-exact', // the terms do not add up to the representation
  'cancelled', // stopped on request
  'no-workspace', // the window has none open
  'engine-lost', // the engine's process died while it worked on this; what was saved is saved
  'internal', // a bug
] as const
export type ErrorCode = (typeof errorCodes)[number]

export class HeadwiseError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'HeadwiseError'
    this.code = code
  }
}
