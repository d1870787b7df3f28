/**
 * Things that are dear to open and will be wanted again soon, such as a model's weights: opened when first used, kept
 * for a while after the last use, and closed then. What is in use is never closed.
 */
export type Closable = { close(): Promise<void> | void }

type Entry<Thing> = {
  thing: Promise<Thing>
  users: number
  timer: NodeJS.Timeout | undefined
  /** closed as soon as the last user is done */
  isDropped: boolean
}

export class Kept<Thing extends Closable> {
  readonly #idleMs: number
  readonly #most: number
  readonly #entries = new Map<string, Entry<Thing>>()

  /**
   * @param idleMs how long a thing stays open unused
   * @param most   things that stay open at once; the one unused longest makes room
   */
  constructor({ idleMs, most }: { idleMs: number; most: number }) {
    this.#idleMs = idleMs
    this.#most = most
  }

  async use<Result>(
    key: string,
    open: () => Promise<Thing>,
    work: (thing: Thing) => Promise<Result> | Result,
  ): Promise<Result> {
    const entry = this.#entryOf(key, open)
    clearTimeout(entry.timer)
    entry.users++
    try {
      return await work(await entry.thing)
    } finally {
      entry.users--
      await this.#rest(key, entry)
    }
  }

  /** Closes everything; what is in use is closed by its last user. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([key, entry]) => this.#drop(key, entry)))
  }

  #entryOf(key: string, open: () => Promise<Thing>): Entry<Thing> {
    const known = this.#entries.get(key)
    if (known) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const entry: Entry<Thing> = { thing: open(), users: 0, timer: undefined, isDropped: false }
    // What could not be opened is tried anew the next time.
    entry.thing.catch(() => this.#entries.get(key) === entry && this.#entries.delete(key))
    this.#entries.set(key, entry)
    for (const [other, idle] of this.#entries) {
      if (this.#entries.size <= this.#most) break
      if (idle !== entry && idle.users === 0) void this.#drop(other, idle)
    }
    return entry
  }

  async #rest(key: string, entry: Entry<Thing>): Promise<void> {
    if (entry.users > 0) return
    if (entry.isDropped) return closed(entry)
    entry.timer = setTimeout(() => void this.#drop(key, entry), this.#idleMs)
    // Nothing that is merely kept may keep the process.
    entry.timer.unref()
  }

  async #drop(key: string, entry: Entry<Thing>): Promise<void> {
    if (entry.isDropped) return
    clearTimeout(entry.timer)
    entry.isDropped = true
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
    if (entry.users === 0) await closed(entry)
  }
}

async function closed<Thing extends Closable>(entry: Entry<Thing>): Promise<void> {
  const thing = await entry.thing.catch(() => undefined)
  await thing?.close()
}
