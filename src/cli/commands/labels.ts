/** labels export, labels import, report. */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { HeadwiseError } from '../../contract/errors.ts'
import type { HeadPlace } from '../../contract/head.ts'
import type { Client } from '../../contract/index.ts'
import { type ImportPreview, LabelPack } from '../../contract/label.ts'
import type { TextSpan } from '../../contract/text-span.ts'
import type { Model } from '../../contract/workspace.ts'
import { addCommonOptions, print } from '../options.ts'
import { choose, type CommonOptions, withSession } from '../session.ts'

type ModelChoice = CommonOptions & { model?: string }
type ExportOptions = ModelChoice & { annotator?: string }
type ImportOptions = ModelChoice & { take?: 'theirs' | 'mine' }
type ReportOptions = CommonOptions & { span?: string; heads?: string }

export function addLabelCommands(program: Command): void {
  const labels = program.command('labels').description('what people say heads do')
  addModelOption(labels.command('export').description('write the labels of a model to a pack'))
    .argument('<file>', 'the pack, a new .json')
    .option('--annotator <name>', 'only the labels of one annotator')
    .addHelpText('after', '\nExample:\n  headwise labels export labels.json --annotator Ann')
    .action(exportLabels)
  addModelOption(labels.command('import').description('take the labels of a pack into the workspace'))
    .argument('<file>', 'a pack of the same checkpoint')
    .addOption(
      new Option('--take <whose>', 'which labels stay where the workspace and the pack differ').choices([
        'theirs',
        'mine',
      ]),
    )
    .addHelpText('after', '\nExample:\n  headwise labels import labels.json --take mine')
    .action(importLabels)

  addCommonOptions(program.command('report').description('a sheet a head, as one HTML file to hand on'))
    .argument('<file>', 'a new .html')
    .option('--span <number>', 'the TEXTSPAN result, where there are several')
    .option('--heads <list>', 'heads such as L5.H2,L4.H0; by default all that are described')
    .addHelpText('after', '\nExample:\n  headwise report heads.html --span 2 --heads L5.H2,L5.H7')
    .action(report)
}

function addModelOption(command: Command): Command {
  return addCommonOptions(command).option('--model <name>', 'the model, where there are several')
}

async function chooseModel(client: Client, { model }: ModelChoice): Promise<Model> {
  const hint = 'Add one with "headwise model add".'
  return choose(await client['model/list']({}), model, 'model', ({ name }) => name, hint)
}

async function exportLabels(file: string, options: ExportOptions): Promise<void> {
  await withSession(options, 'read', async ({ client }) => {
    const { id } = await chooseModel(client, options)
    const pack = await client['label/export']({ modelId: id, annotator: options.annotator })
    if (options.annotator !== undefined && pack.labels.length === 0) await refuseUnknown(client, options.annotator)
    writeNew(file, `${JSON.stringify(pack, null, 2)}\n`)
    const result = { file: resolve(file), labels: pack.labels.length }
    print(options.json, result, [`Wrote ${pack.labels.length} labels to ${result.file}.`])
  })
}

/** A misspelt name must not pass for somebody who said nothing. */
async function refuseUnknown(client: Client, annotator: string): Promise<void> {
  const annotators = await client['annotator/list']({})
  choose(annotators, annotator, 'annotator', ({ name }) => name, '')
}

async function importLabels(file: string, options: ImportOptions): Promise<void> {
  const pack = readPack(file)
  await withSession(options, 'write', async ({ client }) => {
    const { id: modelId } = await chooseModel(client, options)
    const preview = await client['label/preview-import']({ modelId, pack })
    refuseUndecided(preview, options.take)
    const takeTheirs = options.take === 'theirs' ? preview.conflicts.map(placeOf) : []
    const result = await client['label/import']({ modelId, pack, takeTheirs })
    const { newRoles, warnings, same } = preview
    print(options.json, { ...result, same, newRoles, warnings }, [
      `Took ${result.imported} labels; ${same} were the same, ${result.kept} stay as they were here.`,
      ...(newRoles.length > 0 ? [`New roles: ${newRoles.join(', ')}.`] : []),
      ...warnings,
    ])
  })
}

function placeOf({ layer, head, annotator }: ImportPreview['conflicts'][number]) {
  return { layer, head, annotator }
}

const shownConflicts = 3

function refuseUndecided({ conflicts }: ImportPreview, take: string | undefined): void {
  if (conflicts.length === 0 || take !== undefined) return
  const shown = conflicts
    .slice(0, shownConflicts)
    .map(
      ({ layer, head, annotator, mine, theirs }) =>
        `L${layer}.H${head} of ${annotator} (here: ${mine}; there: ${theirs})`,
    )
  const more = conflicts.length > shownConflicts ? ` and ${conflicts.length - shownConflicts} more` : ''
  throw new HeadwiseError(
    'conflict',
    `Where the pack has other labels, --take theirs or --take mine must say which stay; it has ${conflicts.length}: ${shown.join(', ')}${more}. Nothing was taken.`,
  )
}

function readPack(file: string): LabelPack {
  const name = basename(file)
  let raw: unknown
  try {
    raw = JSON.parse(readText(file))
  } catch (cause) {
    if (cause instanceof HeadwiseError) throw cause
    throw new HeadwiseError('damaged', `"${name}" must be JSON; it cannot be parsed.`, { cause })
  }
  const parsed = LabelPack.safeParse(raw)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const where = path.length > 0 ? ` at "${path.join('.')}"` : ''
  throw new HeadwiseError('bad-input', `"${name}" must be a pack of labels; it does not fit${where}: ${message}.`)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new HeadwiseError('not-found', `There is no file "${file}".`, { cause })
  }
}

async function report(file: string, options: ReportOptions): Promise<void> {
  await withSession(options, 'read', async ({ client }) => {
    const spans = (await client['text-span/list']({})).filter(({ isProposed }) => !isProposed || options.span)
    const hint = 'Describe heads with "headwise textspan".'
    const span = choose(spans, options.span, 'TEXTSPAN result', ({ id }) => String(id), hint)
    const heads = options.heads === undefined ? await describedBy(client, span) : headsOf(options.heads)
    const { html } = await client['report/head-sheet']({ textSpanId: span.id, heads })
    writeNew(file, html)
    const result = { file: resolve(file), heads: heads.length }
    print(options.json, result, [`Wrote the sheets of ${heads.length} heads to ${result.file}.`])
  })
}

async function describedBy(client: Client, { id }: TextSpan): Promise<HeadPlace[]> {
  const { heads } = await client['text-span/read']({ textSpanId: id })
  return heads.map(({ layer, head }) => ({ layer, head }))
}

function headsOf(list: string): HeadPlace[] {
  return list.split(',').map((written) => {
    const [, layer, head] = /^L(\d{1,4})\.H(\d{1,4})$/i.exec(written.trim()) ?? []
    if (layer === undefined) {
      throw new HeadwiseError('bad-input', `--heads takes heads such as L5.H2,L4.H0; it got "${written.trim()}".`)
    }
    return { layer: Number(layer), head: Number(head) }
  })
}

/** Files that are there stay as they are. */
function writeNew(file: string, content: string): void {
  const path = resolve(file)
  try {
    writeFileSync(path, content, { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST')
      throw new HeadwiseError('conflict', `"${path}" exists already; nothing was overwritten.`)
    throw new HeadwiseError('disk', `"${path}" cannot be written: ${(cause as Error).message}.`, { cause })
  }
}
