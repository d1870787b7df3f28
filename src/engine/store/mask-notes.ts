/**
 * What people note about masks. Rows are added and never changed; of an image and annotator the newest counts. An image
 * has the flags that any annotator's newest note gives it.
 */
import type { MaskNote } from '../../contract/segment.ts'
import type { ReadDb, WriteDb } from './database.ts'

const noteColumns = 'id, image_id AS imageId, annotator, flags, note, made_ms AS madeMs'
type Row = Omit<MaskNote, 'flags'> & { flags: string }

function fromRow(row: Row): MaskNote {
  return { ...row, flags: JSON.parse(row.flags) as string[] }
}

export function insertMaskNote(db: WriteDb, note: Omit<MaskNote, 'id'>): MaskNote {
  const row = db
    .prepare(
      `INSERT INTO mask_note (image_id, annotator, flags, note, made_ms) VALUES (?, ?, ?, ?, ?) RETURNING ${noteColumns}`,
    )
    .get(note.imageId, note.annotator, JSON.stringify(note.flags), note.note, Math.round(note.madeMs)) as Row
  return fromRow(row)
}

/** Of all annotators, newest first: by id, since clocks go back. */
export function maskNotes(db: ReadDb, imageId: number): MaskNote[] {
  const rows = db
    .prepare(`SELECT ${noteColumns} FROM mask_note WHERE image_id = ? ORDER BY id DESC`)
    .all(imageId) as Row[]
  return rows.map(fromRow)
}

/** Pairs of image and flag, each once, as the notes are now. */
export const currentFlags = `
  SELECT DISTINCT n.image_id, f.value AS flag
  FROM (SELECT max(id) AS id FROM mask_note GROUP BY image_id, annotator) newest
  JOIN mask_note n ON n.id = newest.id, json_each(n.flags) f`

/** Flags in use in a data set with their number of images, most first. */
export function flagsOfDataSet(db: ReadDb, dataSetId: number): { flag: string; images: number }[] {
  return db
    .prepare(
      `SELECT flag, count(*) AS images FROM (${currentFlags}) JOIN image i ON i.id = image_id
       WHERE i.data_set_id = ? GROUP BY flag ORDER BY images DESC, flag`,
    )
    .all(dataSetId) as { flag: string; images: number }[]
}

/** Image id -> flags, sorted. Images without any are absent. */
export function flagsOfImages(db: ReadDb, imageIds: number[]): Map<number, string[]> {
  const rows = db
    .prepare(
      `SELECT DISTINCT n.image_id AS imageId, f.value AS flag
       FROM (SELECT max(id) AS id FROM mask_note WHERE image_id IN (SELECT value FROM json_each(?))
         GROUP BY image_id, annotator) newest
       JOIN mask_note n ON n.id = newest.id, json_each(n.flags) f ORDER BY 1, 2`,
    )
    .all(JSON.stringify(imageIds)) as { imageId: number; flag: string }[]
  const byImage = new Map<number, string[]>()
  for (const { imageId, flag } of rows) byImage.set(imageId, [...(byImage.get(imageId) ?? []), flag])
  return byImage
}
