/**
 * Answers that stay right once they are there, such as what is worked out from a finished run: each is asked for once
 * and read at once from then on, so that going from head to head shows no gap.
 */
import { shallowReactive, toRaw } from 'vue'

export type Kept<Answer> = { content?: Answer; error?: unknown; isWaiting: boolean }

export type AnswerCache<Answer> = {
  /** what is known of a key now; follows what changes */
  look(key: string): Kept<Answer> | undefined
  /** Calls once a key; a call that failed is made again when it is asked for again. */
  ask(key: string, call: () => Promise<Answer>): void
  forget(): void
}

/** @param most answers that are kept; the one that was asked for longest ago goes first */
export function makeAnswerCache<Answer>(most: number): AnswerCache<Answer> {
  const kept = shallowReactive(new Map<string, Kept<Answer>>())
  /** keys, the one asked for last at the end; apart from `kept`, so that a look changes nothing that is watched */
  const recent = new Map<string, true>()
  let generation = 0

  function ask(key: string, call: () => Promise<Answer>): void {
    recent.delete(key)
    recent.set(key, true)
    // Whoever asks does not follow the answer: an effect would ask again as soon as a call fails.
    const known = toRaw(kept).get(key)
    if (known && (known.isWaiting || known.error === undefined)) return
    const asked = generation
    kept.set(key, { isWaiting: true })
    trim()
    call().then(
      (content) => settle(asked, key, { content, isWaiting: false }),
      (error: unknown) => settle(asked, key, { error, isWaiting: false }),
    )
  }

  function settle(asked: number, key: string, answer: Kept<Answer>): void {
    if (asked === generation && kept.has(key)) kept.set(key, answer)
  }

  function trim(): void {
    for (const key of recent.keys()) {
      if (recent.size <= most) return
      recent.delete(key)
      kept.delete(key)
    }
  }

  function forget(): void {
    generation++
    kept.clear()
    recent.clear()
  }

  return { look: (key) => kept.get(key), ask, forget }
}
