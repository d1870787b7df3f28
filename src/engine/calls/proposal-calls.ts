/**
 * TEXTSPAN results of drafts: proposed, and then kept or dropped. The version, the result and the proposal come in one
 * transaction, and go in one.
 */
import { HeadwiseError } from '../../contract/errors.ts'
import type { Engine } from '../../contract/index.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import type { JobContext } from '../jobs/index.ts'
import {
  deletePoolVersion,
  deleteProposal,
  dropProposal,
  findDraft,
  findNewestPoolVersion,
  findPoolVersion,
  findProposal,
  findProposalOf,
  findTextSpan,
  inTransaction,
  insertProposal,
  insertTextSpan,
  keepPoolVersion,
  moveTextSpan,
  type NewTextSpan,
  type PoolContent,
  poolTexts,
  type Proposal,
  refreshDraft,
  textIds,
  type WriteDb,
} from '../store/index.ts'
import { insertVersion, isVersion, mergeTwins, readDraft, refuseLocked } from '../text-pool/index.ts'
import { type CallContext, type JobInput, type JobWorks, startJob } from './context.ts'
import { earlierResult, goOnKeeping } from './kept-ends.ts'
import { poolById } from './pool-by-id.ts'
import { describeHeads, refuseOtherSettings, textSpanById } from './text-span-calls.ts'

type Calls = Pick<Engine, 'text-span/propose' | 'text-span/keep' | 'text-span/drop'>
type ProposeInput = JobInput<'text-span/propose'>

export function proposalCalls(context: CallContext): Calls {
  return {
    'text-span/propose': async (input) => start(context, input),
    'text-span/keep': async ({ textSpanId, note }) => {
      tell(context, keep(context, textSpanId, note))
      return textSpanById(context, textSpanId)
    },
    'text-span/drop': async ({ textSpanId }) => {
      tell(context, drop(context, textSpanId))
      return {}
    },
  }
}

export const proposalWorks = { 'text-span/propose': propose } satisfies Partial<JobWorks>

function tell(context: CallContext, poolId: number): void {
  context.changed('text-span')
  context.changed('pool', poolId)
}

function start(context: CallContext, input: ProposeInput): { jobId: number } {
  refuseOtherSettings(context, input)
  const pool = poolById(context, input.poolId)
  textsToPropose(context, input.poolId)
  context.write()
  const title = `describe heads with the draft of ${pool.name}`
  return startJob(context, 'text-span/propose', input, 'text-span', title, 'heads')
}

/** Describes with the draft as it is when the work begins; edits that come while it goes on stay for the next time. */
async function propose(context: CallContext, input: ProposeInput, job: JobContext): Promise<void> {
  const db = context.write()
  const { poolId, annotator, ...settings } = input
  const pool = poolById(context, poolId)
  const rows = textsToPropose(context, poolId)
  const earlier = earlierResult(context, settings, job)
  // Where people have edited the draft since, the work is another.
  if (earlier && isVersion(db, earlier.poolVersionId, rows)) return goOnKeeping(context, earlier, job)
  const ids = inTransaction(db, () =>
    textIds(
      db,
      rows.map(({ text }) => text),
    ),
  )
  const texts = rows.map((row, at) => ({ ...row, id: ids[at]!, ordinal: at, line: at + 1 }))
  let savedId: number | undefined
  try {
    await describeHeads(context, settings, { name: pool.name, texts }, job, (described, heads) => {
      savedId = save(db, { poolId, annotator, rows }, described, heads)
      return savedId
    })
  } catch (error) {
    // Dropped while the images at the ends of its texts were still being found: there is nothing left to do.
    if (savedId === undefined || findTextSpan(db, savedId)) throw error
  }
}

/** @throws HeadwiseError 'bad-input' for a draft without rows */
function textsToPropose(context: CallContext, poolId: number): PoolContent[] {
  const { rows } = mergeTwins(readDraft(context.db, poolId).rows)
  if (rows.length === 0) {
    const { name } = poolById(context, poolId)
    throw new HeadwiseError('bad-input', `TEXTSPAN needs at least one text; the draft of "${name}" has none.`)
  }
  return rows
}

/** An annotator's proposal for a pool takes the place of the one before. */
function save(
  db: WriteDb,
  { poolId, annotator, rows }: { poolId: number; annotator: string; rows: PoolContent[] },
  described: Omit<NewTextSpan, 'poolVersionId'>,
  heads: DescribedHead[],
): number {
  return inTransaction(db, () => {
    const old = findProposalOf(db, poolId, annotator)
    if (old) dropProposal(db, old)
    const newest = findNewestPoolVersion(db, poolId)!
    const isOwnVersion = !isVersion(db, newest.id, rows)
    const version = { poolId, annotator, note: '', createdMs: described.createdMs }
    const poolVersionId = isOwnVersion ? insertVersion(db, version, rows) : newest.id
    const textSpanId = insertTextSpan(db, { ...described, poolVersionId }, heads)
    insertProposal(db, { textSpanId, poolId, annotator, poolVersionId, isOwnVersion })
    return textSpanId
  })
}

function proposalById(context: CallContext, textSpanId: number): Proposal {
  textSpanById(context, textSpanId)
  const proposal = findProposal(context.db, textSpanId)
  if (proposal) return proposal
  throw new HeadwiseError('conflict', `The TEXTSPAN result ${textSpanId} must be a proposed one; it is kept already.`)
}

/**
 * The result's version becomes the pool's newest; where that one holds the same texts by now, the result becomes one
 * of it.
 * @returns the pool's id
 */
function keep(context: CallContext, textSpanId: number, note: string): number {
  const db = context.write()
  return inTransaction(db, () => {
    // Looked up here: a job in another process may put a newer proposal in its place at any time.
    const proposal = proposalById(context, textSpanId)
    const { poolId, poolVersionId, isOwnVersion } = proposal
    if (isOwnVersion) {
      refuseLocked(db, poolById(context, poolId))
      const newest = findNewestPoolVersion(db, poolId)!
      if (isVersion(db, newest.id, poolTexts(db, poolVersionId))) {
        moveTextSpan(db, textSpanId, newest.id)
        deleteProposal(db, proposal)
        deletePoolVersion(db, poolVersionId)
        return poolId
      }
      keepPoolVersion(db, findPoolVersion(db, poolVersionId)!, note)
    }
    deleteProposal(db, proposal)
    if (findDraft(db, poolId)) refreshDraft(db, poolId)
    return poolId
  })
}

/** @returns the pool's id */
function drop(context: CallContext, textSpanId: number): number {
  const db = context.write()
  return inTransaction(db, () => {
    const proposal = proposalById(context, textSpanId)
    dropProposal(db, proposal)
    return proposal.poolId
  })
}
