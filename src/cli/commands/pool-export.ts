/** pool export. */
import { writeFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { HeadwiseError } from '../../contract/errors.ts'
import { type Pool, poolFormats } from '../../contract/pool.ts'
import { addCommonOptions, print, wholeNumber } from '../options.ts'
import { choose, type CommonOptions, withSession } from '../session.ts'

type ExportOptions = CommonOptions & { version?: number }

export function addPoolExport(pool: Command): void {
  addCommonOptions(pool.command('export').description('write a pool as .txt, .csv or .json'))
    .argument('<pool>', 'its name')
    .argument('<file>', 'a new file; its end tells the format')
    .option('--version <number>', 'this version; by default the draft as it stands', wholeNumber)
    .addHelpText('after', '\nExample:\n  headwise pool export starter starter.json --version 1')
    .action(exportPool)
}

async function exportPool(name: string, file: string, options: ExportOptions): Promise<void> {
  const format = poolFormats.find((one) => `.${one}` === extname(file).toLowerCase())
  if (format === undefined) {
    throw new HeadwiseError('bad-input', `A pool is written as .txt, .csv or .json; "${file}" is none of them.`)
  }
  const { pool, content } = await withSession(options, 'read', async ({ client }) => {
    const hint = 'Add one with "headwise pool add".'
    const found = choose(await client['pool/list']({}), name, 'pool', (one) => one.name, hint)
    const versionId = versionIdOf(found, options.version)
    return { pool: found, ...(await client['pool/export']({ poolId: found.id, versionId, format })) }
  })
  write(file, content)
  const what = options.version === undefined ? 'the draft' : `version ${options.version}`
  const result = { pool: pool.name, version: options.version ?? null, file: resolve(file) }
  print(options.json, result, [`Wrote ${what} of the pool "${pool.name}" to ${file}.`])
}

function versionIdOf({ name, versions }: Pool, wanted: number | undefined): number | undefined {
  if (wanted === undefined) return undefined
  const version = versions.find(({ number }) => number === wanted)
  if (version) return version.id
  throw new HeadwiseError(
    'not-found',
    `The pool "${name}" has no version ${wanted}; it has ${versions.length === 1 ? 'version 1' : `versions 1 to ${versions[0]!.number}`}.`,
  )
}

/** A file that is there is never written over: it may be the only copy of a pool. */
function write(file: string, content: string): void {
  try {
    writeFileSync(file, content, { flag: 'wx' })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new HeadwiseError('conflict', `"${file}" exists already; name a new file.`, { cause })
    throw new HeadwiseError('disk', `"${file}" cannot be written (${code}).`, { cause })
  }
}
