/** Finds the thing that is meant where a name may be left out. */
import { HeadwiseError } from '../../contract/errors.ts'

/** @throws HeadwiseError 'ambiguous' or 'not-found' */
export function onlyOne<Thing extends { name: string }>(
  things: Thing[],
  name: string | undefined,
  word: string,
): Thing {
  if (name !== undefined) {
    const found = things.find((thing) => thing.name === name)
    if (found) return found
    throw new HeadwiseError(
      'not-found',
      `There is no ${word} "${name}" in this workspace; it has ${namesOf(things, word)}.`,
    )
  }
  if (things.length === 1) return things[0]!
  if (things.length === 0) throw new HeadwiseError('not-found', `There is no ${word} in this workspace yet.`)
  throw new HeadwiseError(
    'ambiguous',
    `Several ${word}s are in this workspace, so one must be named: ${namesOf(things, word)}.`,
  )
}

function namesOf(things: { name: string }[], word: string): string {
  return things.length === 0 ? `no ${word}` : things.map(({ name }) => `"${name}"`).join(', ')
}
