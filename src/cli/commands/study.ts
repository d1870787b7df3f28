/** ablate, export npy. */
import { readFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Client } from '../../contract/index.ts'
import type { Run } from '../../contract/run.ts'
import type { AblationStudy, ZeroShotTask } from '../../contract/study.ts'
import { formatAccuracy, formatTable } from '../format.ts'
import { addCommonOptions, print } from '../options.ts'
import { choose, chooseRun, type CommonOptions, type RunChoice, withSession } from '../session.ts'
import { addFilterOptions, filterOf, type FilterOptions } from './filter.ts'

export type TaskOptions = { classes?: string; list?: string; attribute?: string; template?: string[] }
type AblateOptions = CommonOptions & RunChoice & FilterOptions & TaskOptions & { textspan?: string }
type ExportOptions = CommonOptions & RunChoice & TaskOptions & { pool?: string }

const defaultTemplate = 'a photo of a {}'

export function addStudyCommands(program: Command): void {
  addTaskOptions(
    addFilterOptions(
      addRunOptions(program.command('ablate').description('the mean-ablation study of a zero-shot task')),
    ),
  )
    .option(
      '--textspan <number>',
      'the TEXTSPAN result whose reconstruction is measured; by default the newest of the run',
    )
    .addHelpText(
      'after',
      `
Examples:
  headwise ablate --attribute object
  headwise ablate --attribute object --classes resources/sample/classes.json --list objects`,
    )
    .action(ablate)

  const exporting = program.command('export').description('files for other programs')
  addTaskOptions(addRunOptions(exporting.command('npy').description("the authors' arrays: terms, classifier, pool")))
    .argument('<folder>')
    .option('--pool <name>', 'also the embeddings of this pool')
    .addHelpText('after', '\nExample:\n  headwise export npy arrays --pool starter')
    .action(exportNpy)
}

function addRunOptions(command: Command): Command {
  return addCommonOptions(command)
    .option('--model <name>', 'the model, where there are several')
    .option('--data <name>', 'the data set, where there are several')
    .option('--run <number>', 'the run, where there are several')
}

export function addTaskOptions(command: Command): Command {
  return command
    .option('--attribute <name>', "the attribute that holds an image's class; by default the label")
    .option(
      '--classes <file>',
      "class names: a .txt with a name a line, a .csv with id and name, or a .json; by default the attribute's own contents",
    )
    .option('--list <name>', 'the list of class names in the .json')
    .option('--template <text...>', `prompts with {} for the class name; by default "${defaultTemplate}"`)
}

async function ablate(options: AblateOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const run = await chooseRun(client, options)
    const task = await taskOf(client, run, options)
    const own = (await client['text-span/list']({})).filter(({ runId }) => runId === run.id)
    const textSpan =
      options.textspan === undefined
        ? own.at(-1)
        : choose(own, options.textspan, 'TEXTSPAN result', ({ id }) => String(id), '')
    const job = await finish(
      client['study/ablate']({ runId: run.id, task, filter: filterOf(options), textSpanId: textSpan?.id }),
    )
    const study = await client['study/read']({ studyId: job.resultId! })
    print(options.json, study, [
      `Study ${study.id}: zero-shot accuracy of ${study.result.classes} classes on ${study.result.images} images, terms replaced by their means.`,
      '',
      studyTable(study.result),
    ])
  })
}

export function studyTable(result: AblationStudy): string {
  const { baseline } = result
  const row = (what: string, accuracy: number | null) =>
    accuracy === null
      ? [what, 'not in this run', '']
      : [what, formatAccuracy(accuracy), ((accuracy - baseline) * 100).toFixed(1)]
  const rows = [
    row('nothing', baseline),
    row('all MLPs', result.mlps),
    row('class-to-class attention', result.classToClass),
    row('both', result.both),
    ...result.layersUpTo.map((accuracy, layer) =>
      row(layer === 0 ? 'attention of layer 0' : `attention of layers 0 to ${layer}`, accuracy),
    ),
  ]
  const tables = [formatTable(['replaced', 'accuracy', 'points'], rows)]
  if (result.textSpan) {
    const counts = result.textSpan.accuracies.map(({ texts, accuracy }) => [
      texts,
      formatAccuracy(accuracy),
      ((accuracy - baseline) * 100).toFixed(1),
    ])
    tables.push(
      '',
      'Described layers replaced by what m texts a head span, earlier attention by its mean:',
      formatTable(['m', 'accuracy', 'points'], counts),
    )
  }
  return tables.join('\n')
}

