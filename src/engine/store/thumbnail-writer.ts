/**
 * Keeps thumbnails in the workspace, many in one transaction: each of its own would wait for the disk, and a grid asks
 * for hundreds at once. What a crash loses is made again.
 */
import { readThumbnail, saveThumbnail } from './data-sets.ts'
import { inTransaction, type WriteDb } from './database.ts'

const writeAfterMs = 500
const mostKept = 500

export class ThumbnailWriter {
  readonly #db: WriteDb
  #waiting = new Map<number, Uint8Array>()
  #timer: NodeJS.Timeout | undefined

  constructor(db: WriteDb) {
    this.#db = db
  }

  read(imageId: number): Uint8Array | undefined {
    return this.#waiting.get(imageId) ?? readThumbnail(this.#db, imageId)
  }

  add(imageId: number, webp: Uint8Array): void {
    this.#waiting.set(imageId, webp)
    if (this.#waiting.size >= mostKept) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), writeAfterMs)
  }

  close(): void {
    this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const thumbnails = this.#waiting
    this.#waiting = new Map()
    if (thumbnails.size === 0) return
    try {
      inTransaction(this.#db, () => {
        for (const [imageId, webp] of thumbnails) saveThumbnail(this.#db, imageId, webp)
      })
    } catch {
      // A full disk must not stop anybody from looking at images.
    }
  }
}
