/** Heads as tables to hand on. Shares are fractions, 0 to 1, unrounded. */
import type { Label } from '../../contract/label.ts'
import type { PoolText } from '../../contract/pool.ts'
import type { Role } from '../../contract/role.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import type { CsvTable } from './csv.ts'

/** The texts of one head in the order of their steps. */
export function textsTable(head: DescribedHead, poolTexts: ReadonlyMap<number, PoolText> | undefined): CsvTable {
  return {
    columns: ['step', 'text', 'share_added', 'share_explained', 'margin', 'tags', 'written_after_heads'],
    rows: head.steps.map(({ textId, text, explained, margin }, at) => [
      at + 1,
      text,
      explained - (head.steps[at - 1]?.explained ?? 0),
      explained,
      margin,
      poolTexts?.get(textId)?.roles.join('; ') ?? null,
      poolTexts?.get(textId)?.afterHeads.join('; ') ?? null,
    ]),
  }
}

export type HeadRow = {
  name: string
  layer: number
  head: number
  effect: number | undefined
  described: DescribedHead | undefined
  label: Label | undefined
  role: Role | undefined
}

/** One row a head: its effect, what its texts explain, the first of them, and the annotator's label. */
export function headsTable(heads: HeadRow[], annotator: string): CsvTable {
  return {
    columns: [
      ...['head', 'layer', 'head_of_layer', 'direct_effect', 'variance_of_result', 'rank', 'texts', 'share_explained'],
      ...['text_1', 'text_2', 'text_3', 'role', 'confidence', 'state', 'note', 'annotator'],
    ],
    rows: heads.map(({ name, layer, head, effect, described, label, role }) => [
      name,
      layer,
      head,
      effect ?? null,
      described?.variance ?? null,
      described?.rank ?? null,
      described?.steps.length ?? null,
      described?.steps.at(-1)?.explained ?? null,
      ...[0, 1, 2].map((at) => described?.steps[at]?.text ?? null),
      role?.name ?? null,
      label?.confidence ?? null,
      label?.state ?? 'open',
      label?.note ?? null,
      annotator,
    ]),
  }
}
