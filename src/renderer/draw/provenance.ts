/** Where the numbers on a screen come from, as name and fact, to read, to copy and to put under figures. */
import type { DataSet } from '../../contract/data-set.ts'
import type { Run } from '../../contract/run.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import { formatError } from './format.ts'

export type Fact = [name: string, fact: string]

/** figures of a SHA-256 */
export const wholeHash = 64

export type Origin = { run?: Run; textSpan?: TextSpan; dataSet?: DataSet; programVersion?: string }

/** @param hashFigures as many as a reader compares; tables that programs read have hashes whole, `wholeHash` */
export function factsOf({ run, textSpan, dataSet, programVersion }: Origin, hashFigures = 12): Fact[] {
  const cut = (hash: string) => hash.slice(0, hashFigures)
  const facts: Fact[] = []
  if (run) {
    facts.push(
      ['Model', `${run.modelName} ${cut(run.modelHash)}`],
      ['Data set', `${run.dataSetName} ${cut(run.dataSetHash)}`],
      ['Run', `${run.id}: ${run.images} of ${run.total} images${run.skipped ? `, ${run.skipped} left out` : ''}`],
      ['Computed on', `${run.provider}, stored as ${run.store}`],
    )
    if (run.certificate) {
      const { computedError, storedError } = run.certificate
      facts.push(['Terms add up to', `${formatError(computedError)}, as stored ${formatError(storedError)}`])
    }
  } else if (dataSet) facts.push(['Data set', `${dataSet.name} ${cut(dataSet.hash)}`])
  if (textSpan) {
    const { poolName, poolVersion, poolHash, texts, rank, layers, images, filter } = textSpan
    facts.push(
      ['Pool', `${poolName} version ${poolVersion} ${cut(poolHash)}`],
      ['TEXTSPAN', `${textSpan.id}: ${texts} texts a head, rank at most ${rank}, last ${layers} layers`],
      ['Over', `${images} images, ${filterWords(filter)}`],
    )
  }
  const version = textSpan?.programVersion ?? run?.programVersion ?? programVersion
  if (version) facts.push(['Program', `Headwise ${version}`])
  const madeMs = textSpan?.createdMs ?? run?.createdMs
  if (madeMs) facts.push(['Made', new Date(madeMs).toISOString().replace('T', ' ').slice(0, 16) + ' UTC'])
  return facts
}

export function linesOf(facts: Fact[]): string[] {
  return facts.map(([name, fact]) => `${name}: ${fact}`)
}

export function filterWords({ split, label, attributes = {}, path }: TextSpan['filter']): string {
  const parts = [
    split !== undefined && `split ${split}`,
    label !== undefined && `label ${label}`,
    ...Object.entries(attributes).map(([name, content]) => `${name} ${content}`),
    path !== undefined && `path with "${path}"`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'no filter' : parts.join(', ')
}
