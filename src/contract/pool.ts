/**
 * Pools: the texts that describe heads. A version never changes once it is made; people edit the pool's draft, whose
 * every edit is kept, and a version is made of it when it is used.
 */
import { z } from 'zod'
import { call, Count, Id, Nothing, Share, TimeMs } from './call.ts'
import { JobTicket } from './job.ts'
import { Annotator, UndoState } from './label.ts'

export const PoolVersion = z.object({
  id: Id,
  number: z.int().min(1),
  /** SHA-256 over the texts and their roles, in order */
  hash: z.string().length(64),
  texts: Count,
  createdMs: TimeMs,
  /** empty for versions read from files by the command line */
  annotator: z.string(),
  note: z.string(),
  /** against the version before */
  added: Count,
  removed: Count,
})
export type PoolVersion = z.output<typeof PoolVersion>

export const PoolLock = z.object({ annotator: z.string(), reason: z.string(), madeMs: TimeMs })
export type PoolLock = z.output<typeof PoolLock>

export const Pool = z.object({
  id: Id,
  name: z.string(),
  /** newest first */
  versions: z.array(PoolVersion).min(1),
  /** the draft differs from the newest version */
  isChanged: z.boolean(),
  /** a locked pool refuses edits */
  lock: PoolLock.nullable(),
})
export type Pool = z.output<typeof Pool>

export const PoolWarning = z.object({
  /** line of the imported file, from 1 */
  line: z.int().min(1),
  text: z.string(),
  reason: z.string(),
})
export type PoolWarning = z.output<typeof PoolWarning>

/** Longest text of a pool, characters. */
export const longestText = 2000
const Text = z.string().max(longestText)
const Tag = z.string().trim().min(1).max(60)

export const PoolText = z.object({
  /** of the text itself, whatever pools it is in */
  id: Id,
  ordinal: Count,
  text: z.string(),
  /** role tags, written "place; weather" in files */
  roles: z.array(z.string()),
  /** where the text comes from, as people note it */
  source: z.string(),
  /** heads that its author had opened before writing it, newest first, such as "L5.H2": what it explains there is no independent finding */
  afterHeads: z.array(z.string()),
  /** of the file that it was read from */
  line: z.int().min(1),
})
export type PoolText = z.output<typeof PoolText>

/** A row of the draft. Its id stays while its text changes. */
export const DraftRow = z.object({
  id: Id,
  /** rows stand by ascending position */
  position: z.number(),
  text: z.string(),
  roles: z.array(z.string()),
  source: z.string(),
  afterHeads: z.array(z.string()),
  annotator: z.string(),
  changedMs: TimeMs,
})
export type DraftRow = z.output<typeof DraftRow>

/** One edit; all rows it names change together and are undone together. */
export const PoolEdit = z.discriminatedUnion('kind', [
  /** new rows behind the row `afterRowId`, at the end when absent; texts are trimmed, empty ones left out */
  z.strictObject({
    kind: z.literal('add'),
    rows: z
      .array(z.strictObject({ text: Text, roles: z.array(Tag).default([]), source: z.string().max(2000).default('') }))
      .min(1)
      .max(100_000),
    afterRowId: Id.optional(),
    afterHeads: z.array(z.string().max(20)).max(20).default([]),
  }),
  z.strictObject({
    kind: z.literal('change'),
    rowId: Id,
    text: Text.optional(),
    roles: z.array(Tag).optional(),
    source: z.string().max(2000).optional(),
    afterHeads: z.array(z.string().max(20)).max(20).optional(),
  }),
  /** several rows' texts at once: what find and replace and mending make */
  z.strictObject({
    kind: z.literal('rewrite'),
    rows: z
      .array(z.strictObject({ rowId: Id, text: Text }))
      .min(1)
      .max(100_000),
  }),
  z.strictObject({ kind: z.literal('remove'), rowIds: z.array(Id).min(1).max(100_000) }),
  z.strictObject({
    kind: z.literal('tag'),
    rowIds: z.array(Id).min(1).max(100_000),
    add: z.array(Tag).default([]),
    remove: z.array(Tag).default([]),
  }),
  /** the draft becomes that version again */
  z.strictObject({ kind: z.literal('reset'), versionId: Id }),
])
export type PoolEdit = z.output<typeof PoolEdit>

export const DraftChange = z.object({
  /** rows that are new or other */
  rows: z.array(DraftRow),
  removedRowIds: z.array(Id),
  isChanged: z.boolean(),
})
export type DraftChange = z.output<typeof DraftChange>

export const problemKinds = [
  'duplicate', // the same after normalising: case, composition, white space
  'near-duplicate', // cosine of the embeddings above the threshold
  'too-long', // more tokens than the model takes
  'odd-characters', // control, private-use, replacement or unusual invisible characters
  'white-space', // at the ends, doubled, or of an unusual kind
] as const
export type ProblemKind = (typeof problemKinds)[number]

