/** Where an image stands in a sorted and filtered list: known when it was opened from there, else looked up. */
import { shallowRef, type ShallowRef, watch } from 'vue'
import type { Image } from '../../contract/data-set.ts'
import type { ImagePage } from './useImagePages.ts'

export type ListOfImages = {
  /** what names the list; undefined: none */
  list: () => string | undefined
  readPage: (list: string, offset: number, limit: number) => Promise<ImagePage>
  imageAt: (index: number) => Image | undefined
  see: (from: number, to: number) => void
  revision: ShallowRef<number>
}

const lookedAtOnce = 1000

/**
 * @param asked  the place that the address says, which may be that of another list
 * @returns `at` is undefined while the image is looked up, and when the list does not have it; its neighbours are read
 */
export function usePlaceInList(of: ListOfImages, imageId: () => number | undefined, asked: () => number) {
  const at = shallowRef<number>()
  const isLookedUp = shallowRef(false)
  let lookingFor = ''

  function found(place: number): void {
    at.value = place
    of.see(Math.max(0, place - 1), place + 1)
  }

  async function lookUp(id: number, list: string): Promise<void> {
    const key = `${id} ${list}`
    if (lookingFor === key) return
    lookingFor = key
    at.value = undefined
    isLookedUp.value = false
    const place = await placeOf((offset) => of.readPage(list, offset, lookedAtOnce), id, asked()).catch(() => -1)
    if (lookingFor !== key) return
    lookingFor = ''
    isLookedUp.value = true
    if (place >= 0) found(place)
  }

  watch(
    [imageId, of.list, of.revision],
    ([id, list]) => {
      if (id === undefined || list === undefined) return void (at.value = undefined)
      const there = [asked(), at.value ?? -1].find((place) => place >= 0 && of.imageAt(place)?.id === id)
      if (there === undefined) return void lookUp(id, list)
      lookingFor = ''
      isLookedUp.value = true
      found(there)
    },
    { immediate: true },
  )

  return { at, isLookedUp }
}

/** @returns -1 when the list does not have the image */
async function placeOf(read: (offset: number) => Promise<ImagePage>, id: number, asked: number): Promise<number> {
  let total = Infinity
  const look = async (offset: number) => {
    const page = await read(offset)
    total = page.total
    const place = page.images.findIndex((image) => image.id === id)
    return place < 0 ? -1 : offset + place
  }
  const near = asked >= 0 ? await look(Math.floor(asked / lookedAtOnce) * lookedAtOnce) : -1
  if (near >= 0) return near
  for (let offset = 0; offset < total; offset += lookedAtOnce) {
    const place = await look(offset)
    if (place >= 0) return place
  }
  return -1
}
