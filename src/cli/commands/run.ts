/** decompose, textspan. */
import { type Command, Option } from 'commander'
import { providers, type Provider, type Run, storePrecisions, type StorePrecision } from '../../contract/run.ts'
import type { DescribedHead } from '../../contract/text-span.ts'
import { formatDuration, formatError, formatShare, formatTable } from '../format.ts'
import { addCommonOptions, print, wholeNumber } from '../options.ts'
import { choose, chooseRun, type CommonOptions, type RunChoice, withSession } from '../session.ts'
import { addFilterOptions, filterOf, type FilterOptions } from './filter.ts'

type DecomposeOptions = CommonOptions &
  RunChoice & {
    provider: Provider | 'auto'
    store: StorePrecision
    batch?: number
    limit?: number
    classToClass: boolean
  }
type TextSpanOptions = CommonOptions &
  RunChoice &
  FilterOptions & { pool?: string; layers: number; texts: number; rank: number }

export function addRunCommands(program: Command): void {
  addCommonOptions(
    program.command('decompose').description('decompose a data set with a model, or go on where that was stopped'),
  )
    .option('--model <name>', 'the model, where there are several')
    .option('--data <name>', 'the data set, where there are several')
    .addOption(new Option('--provider <provider>', 'what computes').choices(['auto', ...providers]).default('auto'))
    .addOption(new Option('--store <precision>', 'how terms are kept').choices(storePrecisions).default('float16'))
    .option('--batch <images>', 'images a forward pass', wholeNumber)
    .option('--limit <images>', 'only the first images of the data set', wholeNumber)
    .option('--no-class-to-class', 'leave out class-to-class attention (less to store; the study needs it)')
    .addHelpText(
      'after',
      '\nExamples:\n  headwise decompose\n  headwise decompose --data birds --provider cpu --limit 1000',
    )
    .action(decompose)

  addFilterOptions(addCommonOptions(program.command('textspan').description('describe heads with texts of a pool')))
    .option('--model <name>', 'the model, where there are several')
    .option('--data <name>', 'the data set, where there are several')
    .option('--run <number>', 'the run, where there are several')
    .option('--pool <name>', 'the pool, where there are several')
    .option('--layers <count>', 'the last so many layers', wholeNumber, 4)
    .option('--texts <count>', 'texts a head', wholeNumber, 20)
    .option('--rank <count>', "directions of a head's output that texts are projected onto", wholeNumber, 80)
    .addHelpText(
      'after',
      '\nExamples:\n  headwise textspan\n  headwise textspan --pool starter --layers 6 --split test',
    )
    .action(textSpan)
}

async function decompose(options: DecomposeOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const add = (what: string) => `Add one with "headwise ${what} add".`
    const model = choose(await client['model/list']({}), options.model, 'model', ({ name }) => name, add('model'))
    const dataSet = choose(await client['data-set/list']({}), options.data, 'data set', ({ name }) => name, add('data'))
    const { provider, store, classToClass, batch, limit } = options
    const job = await finish(
      client['run/decompose']({
        modelId: model.id,
        dataSetId: dataSet.id,
        provider,
        store,
        classToClass,
        batch,
        limit,
      }),
    )
    const run = await client['run/read']({ runId: job.resultId! })
    print(options.json, run, runLines(run, job.finishedMs! - job.startedMs!))
  })
}

export function runLines(run: Run, durationMs: number): string[] {
  const certificate = run.certificate!
  return [
    `Run ${run.id}: ${run.images} of ${run.total} images of "${run.dataSetName}" with "${run.modelName}" on ${run.provider}, ${formatDuration(durationMs)}.`,
    `Exact to ${formatError(certificate.computedError)} as computed, ${formatError(certificate.storedError)} as stored in ${run.store} (refused above ${formatError(certificate.tolerance)}).`,
    ...(run.skipped > 0 ? [`${run.skipped} images were left out:`] : []),
    ...run.skippedImages.map(({ path, reason }) => `  ${path}: ${reason}`),
  ]
}

async function textSpan(options: TextSpanOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const run = await chooseRun(client, options)
    const pool = choose(
      await client['pool/list']({}),
      options.pool,
      'pool',
      ({ name }) => name,
      'Add one with "headwise pool add".',
    )
    const { layers, texts, rank } = options
    const job = await finish(
      client['text-span/start']({
        runId: run.id,
        poolVersionId: pool.versions[0]!.id,
        layers,
        texts,
        rank,
        filter: filterOf(options),
      }),
    )
    const result = await client['text-span/read']({ textSpanId: job.resultId! })
    print(options.json, result, [
      `TEXTSPAN result ${result.textSpan.id}: ${result.heads.length} heads over ${result.textSpan.images} images with "${pool.name}" version ${result.textSpan.poolVersion}.`,
      '',
      headTable(result.heads, 3),
    ])
  })
}

/** A head a row: its first texts, each with the share of variance that it adds, and what all of its texts explain. */
export function headTable(heads: DescribedHead[], shown: number): string {
  const rows = heads.map(({ layer, head, steps }) => {
    const texts = steps.slice(0, shown).map(({ text, explained }, at) => {
      const own = explained - (at > 0 ? steps[at - 1]!.explained : 0)
      return `${text} (${formatShare(own)})`
    })
    return [`L${layer}.H${head}`, formatShare(steps.at(-1)?.explained ?? 0), texts.join(', ')]
  })
  return formatTable(['head', 'explained', 'texts'], rows)
}