export const PoolProblem = z.object({
  rowId: Id,
  kind: z.enum(problemKinds),
  message: z.string(),
  /** the row that it resembles */
  otherRowId: Id.nullable(),
  /** cosine for near-duplicates */
  cosine: z.number().nullable(),
  /** what the text would be after mending; null to mend by removing the row */
  mended: z.string().nullable(),
  /** whether one key can mend it */
  canMend: z.boolean(),
})
export type PoolProblem = z.output<typeof PoolProblem>

export const TextUse = z.object({
  textId: Id,
  text: z.string(),
  heads: z.array(z.object({ layer: Count, head: Count, step: Count, share: Share })),
  /** sum over heads of share x the head's variance, as a share of the variance of all described heads */
  weight: Share,
})
export type TextUse = z.output<typeof TextUse>

export const PoolDiff = z.object({
  added: z.array(PoolText),
  removed: z.array(PoolText),
  /** same text, other roles or source */
  changed: z.array(z.object({ before: PoolText, after: PoolText })),
  unchanged: Count,
})
export type PoolDiff = z.output<typeof PoolDiff>

export const Neighbour = z.object({ textId: Id, text: z.string(), cosine: z.number() })
export type Neighbour = z.output<typeof Neighbour>

export const poolFormats = ['txt', 'csv', 'json'] as const

export const poolCalls = {
  /** Reads .txt (a text a line), .csv (columns text, role, source) or .json; a known name gets a new version. */
  'pool/add': call(
    z.strictObject({ path: z.string().min(1), name: z.string().min(1).optional(), annotator: Annotator.optional() }),
    z.object({ pool: Pool, warnings: z.array(PoolWarning), isUnchanged: z.boolean() }),
  ),
  /** The same for a file's content, as a page has it. */
  'pool/import': call(
    z.strictObject({
      name: z.string().trim().min(1).max(100),
      fileName: z.string().min(1),
      content: z.string().max(50_000_000),
      annotator: Annotator,
    }),
    z.object({ pool: Pool, warnings: z.array(PoolWarning), isUnchanged: z.boolean() }),
  ),
  /** The starter pool that comes with the program: 1,489 texts with role tags. */
  'pool/add-starter': call(Nothing, z.object({ pool: Pool, warnings: z.array(PoolWarning), isUnchanged: z.boolean() })),
  'pool/list': call(Nothing, z.array(Pool)),
  'pool/texts': call(z.strictObject({ versionId: Id }), z.array(PoolText)),
  'pool/rename': call(z.strictObject({ poolId: Id, name: z.string().trim().min(1).max(100) }), Pool),
  'pool/lock': call(
    z.strictObject({ poolId: Id, annotator: Annotator, reason: z.string().max(2000).default('') }),
    Pool,
  ),
  'pool/unlock': call(z.strictObject({ poolId: Id }), Pool),

  'pool/draft': call(z.strictObject({ poolId: Id }), z.object({ rows: z.array(DraftRow), isChanged: z.boolean() })),
  /** @throws 'conflict' when the pool is locked, 'not-found' when a row is gone */
  'pool/edit': call(z.strictObject({ poolId: Id, annotator: Annotator, edit: PoolEdit }), DraftChange),
  'pool/undo': call(z.strictObject({ poolId: Id, annotator: Annotator }), DraftChange.nullable()),
  'pool/redo': call(z.strictObject({ poolId: Id, annotator: Annotator }), DraftChange.nullable()),
  'pool/undo-state': call(z.strictObject({ poolId: Id, annotator: Annotator }), UndoState),
  /**
   * Makes a version of the draft; the newest version is returned when nothing changed. Rows with the same text after
   * normalising are merged, first spelling first.
   */
  'pool/commit': call(
    z.strictObject({ poolId: Id, annotator: Annotator, note: z.string().max(2000).default('') }),
    PoolVersion,
  ),
  /**
   * Problems of the draft. Near-duplicates and length need a model, whose embeddings must be there ('pool/embed-draft');
   * rows without one are counted in `notEmbedded`.
   */
  'pool/problems': call(
    z.strictObject({ poolId: Id, modelId: Id.optional(), cosineAbove: z.number().min(0.5).max(1).default(0.97) }),
    z.object({ problems: z.array(PoolProblem), notEmbedded: Count }),
  ),
  'pool/embed-draft': call(z.strictObject({ poolId: Id, modelId: Id }), JobTicket),
  /** Embeds the texts that this model has not embedded yet. */
  'pool/embed': call(z.strictObject({ versionId: Id, modelId: Id }), JobTicket),
  /** The draft's embedded texts nearest to any text, by cosine. */
  'pool/neighbours': call(
    z.strictObject({ poolId: Id, modelId: Id, text: Text.min(1), count: z.int().min(1).max(100).default(12) }),
    z.array(Neighbour),
  ),
  'pool/diff': call(z.strictObject({ fromVersionId: Id, toVersionId: Id }), PoolDiff),
  /** The draft when no version is named. What is written is read back the same; .txt holds the texts alone. */
  'pool/export': call(
    z.strictObject({ poolId: Id, versionId: Id.optional(), format: z.enum(poolFormats) }),
    z.object({ fileName: z.string(), content: z.string() }),
  ),
}
