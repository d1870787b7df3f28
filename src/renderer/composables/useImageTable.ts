/** The images of a filtered list as a CSV table, read page by page. */
import type { DataSet, Image, ImageFilter } from '../../contract/data-set.ts'
import { csvOf } from '../draw/csv.ts'
import { filterWords } from '../draw/provenance.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'

const pageSize = 1000

export function useImageTable() {
  const app = useAppStore()
  const notices = useNoticeStore()

  async function readAll(dataSetId: number, filter: ImageFilter): Promise<Image[]> {
    const images: Image[] = []
    for (;;) {
      const page = await app.client()['image/page']({ dataSetId, filter, offset: images.length, limit: pageSize })
      images.push(...page.images)
      if (images.length >= page.total || page.images.length === 0) return images
    }
  }

  async function saveImages(dataSet: DataSet, filter: ImageFilter): Promise<void> {
    try {
      const images = await readAll(dataSet.id, filter)
      const rows = images.map(({ ordinal, path, label, split }) => [ordinal, path, label, split])
      const columns = ['ordinal', 'path', 'label', 'split']
      saveFile(
        fileNameOf(`${dataSet.name} images`, 'csv'),
        csvOf({ columns, rows }, imageTableProvenance(dataSet, filter, images.length, app.app?.programVersion ?? '')),
        'text/csv',
      )
    } catch (error) {
      notices.fail(error)
    }
  }

  function saveProblems(dataSet: DataSet): void {
    const rows = dataSet.problems.map(({ where, reason }) => [where, reason])
    const facts = [
      `Data set: ${dataSet.name}`,
      `Data set hash: ${dataSet.hash}`,
      `Left out: ${dataSet.problems.length} rows or files`,
      `Program: Headwise ${app.app?.programVersion ?? ''}`,
    ]
    saveFile(
      fileNameOf(`${dataSet.name} left out`, 'csv'),
      csvOf({ columns: ['where', 'reason'], rows }, facts),
      'text/csv',
    )
  }

  return { saveImages, saveProblems }
}

export function imageTableProvenance(
  { name, hash, images, root }: DataSet,
  filter: ImageFilter,
  found: number,
  programVersion: string,
): string[] {
  return [
    `Data set: ${name}`,
    `Data set hash: ${hash}`,
    `Folder: ${root}`,
    `Images: ${found} of ${images}, ${filterWords(filter)}`,
    `Program: Headwise ${programVersion}`,
  ]
}
