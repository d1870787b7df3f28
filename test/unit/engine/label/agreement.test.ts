/** Agreement of two annotators, against examples that are worked out on paper. */
import fc from 'fast-check'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Label } from '../../../../src/contract/label.ts'
import type { Role } from '../../../../src/contract/role.ts'
import { agreementOf } from '../../../../src/engine/label/index.ts'
import { addModel, labelWorkspace } from '../../../support/label-workspace.ts'
import { temporaryFolder } from '../../../support/sample.ts'

const roles: Role[] = [7, 2, 5].map((id, position) => ({
  id,
  name: `role ${id}`,
  color: '#000000',
  letter: 'X',
  description: '',
  position,
  isRetired: false,
}))

const label = (annotator: string, head: number, roleId: number | null, state: Label['state'] = 'draft'): Label => ({
  layer: 0,
  head,
  annotator,
  roleId,
  confidence: null,
  state,
  note: '',
  editId: head + 1,
  madeMs: 0,
  textSpanId: null,
})

/** Labels of both from a table of counts: row is the first's role, column the second's. */
function tabulated(roleIds: number[], counts: number[][]): [Label[], Label[]] {
  const pairs = counts.flatMap((row, a) => row.flatMap((count, b) => Array<[number, number]>(count).fill([a, b])))
  return [
    pairs.map(([a], head) => label('Ann', head, roleIds[a]!)),
    pairs.map(([, b], head) => label('Ben', head, roleIds[b]!)),
  ]
}

describe("Cohen's kappa", () => {
  it('is 0.4 for the 50 grant proposals', () => {
    // The worked example of the encyclopaedia article on Cohen's kappa: both say yes to 20 and no to 15, only A says
    // yes to 5, only B to 10. p_o = 35/50; A says yes to 25/50, B to 30/50, so p_e = 0.5 0.6 + 0.5 0.4 = 0.5.
    const [first, second] = tabulated(
      [7, 2],
      [
        [20, 5],
        [10, 15],
      ],
    )
    const agreement = agreementOf(first, second, roles)
    expect(agreement).toMatchObject({ heads: 50, agreed: 35, kappa: 0.4, roleIds: [7, 2] })
    expect([...agreement.counts]).toEqual([20, 5, 10, 15])
    expect(agreement.disputes).toHaveLength(15)
  })

  it('is 0.5 for three roles, in the order of the roles', () => {
    // Rows sum to 5, 5, 5 and columns to 5, 6, 4: p_o = 10/15, p_e = (25 + 30 + 20) / 225 = 1/3, (2/3 - 1/3) / (2/3).
    const [first, second] = tabulated(
      [7, 2, 5],
      [
        [4, 1, 0],
        [1, 3, 1],
        [0, 2, 3],
      ],
    )
    const agreement = agreementOf(first, second, roles)
    expect(agreement).toMatchObject({ heads: 15, agreed: 10, kappa: 0.5, roleIds: [7, 2, 5] })
    const turned = agreementOf(second, first, roles)
    expect(turned.kappa).toBe(0.5)
    expect([...turned.counts]).toEqual([4, 1, 0, 1, 3, 2, 0, 1, 3])
  })

  it('is -1 when two annotators always differ, each way equally often', () => {
    const [first, second] = tabulated(
      [7, 2],
      [
        [0, 4],
        [4, 0],
      ],
    )
    expect(agreementOf(first, second, roles).kappa).toBe(-1)
  })

  it('is nothing when no head has two roles, or chance alone agrees on all', () => {
    expect(agreementOf([], [], roles)).toMatchObject({ heads: 0, agreed: 0, kappa: null, roleIds: [], disputes: [] })
    const same = agreementOf(...tabulated([2], [[3]]), roles)
    expect(same).toMatchObject({ heads: 3, agreed: 3, kappa: null, roleIds: [2] })
  })

  it('lies between -1 and 1 whatever the table', () => {
    const table = fc.array(fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(table, (counts) => {
        const { kappa, heads, agreed } = agreementOf(...tabulated([7, 2, 5], counts), roles)
        if (kappa === null) return
        expect(Math.abs(kappa)).toBeLessThanOrEqual(1)
        expect(kappa === 1).toBe(agreed === heads)
      }),
    )
  })
})

describe('disputes', () => {
  it('are heads of different roles, and heads that either calls disputed', () => {
    const first = [
      label('Ann', 3, 7),
      label('Ann', 0, 7),
      label('Ann', 1, 7),
      label('Ann', 2, 7, 'disputed'),
      label('Ann', 4, null),
      label('Ann', 5, 7, 'disputed'),
    ]
    const second = [
      label('Ben', 0, 7),
      label('Ben', 1, 2),
      label('Ben', 2, 7),
      label('Ben', 3, null, 'disputed'),
      label('Ben', 4, 2),
    ]
    const { disputes, heads } = agreementOf(first, second, roles)
    expect(heads).toBe(3)
    expect(disputes.map((dispute) => [dispute.head, dispute.first.annotator, dispute.second.annotator])).toEqual([
      [1, 'Ann', 'Ben'],
      [2, 'Ann', 'Ben'],
      [3, 'Ann', 'Ben'],
    ])
  })
})

describe('label/agreement', () => {
  it('is between two annotators of a workspace', async () => {
    const place = temporaryFolder()
    const workspace = labelWorkspace(join(place.folder, 'a.headwise'))
    try {
      const modelId = addModel(workspace.db)
      const set = (annotator: string, head: number, roleId: number) =>
        workspace.client['label/set']({ modelId, annotator, heads: [{ layer: 0, head }], change: { roleId } })
      for (const [head, roleId] of [
        [0, 1],
        [1, 1],
        [2, 2],
        [3, 2],
      ] as const)
        await set('Ann', head, roleId)
      for (const [head, roleId] of [
        [0, 1],
        [1, 2],
        [2, 2],
        [5, 2],
      ] as const)
        await set('Ben', head, roleId)
      const ask = { modelId, first: 'Ann', second: 'Ben' }
      // p_o = 2/3, p_e = (2 1 + 1 2) / 9 = 4/9
      expect((await workspace.client['label/agreement'](ask)).kappa).toBeCloseTo(0.4, 12)
      await expect(workspace.client['label/agreement']({ ...ask, second: 'Ann' })).rejects.toThrow(
        'Agreement is between two annotators; both are "Ann".',
      )
    } finally {
      workspace.close()
      place.remove()
    }
  })
})
