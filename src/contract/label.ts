/**
 * Labels: what people say a head does. A label belongs to a checkpoint's head and an annotator, not to a run. Every
 * edit is a row that never changes; the newest row of a head and annotator is the label.
 */
import { z } from 'zod'
import { call, Count, Id, Nothing, Share, TimeMs } from './call.ts'
import { HeadPlace } from './head.ts'

/** `open`: nobody said anything yet; `draft`: said, not reviewed. */
export const labelStates = ['open', 'draft', 'reviewed', 'disputed'] as const
export type LabelState = (typeof labelStates)[number]

export const Annotator = z.string().trim().min(1).max(60)
export const Confidence = z.int().min(1).max(3)

export const Label = z.object({
  layer: Count,
  head: Count,
  annotator: z.string(),
  roleId: Id.nullable(),
  /** 1 guess, 2 likely, 3 sure */
  confidence: Confidence.nullable(),
  state: z.enum(labelStates),
  note: z.string(),
  /** the edit that made it so */
  editId: Id,
  madeMs: TimeMs,
  /** the TEXTSPAN result that was on the screen */
  textSpanId: Id.nullable(),
})
export type Label = z.output<typeof Label>

export const editKinds = ['set', 'undo', 'redo', 'restore', 'import'] as const
export type EditKind = (typeof editKinds)[number]

export const LabelEdit = Label.extend({
  kind: z.enum(editKinds),
  /** the edit that was undone, redone or restored */
  ofEditId: Id.nullable(),
})
export type LabelEdit = z.output<typeof LabelEdit>

export const LabelChange = z.strictObject({
  roleId: Id.nullable().optional(),
  confidence: Confidence.nullable().optional(),
  state: z.enum(labelStates).optional(),
  note: z.string().max(20_000).optional(),
})
export type LabelChange = z.output<typeof LabelChange>

/** What undo and redo would do now, for people: "L5.H2: role place"; null when there is nothing. */
export const UndoState = z.object({ undo: z.string().nullable(), redo: z.string().nullable() })
export type UndoState = z.output<typeof UndoState>

const Scope = z.strictObject({ modelId: Id, annotator: Annotator })

export const Dispute = z.object({ layer: Count, head: Count, first: Label, second: Label })
export type Dispute = z.output<typeof Dispute>

/** Agreement of two annotators on the roles of the heads that both gave one. */
export const Agreement = z.object({
  heads: Count,
  agreed: Count,
  /** (p_o - p_e) / (1 - p_e), Cohen 1960; null when no head has two roles or p_e is 1 */
  kappa: z.number().min(-1).max(1).nullable(),
  /** roles that occur, and how often the first gave row's and the second column's: [n, n] */
  roleIds: z.array(Id),
  counts: z.instanceof(Int32Array),
  disputes: z.array(Dispute),
})
export type Agreement = z.output<typeof Agreement>

/** How much of a head's variance the texts of each role explain, among the texts that TEXTSPAN chose for it. */
export const Evidence = z.object({
  layer: Count,
  head: Count,
  /** most first; a text with several tags gives each an equal part. `role` is the tag in the pool. */
  shares: z.array(z.object({ role: z.string(), roleId: Id.nullable(), share: Share })),
  /** explained by texts without a tag */
  untagged: Share,
  unexplained: Share,
})
export type Evidence = z.output<typeof Evidence>

/** A file of labels, tied to a checkpoint. */
export const LabelPack = z.object({
  format: z.literal('headwise-labels'),
  version: z.literal(1),
  programVersion: z.string(),
  exportedMs: TimeMs,
  model: z.object({ hash: z.string().length(64), name: z.string() }),
  /** pools whose texts were looked at while labelling */
  pools: z.array(z.object({ name: z.string(), version: z.int().min(1), hash: z.string().length(64) })),
  roles: z.array(
    z.object({ name: z.string().min(1).max(60), color: z.string(), letter: z.string(), description: z.string() }),
  ),
  labels: z
    .array(
      z.object({
        layer: Count,
        head: Count,
        annotator: Annotator,
        role: z.string().nullable(),
        confidence: Confidence.nullable(),
        state: z.enum(labelStates),
        note: z.string().max(20_000),
        madeMs: TimeMs,
        /** hash of the pool version that was looked at */
        poolHash: z.string().nullable(),
      }),
    )
    .max(1_000_000),
})
export type LabelPack = z.output<typeof LabelPack>

export const ImportPreview = z.object({
  /** heads that have no label of that annotator yet */
  added: Count,
  same: Count,
  conflicts: z.array(
    z.object({ layer: Count, head: Count, annotator: z.string(), mine: z.string(), theirs: z.string() }),
  ),
  /** roles that the workspace does not have and would get */
  newRoles: z.array(z.string()),
  /** such as a pool that this workspace does not have in that version */
  warnings: z.array(z.string()),
})
export type ImportPreview = z.output<typeof ImportPreview>

export const labelCalls = {
  /** All annotators' labels of a model. */
  'label/list': call(z.strictObject({ modelId: Id }), z.array(Label)),
  /** Changes the label of one or more heads as one edit. A role or confidence makes an open label a draft. */
  'label/set': call(
    Scope.extend({
      heads: z.array(HeadPlace).min(1).max(10_000),
      change: LabelChange,
      textSpanId: Id.optional(),
    }),
    z.array(Label),
  ),
  /** Newest first, all annotators. */
  'label/history': call(z.strictObject({ modelId: Id, layer: Count, head: Count }), z.array(LabelEdit)),
  /** Makes the annotator's label what it was after that edit, as a new edit. */
  'label/restore': call(Scope.extend({ editId: Id }), Label),
  /** The annotator's last edit of this model that is not undone; null when there is none. */
  'label/undo': call(Scope, z.array(Label).nullable()),
  'label/redo': call(Scope, z.array(Label).nullable()),
  'label/undo-state': call(Scope, UndoState),
  'label/agreement': call(z.strictObject({ modelId: Id, first: Annotator, second: Annotator }), Agreement),
  'label/evidence': call(z.strictObject({ textSpanId: Id }), z.array(Evidence)),
  'label/export': call(z.strictObject({ modelId: Id, annotator: Annotator.optional() }), LabelPack),
  /** @throws 'conflict' when the pack is of another checkpoint */
  'label/preview-import': call(z.strictObject({ modelId: Id, pack: LabelPack }), ImportPreview),
  /** Where both have a label, `takeTheirs` decides for each head and annotator; what is not named stays mine. */
  'label/import': call(
    z.strictObject({
      modelId: Id,
      pack: LabelPack,
      takeTheirs: z.array(HeadPlace.extend({ annotator: Annotator })).default([]),
    }),
    z.object({ imported: Count, kept: Count }),
  ),
  'annotator/list': call(Nothing, z.array(z.object({ name: z.string(), labels: Count }))),
}
