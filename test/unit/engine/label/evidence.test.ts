/** Evidence: how a head's explained variance falls to role tags. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Role } from '../../../../src/contract/role.ts'
import { evidenceOf } from '../../../../src/engine/label/index.ts'
import { addModel, addTextSpan, labelWorkspace } from '../../../support/label-workspace.ts'
import { temporaryFolder } from '../../../support/sample.ts'

const role = (id: number, name: string, isRetired = false): Role => ({
  id,
  name,
  color: '#000000',
  letter: 'X',
  description: '',
  position: id,
  isRetired,
})
const described = (explained: number[]) => ({
  layer: 5,
  head: 2,
  rank: 7,
  variance: 1,
  steps: explained.map((share, at) => ({ textId: at + 1, text: `text ${at}`, explained: share, margin: 0.5 })),
})

describe('evidence', () => {
  it('gives what each text adds to its tags in equal parts, most first', () => {
    const tags = new Map([
      [1, ['Place', 'weather']],
      [2, ['PLACE']],
      [4, ['colour']],
    ])
    const roles = [role(1, 'place'), role(9, 'weather', true)]
    // The texts add 0.4, 0.2, 0.1 and 0.05.
    const evidence = evidenceOf(described([0.4, 0.6, 0.7, 0.75]), tags, roles)
    expect(evidence.shares.map(({ role: tag, roleId }) => [tag, roleId])).toEqual([
      ['Place', 1],
      ['weather', 9],
      ['colour', null],
    ])
    const [place, weather, colour] = evidence.shares
    expect(place!.share).toBeCloseTo(0.4, 12)
    expect(weather!.share).toBeCloseTo(0.2, 12)
    expect(colour!.share).toBeCloseTo(0.05, 12)
    expect(evidence.untagged).toBeCloseTo(0.1, 12)
    expect(evidence.unexplained).toBeCloseTo(0.25, 12)
  })

  it('of a head that no text describes is all unexplained', () => {
    expect(evidenceOf(described([]), new Map(), [])).toEqual({
      layer: 5,
      head: 2,
      shares: [],
      untagged: 0,
      unexplained: 1,
    })
  })

  it('adds up to 1, whatever the steps and tags', () => {
    const step = fc.record({ added: fc.double({ min: 0, max: 1, noNaN: true }), tags: fc.subarray(['a', 'b', 'c']) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (steps, whole) => {
        const sum = steps.reduce((total, { added }) => total + added, 0) || 1
        let explained = 0
        const shares = steps.map(({ added }) => Math.min(1, (explained += (added / sum) * whole)))
        const tags = new Map(steps.map((each, at) => [at + 1, each.tags]))
        const evidence = evidenceOf(described(shares), tags, [])
        const all = [evidence.untagged, evidence.unexplained, ...evidence.shares.map(({ share }) => share)]
        expect(all.every((share) => share >= 0 && share <= 1)).toBe(true)
        expect(all.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 9)
      }),
    )
  })

  it('comes from a TEXTSPAN result and the tags of its pool version', async () => {
    const place = temporaryFolder()
    const workspace = labelWorkspace(join(place.folder, 'a.headwise'))
    try {
      const texts = [
        { text: 'a lake', role: 'Place' },
        { text: 'a red lake', role: 'place; color' },
        { text: 'something', role: null },
      ]
      const steps = [
        { text: 'a red lake', explained: 0.5 },
        { text: 'a lake', explained: 0.625 },
        { text: 'something', explained: 0.75 },
      ]
      const textSpanId = addTextSpan(workspace.db, addModel(workspace.db), {
        texts,
        heads: [{ layer: 5, head: 2, steps }],
      })
      expect(await workspace.client['label/evidence']({ textSpanId })).toEqual([
        {
          layer: 5,
          head: 2,
          shares: [
            { role: 'place', roleId: 1, share: 0.375 },
            { role: 'color', roleId: 3, share: 0.25 },
          ],
          untagged: 0.125,
          unexplained: 0.25,
        },
      ])
      await expect(workspace.client['label/evidence']({ textSpanId: 9 })).rejects.toThrow(
        'There is no TEXTSPAN result 9 in this workspace.',
      )
    } finally {
      workspace.close()
      place.remove()
    }
  })
})
