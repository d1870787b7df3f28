/** Which class a data set's words mean. */
import type { ZeroShotTask } from '../../contract/study.ts'

/**
 * @param content of the attribute, or the label: a class name, its id, or the number of a class
 * @returns       its place among the classes; null when it is none of them
 */
export function placeOfClass(
  content: string | null | undefined,
  { classes, ids = [] }: Pick<ZeroShotTask, 'classes' | 'ids'>,
): number | null {
  if (content === null || content === undefined) return null
  const named = classes.indexOf(content)
  if (named >= 0) return named
  const identified = ids.indexOf(content)
  if (identified >= 0 && identified < classes.length) return identified
  return /^\d+$/.test(content) && Number(content) < classes.length ? Number(content) : null
}
