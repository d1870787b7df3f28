/** segment, segment list, segment link, segment export. */
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Client } from '../../contract/index.ts'
import {
  type Evaluation,
  type SegmentMethod,
  segmentExports,
  segmentMethods,
  type SegmentProtocol,
  segmentProtocols,
  type SegmentTarget,
} from '../../contract/segment.ts'
import { type Cell, formatTable } from '../format.ts'
import { addCommonOptions, print, wholeNumber } from '../options.ts'
import { choose, type CommonOptions, withSession } from '../session.ts'
import { addFilterOptions, filterOf, type FilterOptions } from './filter.ts'
import { addTaskOptions, taskOf, type TaskOptions } from './study.ts'

type SegmentOptions = CommonOptions &
  FilterOptions &
  TaskOptions & {
    model?: string
    data?: string
    methods: SegmentMethod[]
    protocol: SegmentProtocol
    target: string
    threshold?: number
    limit?: number
  }
type ExportOptions = CommonOptions & { kind: (typeof segmentExports)[number] }

export function addSegmentCommands(program: Command): void {
  const segment = program.command('segment').description('zero-shot segmentation of a data set, held against its masks')
  addTaskOptions(addFilterOptions(addCommonOptions(segment)))
    .option('--model <name>', 'the model, where there are several')
    .option('--data <name>', 'the data set, where there are several')
    .option('--methods <names>', `all, or some of ${segmentMethods.join(', ')}`, methodsOf, ['decomposition'])
    .addOption(
      new Option('--protocol <protocol>', 'how masks come to the size of the input')
        .choices(segmentProtocols)
        .default('as-published'),
    )
    .option('--target <target>', 'the class of each map: predicted, true, or a text for all images', 'predicted')
    .option('--threshold <value>', "foreground above this value of the 0..1 map; by default each map's own mean", share)
    .option('--limit <images>', 'only the first images', wholeNumber)
    .addHelpText(
      'after',
      `
Examples:
  headwise segment --data segmentation --classes resources/sample/classes.json --list objects --methods all
  headwise segment --data pets --attribute breed --methods decomposition,rollout --target true
  headwise segment link pets masks
  headwise segment list`,
    )
    .action(evaluate)
  addCommonOptions(segment.command('list').description('evaluations, newest first')).action(list)
  addCommonOptions(
    segment.command('link').description('link masks to a data set: a folder of PNG files, or a COCO .json'),
  )
    .argument('<data>')
    .argument('<path>')
    .action(link)
  addCommonOptions(
    segment.command('export').description("write an evaluation's predictions into an empty or new folder"),
  )
    .argument('<number>', 'of the evaluation')
    .argument('<folder>')
    .addOption(new Option('--kind <kind>', 'what is written').choices(segmentExports).default('masks'))
    .action(exportFiles)
}

function methodsOf(text: string): SegmentMethod[] {
  if (text === 'all') return [...segmentMethods]
  return text.split(',').map((name) => {
    const found = segmentMethods.find((method) => method === name.trim())
    if (found) return found
    throw new InvalidArgumentError(`There is no method "${name.trim()}"; there are ${segmentMethods.join(', ')}.`)
  })
}

function share(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('A number from 0 to 1 is expected.')
  return number
}

function targetOf(text: string): SegmentTarget {
  return text === 'predicted' || text === 'true' ? { kind: text } : { kind: 'text', text }
}

async function evaluate(options: SegmentOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const add = (what: string) => `Add one with "headwise ${what} add".`
    const model = choose(await client['model/list']({}), options.model, 'model', ({ name }) => name, add('model'))
    const dataSet = choose(await client['data-set/list']({}), options.data, 'data set', ({ name }) => name, add('data'))
    const task = await taskOf(client, { dataSetId: dataSet.id, dataSetName: dataSet.name }, options)
    const { protocol, threshold, limit } = options
    const target = targetOf(options.target)
    const settings = options.methods.map((method) => ({ method, protocol, target, threshold }))
    const job = await finish(
      client['segment/evaluate']({
        ...{ modelId: model.id, dataSetId: dataSet.id, task, settings, limit },
        filter: filterOf(options),
      }),
    )
    const evaluations = await evaluationsOf(client, job.resultId!, settings.length)
    const { skipped } = await client['segment/read']({ evaluationId: job.resultId! })
    print(options.json, { evaluations, skipped }, [
      `${evaluations[0]!.images} of ${evaluations[0]!.total} images of "${dataSet.name}" with "${model.name}", masks ${protocol}, 95 % intervals over images:`,
      '',
      scoreTable(evaluations),
      ...(skipped.length > 0 ? ['', `${skipped.length} images were left out:`] : []),
      ...skipped.map(({ path, reason }) => `  ${path}: ${reason}`),
    ])
  })
}

