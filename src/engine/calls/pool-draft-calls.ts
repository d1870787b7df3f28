/** Calls about the drafts of pools. Every edit is in the workspace before its call answers. */
import { createHash } from 'node:crypto'
import type { Engine } from '../../contract/index.ts'
import type { DraftChange, DraftRow, PoolVersion } from '../../contract/pool.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  embeddedRows,
  type EmbeddedRows,
  embeddingCount,
  findDraft,
  inTransaction,
  listPoolVersions,
  type ReadDb,
  textIds,
} from '../store/index.ts'
import {
  commitDraft,
  type DraftScope,
  editDraft,
  embedPool,
  ensureDraft,
  neighbours,
  poolProblems,
  readDraft,
  redoDraft,
  undoDraft,
  undoState,
} from '../text-pool/index.ts'
import { type CallContext, embedPlan, type JobInput, type JobWorks, modelById, startJob } from './context.ts'
import { embeddedTexts } from './model-memory.ts'
import { poolById, tellPool } from './pool-by-id.ts'

type Calls = Pick<
  Engine,
  | 'pool/draft'
  | 'pool/edit'
  | 'pool/undo'
  | 'pool/redo'
  | 'pool/undo-state'
  | 'pool/commit'
  | 'pool/problems'
  | 'pool/embed-draft'
  | 'pool/neighbours'
>
type ProblemsInput = Parameters<Engine['pool/problems']>[0]
type NeighboursInput = Parameters<Engine['pool/neighbours']>[0]
type EditorInput = { poolId: number; annotator: string }

export function poolDraftCalls(context: CallContext): Calls {
  return {
    'pool/draft': async ({ poolId }) => {
      poolById(context, poolId)
      // Whoever shows the draft will edit it: its rows get ids that stay. One that is there is shown even where nothing
      // can be written any more.
      if (!context.isReadOnly && !findDraft(context.db, poolId)) ensureDraft(context.write(), poolId)
      return readDraft(context.db, poolId)
    },
    'pool/edit': async ({ edit, ...input }) => told(context, input.poolId, editDraft(scopeOf(context, input), edit)),
    'pool/undo': async (input) => told(context, input.poolId, undoDraft(scopeOf(context, input))),
    'pool/redo': async (input) => told(context, input.poolId, redoDraft(scopeOf(context, input))),
    'pool/undo-state': async ({ poolId, annotator }) => {
      poolById(context, poolId)
      return undoState(context.db, poolId, annotator)
    },
    'pool/commit': async ({ note, ...input }) => commit(context, input, note),
    'pool/problems': async (input) => problems(context, input),
    'pool/embed-draft': async (input) => startEmbedDraft(context, input),
    'pool/neighbours': async (input) => nearest(context, input),
  }
}

export const draftWorks = { 'pool/embed-draft': embedDraft } satisfies Partial<JobWorks>

function scopeOf(context: CallContext, { poolId, annotator }: EditorInput): DraftScope {
  return { db: context.write(), pool: poolById(context, poolId), annotator, nowMs: context.now() }
}

/** Other windows hear of a change where there was one. */
function told<Change extends DraftChange | null>(context: CallContext, poolId: number, change: Change): Change {
  if (change && change.rows.length + change.removedRowIds.length > 0) context.changed('pool', poolId)
  return change
}

function commit(context: CallContext, input: EditorInput, note: string): PoolVersion {
  const { versionId } = commitDraft(scopeOf(context, input), note)
  tellPool(context, input.poolId)
  return listPoolVersions(context.db, input.poolId).find(({ id }) => id === versionId)!
}

async function problems(
  context: CallContext,
  { poolId, modelId, cosineAbove }: ProblemsInput,
): ReturnType<Engine['pool/problems']> {
  poolById(context, poolId)
  const { rows } = readDraft(context.db, poolId)
  if (modelId === undefined) return { problems: await poolProblems(rows, undefined), notEmbedded: rows.length }
  const { jointWidth, text } = modelById(context, modelId).config
  const embedded = embeddedDraft(context, poolId, modelId, rows, jointWidth)
  const view = { embedded, jointWidth, contextLength: text.contextLength, cosineAbove }
  return { problems: await poolProblems(rows, view), notEmbedded: rows.length - embedded.places.length }
}

async function nearest(
  context: CallContext,
  { poolId, modelId, text, count }: NeighboursInput,
): ReturnType<Engine['pool/neighbours']> {
  poolById(context, poolId)
  const model = modelById(context, modelId)
  const { rows } = readDraft(context.db, poolId)
  const embedded = embeddedDraft(context, poolId, modelId, rows, model.config.jointWidth)
  if (embedded.places.length === 0) return []
  const texts = rows.map((row) => row.text)
  return neighbours(texts, embedded, await embeddedTexts(context, model, [text]), count)
}

/** Of each workspace the draft that was last asked about: 30,000 rows of width 768 are 92 MB. */
const drafts = new WeakMap<ReadDb, { key: string; embedded: EmbeddedRows }>()

/** While neither the texts nor the model's embeddings are other, what was read stays. */
function embeddedDraft(
  { db }: CallContext,
  poolId: number,
  modelId: number,
  rows: DraftRow[],
  d: number,
): EmbeddedRows {
  const texts = rows.map(({ text }) => text)
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex')
  const key = `${poolId}:${modelId}:${embeddingCount(db, modelId)}:${hash}`
  const known = drafts.get(db)
  if (known?.key === key) return known.embedded
  const embedded = embeddedRows(db, modelId, texts, d)
  drafts.set(db, { key, embedded })
  return embedded
}

function startEmbedDraft(context: CallContext, input: JobInput<'pool/embed-draft'>): { jobId: number } {
  const pool = poolById(context, input.poolId)
  const model = modelById(context, input.modelId)
  context.write()
  return startJob(
    context,
    'pool/embed-draft',
    input,
    'embed',
    `embed the draft of ${pool.name} with ${model.name}`,
    'texts',
  )
}

async function embedDraft(
  context: CallContext,
  { poolId, modelId }: JobInput<'pool/embed-draft'>,
  job: JobContext,
): Promise<void> {
  const pool = poolById(context, poolId)
  const plan = embedPlan(context, modelById(context, modelId))
  await embedPool(plan, pool.name, textsOfDraft(context, poolId), job)
  job.result(poolId)
}

/** The draft's texts with their ids, each once; rows stand for lines. */
function textsOfDraft(context: CallContext, poolId: number): { id: number; text: string; line: number }[] {
  const db = context.write()
  const { rows } = readDraft(db, poolId)
  const lines = new Map<string, number>()
  rows.forEach(({ text }, at) => lines.has(text) || lines.set(text, at + 1))
  const texts = [...lines.keys()]
  const ids = inTransaction(db, () => textIds(db, texts))
  return texts.map((text, at) => ({ id: ids[at]!, text, line: lines.get(text)! }))
}
