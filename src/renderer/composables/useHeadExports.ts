/** Tables and sheets of heads, as files with their provenance. */
import { headsTable, textsTable } from '../draw/head-tables.ts'
import { csvOf } from '../draw/csv.ts'
import { headName } from '../draw/format.ts'
import { factsOf, linesOf, wholeHash } from '../draw/provenance.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import type { HeadPlace } from '../../contract/head.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useCommands } from './useCommands.ts'
import { type HeadsPlace, placeOf } from './useHeadsPlace.ts'

export function useHeadExports(place: HeadsPlace) {
  const app = useAppStore()
  const labels = useLabelStore()
  const notices = useNoticeStore()

  const provenance = (hashFigures?: number) =>
    linesOf(
      factsOf(
        {
          run: place.run.value,
          textSpan: place.textSpan.value,
          programVersion: app.app?.programVersion,
        },
        hashFigures,
      ),
    )
  const saveCsv = (title: string, table: Parameters<typeof csvOf>[0], more: string[] = []) =>
    saveFile(fileNameOf(title, 'csv'), csvOf(table, [...provenance(wholeHash), ...more]), 'text/csv')

  function saveTexts(): void {
    const name = place.current.value
    if (!name || !place.head.value) return
    saveCsv(`${name} texts`, textsTable(place.head.value, place.poolTexts.value), [`Head: ${name}`])
  }

  function saveHeads(): void {
    const rows = place.names.value.map((name) => {
      const label = labels.own.get(name)
      return {
        name,
        ...placeOf(name)!,
        effect: place.effects.value?.content?.get(name),
        described: place.described.value?.get(name),
        label,
        role: labels.roleById.get(label?.roleId ?? -1),
      }
    })
    saveCsv('heads', headsTable(rows, app.annotator), [`Labels: ${app.annotator}`])
  }

  async function saveSheet(heads: HeadPlace[]): Promise<void> {
    const textSpanId = place.textSpan.value?.id
    if (textSpanId === undefined || heads.length === 0) return
    try {
      const { fileName, html } = await app.client()['report/head-sheet']({ textSpanId, heads })
      saveFile(fileName, html, 'text/html')
    } catch (error) {
      notices.fail(error)
    }
  }

  const isDescribed = ({ layer, head }: HeadPlace) => place.described.value?.has(headName(layer, head)) ?? false
  const chosen = () => place.targets.value.filter(isDescribed)
  const reviewed = () =>
    place.counted.value
      .filter((name) => labels.own.get(name)?.state === 'reviewed')
      .map((name) => placeOf(name)!)
      .filter(isDescribed)

  useCommands([
    {
      title: 'Save the head sheet of the selected heads',
      group: 'Heads',
      isOn: () => chosen().length > 0,
      run: () => void saveSheet(chosen()),
    },
    {
      title: 'Save the head sheets of all reviewed heads',
      group: 'Heads',
      isOn: () => reviewed().length > 0,
      isMinor: true,
      run: () => void saveSheet(reviewed()),
    },
    {
      title: 'Save this head’s texts as CSV',
      group: 'Heads',
      isMinor: true,
      isOn: () => place.head.value !== undefined,
      run: saveTexts,
    },
    { title: 'Save all heads as CSV', group: 'Heads', isMinor: true, run: saveHeads },
  ])

  return { provenance, saveTexts, saveHeads, saveSheet, chosen, reviewed }
}