async function exportNpy(folder: string, options: ExportOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const run = await chooseRun(client, options)
    const pools = options.pool === undefined ? [] : await client['pool/list']({})
    const pool = options.pool === undefined ? undefined : choose(pools, options.pool, 'pool', ({ name }) => name, '')
    const task = options.classes || options.attribute ? await taskOf(client, run, options) : undefined
    const job = await finish(
      client['export/npy']({ runId: run.id, folder: resolve(folder), poolVersionId: pool?.versions[0]!.id, task }),
    )
    print(options.json, { folder: resolve(folder), files: job.remarks }, [
      `Wrote ${job.remarks.length} arrays to ${resolve(folder)}.`,
    ])
  })
}

/** The task from a file of class names, or from the contents of the attribute. */
export async function taskOf(
  client: Client,
  run: Pick<Run, 'dataSetId' | 'dataSetName'>,
  options: TaskOptions,
): Promise<ZeroShotTask> {
  const { attribute } = options
  const fromFile = options.classes === undefined ? undefined : await classesOf(client, options.classes, options.list)
  const templates = options.template ?? fromFile?.templates ?? [defaultTemplate]
  const classes = fromFile?.classes ?? (await contentsAsClasses(client, run, attribute))
  return { classes, templates, ids: fromFile?.ids, attribute }
}

type Classes = { classes: string[]; templates?: string[]; ids?: string[] }

async function classesOf(client: Client, path: string, list: string | undefined): Promise<Classes> {
  if (extname(path).toLowerCase() !== '.csv') return readClasses(path, list)
  const named = await client['segment/read-classes']({ fileName: basename(path), content: readText(path) })
  return { classes: named.map(({ name }) => name), ids: named.map(({ id }) => id) }
}

async function contentsAsClasses(
  client: Client,
  run: Pick<Run, 'dataSetId' | 'dataSetName'>,
  attribute: string | undefined,
): Promise<string[]> {
  const contents = await client['data-set/contents']({ dataSetId: run.dataSetId, attribute })
  const names = contents.map(({ content }) => content).sort()
  const what = attribute === undefined ? 'label' : `attribute "${attribute}"`
  if (names.length < 2) {
    throw new HeadwiseError(
      'bad-input',
      `The ${what} of "${run.dataSetName}" must have at least two contents to be classes; it has ${names.length}. Name another with --attribute.`,
    )
  }
  if (names.every((name) => /^\d+$/.test(name))) {
    throw new HeadwiseError(
      'bad-input',
      `The ${what} of "${run.dataSetName}" holds numbers; give their names with --classes FILE.`,
    )
  }
  return names
}

const Names = z.array(z.string().min(1))

function readClasses(path: string, list: string | undefined): Classes {
  const name = basename(path)
  const content = readText(path)
  if (extname(path).toLowerCase() !== '.json') {
    return {
      classes: content
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    }
  }
  const raw = parseJson(content, name)
  const alone = Names.safeParse(raw)
  if (alone.success) return { classes: alone.data }
  const lists = z.record(z.string(), Names).safeParse(raw)
  if (!lists.success)
    throw new HeadwiseError('bad-input', `"${name}" must be a list of class names, or an object of such lists.`)
  const { templates, ...others } = lists.data
  const chosen = list ?? (Object.keys(others).length === 1 ? Object.keys(others)[0]! : 'classes')
  if (!Object.hasOwn(others, chosen)) {
    throw new HeadwiseError(
      'bad-input',
      `"${name}" must hold the list "${chosen}"; it holds "${Object.keys(others).join('", "')}". Choose with --list.`,
    )
  }
  return { classes: others[chosen]!, templates }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new HeadwiseError('not-found', `There is no file "${path}".`, { cause })
  }
}

function parseJson(content: string, name: string): unknown {
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${name}" must be JSON; it cannot be parsed.`, { cause })
  }
}
