/** Times of alternatives in one run: taken turn by turn, so that a slow minute of the machine meets all of them. */

/** @returns milliseconds of each round for each work, after one round that is not counted */
export async function roundsMs(rounds: number, works: (() => Promise<unknown>)[]): Promise<number[][]> {
  const times = works.map(() => [] as number[])
  for (let round = -1; round < rounds; round++) {
    for (const [at, work] of works.entries()) {
      const start = performance.now()
      await work()
      if (round >= 0) times[at]!.push(performance.now() - start)
    }
  }
  return times
}

/** @returns median milliseconds of each */
export async function mediansMs(rounds: number, works: (() => Promise<unknown>)[]): Promise<number[]> {
  return (await roundsMs(rounds, works)).map(median)
}

export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export type Result = {
  what: string
  /** as people read it */
  measured: string
  /** what the project asks for, empty when nothing */
  limit: string
  isMet: boolean | null
  numbers: Record<string, number>
}
