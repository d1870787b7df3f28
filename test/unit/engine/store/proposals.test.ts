/** Ids of what people drop: links, studies, jobs and open screens still name them, so nothing else may get them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  deleteProposal,
  dropProposal,
  findProposal,
  insertPoolVersion,
  insertProposal,
  insertTextSpan,
  type Proposal,
} from '../../../../src/engine/store/index.ts'
import { insertedTextSpan, type MadeUpRun, madeUpImages, madeUpRun } from '../../../support/made-up-run.ts'
import { type Place, temporaryFolder } from '../../../support/sample.ts'

let place: Place
let made: MadeUpRun
beforeEach(() => {
  place = temporaryFolder()
  made = madeUpRun(place.folder)
  insertedTextSpan(made)
})
afterEach(() => {
  made.close()
  place.remove()
})

function propose(text: string): Proposal {
  const { db, run } = made
  const version = { poolId: 1, hash: 'a'.repeat(64), annotator: 'ann', note: '', createdMs: 0 }
  const texts = [{ text, roles: [], source: '', afterHeads: [], line: 1 }]
  const poolVersionId = insertPoolVersion(db, version, texts)
  const settings = { runId: run.id, layers: 2, texts: 2, rank: 80, filter: {}, images: madeUpImages }
  const textSpanId = insertTextSpan(db, { ...settings, poolVersionId, programVersion: 'test', createdMs: 0 }, [])
  insertProposal(db, { textSpanId, poolId: 1, annotator: 'ann', poolVersionId, isOwnVersion: true })
  return findProposal(db, textSpanId)!
}

describe('the ids of a result and its version', () => {
  it('are never given again, whatever was dropped', () => {
    const used = new Set<number>()
    const usedVersions = new Set<number>()
    for (const text of ['a', 'b', 'c']) {
      const proposal = propose(text)
      expect(used).not.toContain(proposal.textSpanId)
      expect(usedVersions).not.toContain(proposal.poolVersionId)
      used.add(proposal.textSpanId)
      usedVersions.add(proposal.poolVersionId)
      dropProposal(made.db, proposal)
    }
    const kept = propose('d')
    deleteProposal(made.db, kept)
    expect([kept.textSpanId, kept.poolVersionId]).toEqual([5, 5])
  })
})
