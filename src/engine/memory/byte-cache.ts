/** Results that are quick to have again, up to a number of bytes: what was used longest ago goes first. */
export class ByteCache<Thing> {
  readonly #mostBytes: number
  readonly #entries = new Map<string, { thing: Thing; bytes: number }>()
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get(key: string): Thing | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    // A map keeps the order of insertion, so the newest use stands last.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.thing
  }

  /** @returns the thing itself, kept or not: what is larger than the whole cache is not kept */
  set(key: string, thing: Thing, bytes: number): Thing {
    this.delete(key)
    if (bytes > this.#mostBytes) return thing
    this.#entries.set(key, { thing, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.delete(oldest)
    }
    return thing
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
