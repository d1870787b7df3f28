/** Vectors as plain lists in float64: the straightforward way that quicker ones are held against. */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

export const meanOf = (rows: ArrayLike<number>[]): number[] =>
  Array.from(rows[0]!, (_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length)

export const centredRows = (rows: ArrayLike<number>[]): number[][] => {
  const mean = meanOf(rows)
  return rows.map((row) => mean.map((middle, k) => row[k]! - middle))
}

/** trace of cov(a, b): the mean product of centred rows. */
export const crossTrace = (a: number[][], b: number[][]): number =>
  a.reduce((sum, row, at) => sum + dot(row, b[at]!), 0) / a.length

export const without = (row: number[], unit: number[]): number[] => {
  const part = dot(row, unit)
  return row.map((value, k) => value - part * unit[k]!)
}

export const unitOf = (row: number[]): number[] => {
  const length = Math.sqrt(dot(row, row))
  return row.map((value) => value / length)
}

/** Strongest direction of centred rows by power iteration, then the next one of what is left, and so on. */
export function principalRows(rows: number[][], count: number): number[][] {
  let left = rows
  return Array.from({ length: count }, (_, at) => {
    let u = unitOf(rows[0]!.map((_, k) => Math.sin(1 + k + at)))
    for (let turn = 0; turn < 3000; turn++) {
      const next = u.map(() => 0)
      for (const row of left) {
        const part = dot(row, u)
        for (let k = 0; k < u.length; k++) next[k]! += part * row[k]!
      }
      u = unitOf(next)
    }
    left = left.map((row) => without(row, u))
    return u
  })
}

/** Places of the scores, highest first; of equal ones the earlier. */
export const orderOf = (scores: number[]): number[] =>
  scores.map((_, at) => at).sort((a, b) => scores[b]! - scores[a]! || a - b)
