/** Pools and tables as files, and pools from files. Every table says where its numbers come from. */
import { shallowRef } from 'vue'
import { poolFormats } from '../../contract/pool.ts'
import type { Pool, PoolVersion, PoolWarning } from '../../contract/pool.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import { csvOf } from '../draw/csv.ts'
import { headName } from '../draw/format.ts'
import { factsOf, linesOf, wholeHash } from '../draw/provenance.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import type { DiffRow } from '../pool/diff-rows.ts'
import { filterTitles } from '../pool/row-order.ts'
import { writtenTags } from '../pool/text-check.ts'
import { counted } from '../pool/words.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useContextStore } from '../stores/contextStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useWorkspaceStore } from '../stores/workspaceStore.ts'
import type { PoolsPlace } from './usePoolsPlace.ts'

/** An entry of a menu, as MenuButton.vue takes it. */
type MenuEntry = { kind: 'item'; title: string; run: () => void } | { kind: 'label'; title: string } | { kind: 'rule' }
type Cells = (string | number | null)[][]

const types = { txt: 'text/plain', csv: 'text/csv', json: 'application/json' } as const

export function usePoolFiles(place: PoolsPlace) {
  const app = useAppStore()
  const context = useContextStore()
  const workspace = useWorkspaceStore()
  const notices = useNoticeStore()
  const isBusy = shallowRef(false)
  const error = shallowRef<unknown>()
  const client = () => workspace.client()

  /** @returns whether it is there; why not is then in `error` */
  async function take(
    ask: () => Promise<{ pool: Pool; warnings: PoolWarning[]; isUnchanged: boolean }>,
  ): Promise<boolean> {
    isBusy.value = true
    try {
      const { pool, warnings, isUnchanged } = await ask()
      workspace.pools = await client()['pool/list']({})
      place.choosePool(pool.id)
      const { number, texts } = pool.versions[0]!
      const left = warnings.length > 0 ? ` ${leftOut(warnings)}` : ''
      notices.done(
        isUnchanged
          ? `${pool.name} has these texts already, in version ${number}.`
          : `${pool.name} is at version ${number}, ${counted(texts, 'text')}.${left}`,
      )
      error.value = undefined
      return true
    } catch (cause) {
      error.value = cause
      return false
    } finally {
      isBusy.value = false
    }
  }

  const add = (name: string, fileName: string, content: string) =>
    take(() => client()['pool/import']({ name, fileName, content, annotator: app.annotator }))
  const addStarter = () => take(() => client()['pool/add-starter']({}))

  async function save(format: (typeof poolFormats)[number], versionId?: number): Promise<void> {
    try {
      const { fileName, content } = await client()['pool/export']({ poolId: place.poolId.value!, versionId, format })
      saveFile(fileName, content, types[format])
    } catch (cause) {
      notices.fail(cause)
    }
  }

  /** Lines of the run and the result that numbers are of. */
  function originOf(textSpan: TextSpan | undefined): string[] {
    const run = workspace.runs.find(({ id }) => id === textSpan?.runId) ?? context.run
    return linesOf(factsOf({ run, textSpan, programVersion: app.app?.programVersion }, wholeHash))
  }

  function saveDiff(before: PoolVersion, after: PoolVersion, rows: DiffRow[]): void {
    const name = place.pool.value!.name
    const columns = ['what', 'text', 'tags_before', 'tags_after', 'source_before', 'source_after']
    const cells = rows.map((row): Cells[number] => [
      row.kind,
      row.text,
      row.before ? writtenTags(row.before.roles) : null,
      row.after ? writtenTags(row.after.roles) : null,
      row.before?.source ?? null,
      row.after?.source ?? null,
    ])
    saveTable(`${name} version ${before.number} to ${after.number}`, columns, cells, [
      `Before: ${name} version ${before.number} ${before.hash}`,
      `After: ${name} version ${after.number} ${after.hash}`,
      ...linesOf(factsOf({ programVersion: app.app?.programVersion })),
    ])
  }

  /** @param origin lines on top that say what the numbers are of */
  function saveTable(title: string, columns: string[], rows: Cells, origin: string[]): void {
    saveFile(fileNameOf(title, 'csv'), csvOf({ columns, rows }, [`Table: ${title}`, ...origin]), 'text/csv')
  }

  /** The draft's rows as they are shown, with use and weight. */
  function saveDraftTable(): void {
    const pool = place.pool.value!
    const useOf = place.use.useOf.value
    const { number, hash } = pool.versions[0]!
    const { filter, find, tag } = place.criteria.all.value
    const shown = [filterTitles[filter], find && `with "${find}"`, tag && `tag ${tag}`].filter(Boolean).join(', ')
    const rows = place.view.value.map((row): Cells[number] => {
      const use = useOf?.get(row.text)
      const heads = use?.heads.map(({ layer, head }) => headName(layer, head)).join(' ') ?? ''
      return [
        place.numberOf(row.id),
        row.text,
        writtenTags(row.roles),
        row.source,
        useOf ? (use?.heads.length ?? 0) : null,
        useOf ? (use?.weight ?? 0) : null,
        heads,
        row.afterHeads.join(' '),
      ]
    })
    const columns = ['number', 'text', 'tags', 'source', 'used_in_heads', 'weight', 'heads', 'written_after_heads']
    const draftOf = pool.isChanged ? 'draft, changed since' : 'draft, the same as'
    saveTable(`${pool.name} texts`, columns, rows, [
      `Pool: ${pool.name}, ${draftOf} version ${number} ${hash}`,
      `Rows: ${rows.length} of ${place.rows.value.length}: ${shown}`,
      useOf
        ? 'Use and weight: of the TEXTSPAN result below; weight is a share of the variance of all described heads'
        : 'Use and weight: no TEXTSPAN result of this pool',
      ...originOf(place.use.textSpan.value),
    ])
  }

  function saveProposalTable(): void {
    const { proposed, before, comparison } = place.proposal
    const heads = comparison.answer.value?.heads ?? []
    const columns = ['head', 'explained_before', 'explained_after', 'gained', 'lost', 'moved']
    const rows = heads.map((head): Cells[number] => [
      headName(head.layer, head.head),
      head.before,
      head.after,
      head.gained.join('; '),
      head.lost.join('; '),
      head.moved,
    ])
    saveTable(`${proposed.value?.poolName} what the draft would change`, columns, rows, [
      `After: proposed result ${proposed.value?.id}, pool hash ${proposed.value?.poolHash}`,
      `Before: result ${before.value?.id}, version ${before.value?.poolVersion}, pool hash ${before.value?.poolHash}`,
      ...originOf(proposed.value),
    ])
  }

  const saveEntries = (versionId?: number): MenuEntry[] => [
    { kind: 'label', title: versionId === undefined ? 'The draft' : 'This version' },
    ...poolFormats.map((format): MenuEntry => ({
      kind: 'item',
      title: `Save as .${format}`,
      run: () => void save(format, versionId),
    })),
    ...(versionId === undefined
      ? ([
          { kind: 'rule' },
          { kind: 'item', title: 'Save the table with use and weight (CSV)', run: saveDraftTable },
        ] satisfies MenuEntry[])
      : []),
  ]

  return { add, addStarter, isBusy, error, saveEntries, saveDiff, saveProposalTable }
}

function leftOut(warnings: PoolWarning[]): string {
  const [first] = warnings
  const others = warnings.length > 1 ? ` and ${warnings.length - 1} more` : ''
  return `Left out: line ${first!.line}, “${first!.text}”, ${first!.reason}${others}.`
}
