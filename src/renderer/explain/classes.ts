/** Class names for a zero-shot prediction, from what a column holds. */

/** Named as in the address. */
export type ClassColumn = 'label' | `by.${string}`

export type Classes = {
  /** in the order of the classifier's columns */
  names: string[]
  /** the column holds class numbers, which say nothing to a text tower: their names are typed */
  isNumbered: boolean
  /** why there is nothing to predict yet */
  problem: string | undefined
}

/**
 * @param contents  distinct contents of the column
 * @param typedNames  names for class numbers, number 0 first, with commas between
 */
export function classesOf(contents: string[], typedNames: string): Classes {
  const filled = contents.filter((content) => content.trim() !== '')
  const isNumbered = filled.length > 0 && filled.every((content) => /^\d+$/.test(content))
  if (!isNumbered) {
    const problem = filled.length < 2 ? `At least 2 classes are needed; this column has ${filled.length}.` : undefined
    return { names: filled, isNumbered, problem }
  }
  const highest = Math.max(...filled.map(Number))
  const names = typedNames
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const needed = Math.max(2, highest + 1)
  const problem =
    names.length < needed
      ? `This column has class numbers up to ${highest}: type the ${needed} names, number 0 first; ${names.length} are there.`
      : undefined
  return { names, isNumbered, problem }
}
