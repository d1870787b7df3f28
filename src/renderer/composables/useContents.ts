/** Distinct contents of a data set's label, split and attributes, asked for when a list of them is opened. */
import { shallowRef, watch } from 'vue'
import type { DataSet } from '../../contract/data-set.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'

type Content = { content: string; images: number }

/** Columns are named as in the address: "label", "split", "by.place". */
export function useContents(dataSet: () => DataSet | undefined) {
  const app = useAppStore()
  const notices = useNoticeStore()
  const known = shallowRef<ReadonlyMap<string, Content[]>>(new Map())

  watch(
    () => dataSet()?.id,
    () => (known.value = new Map()),
  )

  async function ask(column: string): Promise<void> {
    const { id, splits } = dataSet()!
    try {
      const contents =
        column === 'split'
          ? splits.map(({ split, images }) => ({ content: split, images }))
          : await app.client()['data-set/contents']({
              dataSetId: id,
              attribute: column === 'label' ? undefined : column.replace(/^by\./, ''),
            })
      if (dataSet()?.id === id) known.value = new Map([...known.value, [column, contents]])
    } catch (error) {
      notices.fail(error)
    }
  }

  return { contentsOf: (column: string) => known.value.get(column), ask }
}
