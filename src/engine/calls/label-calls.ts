/** Calls about labels. */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { Agreement, Evidence, LabelEdit } from '../../contract/label.ts'
import {
  agreementOf,
  checkPack,
  comparePack,
  evidenceOf,
  importPack,
  labelOf,
  packOf,
  previewOf,
  redoAction,
  restoreLabel,
  type Seen,
  setLabels,
  undoAction,
  undoState,
} from '../label/index.ts'
import {
  chosenTexts,
  describedHeads,
  editsOfHead,
  hasPoolVersion,
  type LabelScope,
  listAnnotators,
  listRoles,
  newestEdits,
  poolSeenIn,
  type StoredEdit,
} from '../store/index.ts'
import { type CallContext, modelById } from './context.ts'
import { refuseOtherHeads } from './head-place.ts'
import { textSpanById } from './text-span-calls.ts'

type LabelCallName = Extract<keyof Engine, `label/${string}` | `annotator/${string}`>
type Calls = Pick<Engine, LabelCallName>

export function labelCalls(context: CallContext): Calls {
  return { ...readingCalls(context), ...editingCalls(context), ...packCalls(context) }
}

type Reading = 'label/list' | 'label/history' | 'label/agreement' | 'label/evidence' | 'annotator/list'

function readingCalls(context: CallContext): Pick<Calls, Reading> {
  const { db } = context
  return {
    'label/list': async ({ modelId }) => newestEdits(db, modelById(context, modelId).id).map(labelOf),
    'label/history': async ({ modelId, ...place }) => {
      refuseOtherHeads(modelById(context, modelId), [place])
      return editsOfHead(db, modelId, place).map(historyEntry)
    },
    'label/agreement': async (input) => agreement(context, input),
    'label/evidence': async ({ textSpanId }) => evidence(context, textSpanId),
    'annotator/list': async () => listAnnotators(db),
  }
}

type Editing = 'label/set' | 'label/restore' | 'label/undo' | 'label/redo' | 'label/undo-state'

function editingCalls(context: CallContext): Pick<Calls, Editing> {
  return {
    'label/set': async ({ heads, change, textSpanId, ...scope }) => {
      refuseOtherHeads(modelById(context, scope.modelId), heads)
      const seen = seenIn(context, scope, textSpanId)
      const { labels, isOther } = setLabels(context.write(), scope, heads, change, seen, context.now())
      if (isOther) context.changed('label', scope.modelId)
      return labels
    },
    'label/restore': async ({ editId, ...scope }) => {
      modelById(context, scope.modelId)
      const { label, isOther } = restoreLabel(context.write(), scope, editId, context.now())
      if (isOther) context.changed('label', scope.modelId)
      return label
    },
    'label/undo': async (scope) => {
      modelById(context, scope.modelId)
      const labels = undoAction(context.write(), scope, context.now())
      if (labels) context.changed('label', scope.modelId)
      return labels
    },
    'label/redo': async (scope) => {
      modelById(context, scope.modelId)
      const labels = redoAction(context.write(), scope, context.now())
      if (labels) context.changed('label', scope.modelId)
      return labels
    },
    'label/undo-state': async (scope) => {
      modelById(context, scope.modelId)
      return undoState(context.db, scope)
    },
  }
}

type Packing = 'label/export' | 'label/preview-import' | 'label/import'

function packCalls(context: CallContext): Pick<Calls, Packing> {
  const { db } = context
  return {
    'label/export': async ({ modelId, annotator }) => {
      const model = modelById(context, modelId)
      const edits = newestEdits(db, modelId).filter((edit) => annotator === undefined || edit.annotator === annotator)
      const { programVersion } = context
      return packOf(model, edits, listRoles(db), { programVersion, exportedMs: context.now() })
    },
    'label/preview-import': async ({ modelId, pack }) => {
      checkPack(pack, modelById(context, modelId))
      const roles = listRoles(db)
      const comparison = comparePack(pack, newestEdits(db, modelId), roles)
      return previewOf(comparison, pack, roles, (hash) => hasPoolVersion(db, hash))
    },
    'label/import': async ({ modelId, pack, takeTheirs }) => {
      const model = modelById(context, modelId)
      const { imported, kept, hasNewRoles } = importPack(context.write(), model, pack, takeTheirs, context.now())
      if (hasNewRoles) context.changed('role')
      if (imported > 0) context.changed('label', modelId)
      return { imported, kept }
    },
  }
}

function seenIn(context: CallContext, { modelId }: LabelScope, textSpanId: number | undefined): Seen {
  if (textSpanId === undefined) return { textSpanId: null, pool: null }
  textSpanById(context, textSpanId)
  const { modelId: modelSeen, ...pool } = poolSeenIn(context.db, textSpanId)!
  if (modelSeen !== modelId) {
    throw new HeadwiseError(
      'bad-input',
      `TEXTSPAN result ${textSpanId} must be of the model "${modelById(context, modelId).name}"; it is of "${modelById(context, modelSeen).name}".`,
    )
  }
  return { textSpanId, pool }
}

function historyEntry(edit: StoredEdit): LabelEdit {
  return { ...labelOf(edit), kind: edit.kind, ofEditId: edit.ofEditId }
}

type AgreementInput = Parameters<Engine['label/agreement']>[0]

function agreement(context: CallContext, { modelId, first, second }: AgreementInput): Agreement {
  modelById(context, modelId)
  if (first === second) {
    throw new HeadwiseError('bad-input', `Agreement is between two annotators; both are "${first}".`)
  }
  const labels = newestEdits(context.db, modelId).map(labelOf)
  const of = (name: string) => labels.filter(({ annotator }) => annotator === name)
  return agreementOf(of(first), of(second), listRoles(context.db))
}

function evidence(context: CallContext, textSpanId: number): Evidence[] {
  textSpanById(context, textSpanId)
  const tagsOf = new Map(chosenTexts(context.db, textSpanId).map(({ textId, roles }) => [textId, roles]))
  const roles = listRoles(context.db)
  return describedHeads(context.db, textSpanId).map((head) => evidenceOf(head, tagsOf, roles))
}
