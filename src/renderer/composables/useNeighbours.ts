/**
 * The images before and after one, in the order of the data set within the filter that a person came from. A filtered
 * list is asked for by place, and its places rise with the images' ordinals, so the image is found by halving.
 */
import type { Image, ImageFilter } from '../../contract/data-set.ts'
import { useAppStore } from '../stores/appStore.ts'
import type { ImagePage } from './useImagePages.ts'
import { isUnfiltered } from './useImageFilter.ts'
import { useAnswer } from './useAnswer.ts'

export type Neighbours = {
  /** from 0; undefined when the filter leaves this image out */
  place: number | undefined
  total: number
  before: Image | undefined
  after: Image | undefined
}

export type ReadPage = (offset: number, limit: number) => Promise<ImagePage>

/**
 * @param guess  a place where it probably is
 * @returns the neighbours of the image with this ordinal; of an image that is not in the list, those between which it lies
 */
export async function findNeighbours(read: ReadPage, ordinal: number, guess: number): Promise<Neighbours> {
  const near = await around(read, guess)
  if (near.images[near.at]?.ordinal === ordinal) return neighboursIn(near, guess)
  let [from, to] = [0, near.total]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    const [image] = (await read(middle, 1)).images
    if (image === undefined || image.ordinal >= ordinal) to = middle
    else from = middle + 1
  }
  const found = await around(read, from)
  if (found.images[found.at]?.ordinal === ordinal) return neighboursIn(found, from)
  return { place: undefined, total: found.total, before: found.images[found.at - 1], after: found.images[found.at] }
}

type Near = { images: Image[]; at: number; total: number }

async function around(read: ReadPage, place: number): Promise<Near> {
  const offset = Math.max(0, place - 1)
  const { total, images } = await read(offset, 3)
  return { total, images, at: place - offset }
}

function neighboursIn({ images, at, total }: Near, place: number): Neighbours {
  return { place, total, before: images[at - 1], after: images[at + 1] }
}

export type NeighboursAsk = { dataSetId: number; filter: ImageFilter; ordinal: number }

export function useNeighbours(ask: () => NeighboursAsk | undefined) {
  const app = useAppStore()
  let last: { key: string; ordinal: number; place: number } | undefined
  const { answer } = useAnswer(() => {
    const asked = ask()
    if (!asked) return undefined
    const { dataSetId, filter, ordinal } = asked
    const key = JSON.stringify({ dataSetId, filter })
    const step = last?.key === key ? Math.sign(ordinal - last.ordinal) : 0
    const guess = isUnfiltered(filter) ? ordinal : last?.key === key ? Math.max(0, last.place + step) : 0
    const read: ReadPage = (offset, limit) => app.client()['image/page']({ dataSetId, filter, offset, limit })
    return findNeighbours(read, ordinal, guess).then((found) => {
      if (found.place !== undefined) last = { key, ordinal, place: found.place }
      return { ...found, ordinal }
    })
  })
  return { neighbours: answer }
}
