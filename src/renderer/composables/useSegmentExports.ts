/** Files of an evaluation: tables with their provenance, and masks that the engine writes into a folder. */
import type { Evaluation, ImageScore, segmentExports } from '../../contract/segment.ts'
import { csvOf, type CsvTable } from '../draw/csv.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import { classesTable, curveTable, evaluationProvenance, evaluationsTable, imagesTable } from '../segment/tables.ts'
import { evaluationTitle } from '../segment/words.ts'
import { useAppStore } from '../stores/appStore.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'
import { useSegmentStore } from '../stores/segmentStore.ts'
import { askForPath } from './useAdding.ts'
import type { SegmentsPlace } from './useSegmentsPlace.ts'

type Kind = (typeof segmentExports)[number]

const readAtOnce = 1000

export function useSegmentExports(place: SegmentsPlace) {
  const app = useAppStore()
  const notices = useNoticeStore()
  const segments = useSegmentStore()

  function save(title: string, table: CsvTable, provenance: string[]): void {
    saveFile(fileNameOf(title, 'csv'), csvOf(table, provenance), 'text/csv')
  }

  async function told(work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => notices.fail(error))
  }
  const withEvaluation = (work: (evaluation: Evaluation) => Promise<unknown>) => {
    const { evaluation } = place
    return evaluation.value ? told(() => work(evaluation.value!)) : Promise.resolve()
  }

  function saveEvaluations(): void {
    const facts = [
      `Evaluations: ${segments.evaluations.length} of the workspace ${app.workspaceName}; each row has its own provenance`,
      'Scores: pixel accuracy and IoU over all pixels of the set, average precision as a mean over images',
      'Intervals: 95 % percentile, 1,000 bootstrap draws over images, seed 1',
      `Program: Headwise ${app.app?.programVersion ?? ''}`,
    ]
    save(`evaluations of ${app.workspaceName}`, evaluationsTable(segments.evaluations), facts)
  }

  const saveImages = () =>
    withEvaluation(async (evaluation) => {
      const list = place.list.value
      if (list === undefined) return
      const images: ImageScore[] = []
      for (let total = Infinity; images.length < total;) {
        const page = await place.readPage(list, images.length, readAtOnce)
        total = page.images.length === 0 ? images.length : page.total
        images.push(...page.images)
      }
      const against = place.against.value
      const facts = [
        ...evaluationProvenance(evaluation),
        `Listed: ${images.length} images, ${place.listWords.value}`,
        ...(against ? [`Difference: IoU minus that of evaluation ${against.id}, ${evaluationTitle(against)}`] : []),
      ]
      save(`images of ${evaluationTitle(evaluation)}`, imagesTable(images), facts)
    })

  const saveDetails = (what: 'classes' | 'curve') =>
    withEvaluation(async (evaluation) => {
      const { classes, curve } = await app.client()['segment/read']({ evaluationId: evaluation.id })
      const table = what === 'classes' ? classesTable(classes) : curveTable(curve)
      save(`${what} of ${evaluationTitle(evaluation)}`, table, evaluationProvenance(evaluation))
    })

  const exportFiles = (kind: Kind) =>
    withEvaluation(async (evaluation) => {
      const newName = fileNameOf(`${kind} of ${evaluationTitle(evaluation)}`, '').replace(/\.$/, '')
      const folder = await askForPath('new-folder', { newName, title: `Where do the ${kindWords[kind]} go?` })
      if (folder === null) return
      await app.client()['segment/export']({ evaluationId: evaluation.id, kind, folder })
      notices.done(`The ${kindWords[kind]} are being written to ${folder}.`)
    })

  return { saveEvaluations, saveImages, saveDetails, exportFiles }
}

const kindWords: Record<Kind, string> = { masks: 'masks', overlays: 'overlays', coco: 'COCO masks' }
