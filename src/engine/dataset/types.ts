/** What importers, the decoder and preprocessing hand to each other. */
import type { DataSetKind } from '../../contract/data-set.ts'

export type ImportedImage = {
  /** relative to the root, with '/'; "#0", "#1", ... in a .mat file */
  path: string
  label: string | null
  split: string | null
  attributes: Record<string, string>
  sizeBytes: number
  modifiedMs: number
}

export type ImportProblem = {
  /** a path, or "metadata.csv line 7" */
  where: string
  reason: string
}

export type ImportedDataSet = {
  kind: DataSetKind
  /** absolute folder, or the .mat file */
  root: string
  /** attribute names in file order */
  columns: string[]
  images: ImportedImage[]
  problems: ImportProblem[]
}

export type ImportOptions = { signal?: AbortSignal; onProgress?: (count: number) => void }

/** rgb is [y, x, 3], 0 to 255. */
export type DecodedImage = { widthPx: number; heightPx: number; rgb: Uint8Array }