/** Those of a job, which may have gone on with some of an earlier one: all share that one. */
async function evaluationsOf(client: Client, firstId: number, count: number): Promise<Evaluation[]> {
  const all = await client['segment/list']({})
  const first = all.find(({ id }) => id === firstId)!
  return all
    .filter(({ jobId, id }) => jobId === first.jobId && id >= firstId)
    .sort((a, b) => a.id - b.id)
    .slice(0, count)
}

/** As in the paper: pixel accuracy, mIoU and mAP in percent. */
export function scoreTable(evaluations: Evaluation[]): string {
  const rows = evaluations.map((evaluation): Cell[] => {
    const { id, settings, scores } = evaluation
    if (!scores) return [id, settings.method, 'no image', '', '', '']
    const percent = (measure: 'pixelAccuracy' | 'meanIou' | 'meanAp') => {
      const [low, high] = scores.intervals[measure].map((end) => (100 * end).toFixed(1))
      return `${(100 * scores[measure]).toFixed(2)} (${low} to ${high})`
    }
    return [
      id,
      settings.method,
      percent('pixelAccuracy'),
      percent('meanIou'),
      percent('meanAp'),
      rightWords(evaluation),
    ]
  })
  return formatTable(['evaluation', 'method', 'pixel accuracy', 'mIoU', 'mAP', 'mIoU by class right / wrong'], rows)
}

/** Tells errors of the map from those of the class. */
function rightWords({ scoresWhenRight, scoresWhenWrong }: Evaluation): string {
  const percent = (scores: Evaluation['scores']) => (scores ? (100 * scores.meanIou).toFixed(2) : '-')
  return scoresWhenRight || scoresWhenWrong ? `${percent(scoresWhenRight)} / ${percent(scoresWhenWrong)}` : ''
}

async function list(options: CommonOptions): Promise<void> {
  await withSession(options, 'read', async ({ client }) => {
    const evaluations = await client['segment/list']({})
    print(
      options.json,
      evaluations,
      evaluations.length === 0
        ? ['There is no evaluation yet. Make one with "headwise segment".']
        : [listTable(evaluations)],
    )
  })
}

function listTable(evaluations: Evaluation[]): string {
  const rows = evaluations.map(
    ({ id, dataSetName, modelName, settings, images, skipped, total, scores, isComplete }) => [
      ...[id, dataSetName, modelName, settings.method, settings.protocol, targetWords(settings.target)],
      isComplete ? `${images}${skipped > 0 ? `, ${skipped} left out` : ''}` : `${images + skipped} of ${total}`,
      scores ? (100 * scores.meanIou).toFixed(2) : '',
    ],
  )
  return formatTable(['evaluation', 'data', 'model', 'method', 'protocol', 'target', 'images', 'mIoU'], rows)
}

function targetWords(target: SegmentTarget): string {
  if (target.kind === 'class') return target.name
  if (target.kind !== 'text') return target.kind
  return target.minus === undefined ? `"${target.text}"` : `"${target.text}" minus "${target.minus}"`
}

async function link(name: string, path: string, options: CommonOptions): Promise<void> {
  await withSession(options, 'write', async ({ client }) => {
    const dataSet = choose(await client['data-set/list']({}), name, 'data set', (known) => known.name, '')
    const truth = await client['segment/link-masks']({ dataSetId: dataSet.id, path: resolve(path) })
    const { masks, problems } = truth
    print(options.json, truth, [
      `${masks} of ${dataSet.images} images of "${name}" have a mask in ${truth.place}.`,
      ...problems.map(({ where, reason }) => `  ${where}: ${reason}`),
    ])
  })
}

async function exportFiles(number: string, folder: string, options: ExportOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const evaluationId = Number(number)
    if (!/^[1-9]\d*$/.test(number)) {
      throw new HeadwiseError('bad-input', `The evaluation is named by its number; it got "${number}".`)
    }
    const job = await finish(client['segment/export']({ evaluationId, kind: options.kind, folder: resolve(folder) }))
    const written = { folder: resolve(folder), images: job.done }
    print(options.json, written, [
      `Wrote ${options.kind} of ${job.done} images to ${written.folder}.`,
      ...job.remarks.slice(0, -1),
    ])
  })
}
