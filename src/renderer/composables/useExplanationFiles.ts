/** Saves what the image page shows: tables, the figure of the terms, the picture with its map; each with its provenance. */
import { csvOf, type CsvTable } from '../draw/csv.ts'
import { savePicture } from '../draw/picture-figure.ts'
import { savePng, saveSvg } from '../draw/save-figure.ts'
import { fileNameOf, saveFile } from '../draw/save-file.ts'
import type { Scale } from '../draw/scales.ts'
import type { MapColors } from '../draw/token-map.ts'
import {
  type ExplanationOrigin,
  explanationProvenance,
  mapTable,
  termFigure,
  termTable,
  tokenTable,
} from '../explain/tables.ts'
import type { Part } from '../explain/terms.ts'
import { formatTerm } from '../explain/words.ts'
import { useNoticeStore } from '../stores/noticeStore.ts'

export type Shown = {
  origin: ExplanationOrigin
  part: Part
  map: HTMLCanvasElement | undefined
  /** of what the model sees */
  pictureUrl: string | undefined
  opacity: number
  colors: MapColors
  scale: Scale
}

const figureWidthPx = 860
const rowPx = 22

export function useExplanationFiles(shown: () => Shown | undefined) {
  const notices = useNoticeStore()

  function withShown(save: (now: Shown) => unknown): void {
    const now = shown()
    if (!now) return
    void Promise.resolve(save(now)).catch((error: unknown) => notices.fail(error))
  }

  function saveTable(title: string, table: CsvTable, provenance: string[]): void {
    saveFile(fileNameOf(title, 'csv'), csvOf(table, provenance), 'text/csv')
  }

  const titleOf = ({ origin }: Shown, what: string) =>
    `${what} of ${origin.image.path}: ${origin.explanation.texts.join(' minus ')}`
  /** the map is of the chosen heads over all tokens */
  const mapPart = ({ part }: Shown): Part => ({ heads: part.heads, mlps: new Set(), token: null })
  const mapLines = (now: Shown) => explanationProvenance(now.origin, now.part.heads.size > 0 ? mapPart(now) : undefined)

  return {
    saveTerms: () =>
      withShown((now) =>
        saveTable(titleOf(now, 'terms'), termTable(now.origin.terms), explanationProvenance(now.origin)),
      ),
    saveTokens: () =>
      withShown((now) =>
        saveTable(titleOf(now, 'terms by token'), tokenTable(now.origin.terms), explanationProvenance(now.origin)),
      ),
    saveMap: () =>
      withShown((now) =>
        saveTable(titleOf(now, 'token map'), mapTable(now.origin.terms, now.part.heads), mapLines(now)),
      ),
    saveFigure: (kind: 'svg' | 'png') =>
      withShown((now) => {
        const figure = {
          title: titleOf(now, 'terms'),
          provenance: explanationProvenance(now.origin),
          option: termFigure(now.origin.terms),
          widthPx: figureWidthPx,
          heightPx: rowPx * (now.origin.terms.layers + 1) + 70,
        }
        return kind === 'svg' ? saveSvg(figure) : savePng(figure)
      }),
    savePicture: () =>
      withShown((now) => {
        if (!now.map || !now.pictureUrl) throw new Error('The picture is not there yet.')
        return savePicture({
          title: titleOf(now, 'token map'),
          provenance: mapLines(now),
          pictureUrl: now.pictureUrl,
          map: now.map,
          opacity: now.opacity,
          colors: now.colors,
          from: formatTerm(now.scale.from),
          to: formatTerm(now.scale.to),
        })
      }),
  }
}
