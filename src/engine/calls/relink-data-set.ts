/** Points a data set to where its images are now, after looking at every one of them. */
import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import {
  imagesBetween,
  inTransaction,
  listDataSets,
  moveDataSet,
  saveModifiedTimes,
  storedPath,
  type StoredImage,
} from '../store/index.ts'
import type { CallContext } from './context.ts'
import { onlyOne } from './only-one.ts'

/**
 * Writes what is other than before, and nothing where nothing is.
 * @throws HeadwiseError 'changed' when an image is missing there or has another size
 */
export function relinkDataSet(
  context: CallContext,
  name: string | undefined,
  path: string,
): { name: string; path: string } {
  const db = context.write()
  const dataSet = onlyOne(listDataSets(db), name, 'data set')
  const root = resolve(path)
  const images = imagesBetween(db, dataSet.id, 0, dataSet.imageCount)
  const times = images.map((image) => {
    const place = dataSet.kind === 'mat' ? root : join(root, image.path)
    return { id: image.id, modifiedMs: sameFile(place, image, dataSet.name) }
  })
  const stored = storedPath(context.path, root)
  const otherTimes = times.filter(({ modifiedMs }, at) => modifiedMs !== images[at]!.modifiedMs)
  if (stored !== dataSet.root || otherTimes.length > 0) {
    // Copying gives files new times; their sizes were just found to be right.
    inTransaction(db, () => {
      moveDataSet(db, dataSet.id, stored)
      saveModifiedTimes(db, otherTimes)
    })
    context.changed('data-set')
  }
  return { name: dataSet.name, path: root }
}

function sameFile(place: string, image: StoredImage, dataSetName: string): number {
  const found = statSync(place, { throwIfNoEntry: false })
  if (found?.isFile() && found.size === image.sizeBytes) return found.mtimeMs
  const came = found ? `${found.size} bytes` : 'no such file'
  throw new HeadwiseError(
    'changed',
    `"${basename(place)}" of "${dataSetName}" must have ${image.sizeBytes} bytes; there is ${came}. Nothing was relinked.`,
  )
}
