/** init, info, relink, doctor. */
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Client } from '../../contract/index.ts'
import { formatBytes, formatError, formatTable } from '../format.ts'
import { addCommonOptions, print } from '../options.ts'
import { type CommonOptions, withSession } from '../session.ts'

export function addWorkspaceCommands(program: Command): void {
  program
    .command('init')
    .description('make a new workspace file')
    .argument('<file>', 'its name, ending in .headwise')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  headwise init sample.headwise')
    .action(async (file: string, options: CommonOptions) => {
      if (!file.endsWith('.headwise'))
        throw new HeadwiseError('bad-input', `A workspace's name ends in ".headwise"; "${file}" does not.`)
      const info = await withSession({ ...options, workspace: file }, 'create', ({ client }) =>
        client['workspace/describe']({}),
      )
      print(options.json, info, [`Made ${info.path}.`])
    })

  addCommonOptions(program.command('info').description('what is in the workspace'))
    .addHelpText('after', '\nExample:\n  headwise info --json')
    .action((options: CommonOptions) => withSession(options, 'read', ({ client }) => showInfo(client, options)))

  addCommonOptions(program.command('relink').description('point a model or a data set to where its files are now'))
    .argument('<path>', 'the folder or file')
    .option('--model <name>', 'the model that is there')
    .option('--data <name>', 'the data set that is there')
    .addHelpText('after', '\nExample:\n  headwise relink --data scenes /data/scenes')
    .action(relink)

  program
    .command('doctor')
    .description('which providers of ONNX Runtime work here, and why the others do not')
    .option('--json', 'print the result as JSON')
    .action(doctor)
}

async function showInfo(client: Client, options: CommonOptions): Promise<void> {
  const workspace = await client['workspace/describe']({})
  const models = await client['model/list']({})
  const dataSets = await client['data-set/list']({})
  const runs = await client['run/list']({})
  const pools = await client['pool/list']({})
  const textSpans = await client['text-span/list']({})
  const studies = await client['study/list']({})
  const lines = [`${workspace.path}: ${formatBytes(workspace.sizeBytes)}, version ${workspace.schemaVersion}`]
  const section = (title: string, head: string[], rows: (string | number)[][]) => {
    if (rows.length > 0) lines.push('', title, formatTable(head, rows))
  }
  section(
    'Models',
    ['name', 'hash', 'tower', 'layers', 'heads', 'width', 'files'],
    models.map(({ name, hash, config: { vision }, isPresent, folder }) => [
      name,
      hash.slice(0, 12),
      `${vision.patchSizePx} px patches of ${vision.imageSizePx} px`,
      vision.layers,
      vision.heads,
      vision.width,
      isPresent ? 'there' : `missing: ${folder}`,
    ]),
  )
  section(
    'Data sets',
    ['name', 'kind', 'images', 'left out', 'hash', 'root'],
    dataSets.map(({ name, kind, images, problems, hash, root }) => [
      name,
      kind,
      images,
      problems.length,
      hash.slice(0, 12),
      root,
    ]),
  )
  section(
    'Runs',
    ['run', 'model', 'data set', 'images', 'left out', 'state', 'store', 'provider', 'exact to', 'stored to'],
    runs.map((run) => [
      run.id,
      run.modelName,
      run.dataSetName,
      `${run.images} of ${run.total}`,
      run.skipped,
      run.state,
      run.store,
      run.provider,
      run.certificate ? formatError(run.certificate.computedError) : '',
      run.certificate ? formatError(run.certificate.storedError) : '',
    ]),
  )
  section(
    'Pools',
    ['name', 'version', 'texts', 'hash'],
    pools.flatMap(({ name, versions }) =>
      versions.map(({ number, texts, hash }) => [name, number, texts, hash.slice(0, 12)]),
    ),
  )
  section(
    'TEXTSPAN results',
    ['result', 'run', 'pool', 'last layers', 'texts a head', 'rank', 'images'],
    textSpans.map((span) => [
      span.id,
      span.runId,
      `${span.poolName} ${span.poolVersion}`,
      span.layers,
      span.texts,
      span.rank,
      span.images,
    ]),
  )
  section(
    'Studies',
    ['study', 'run', 'classes', 'images', 'accuracy'],
    studies.map(({ id, runId, result }) => [id, runId, result.classes, result.images, result.baseline.toFixed(3)]),
  )
  print(options.json, { workspace, models, dataSets, runs, pools, textSpans, studies }, lines)
}

async function relink(path: string, options: CommonOptions & { model?: string; data?: string }): Promise<void> {
  if ((options.model === undefined) === (options.data === undefined)) {
    throw new HeadwiseError('bad-input', 'Say what is there now: --model NAME or --data NAME.')
  }
  const kind = options.model === undefined ? 'data-set' : 'model'
  const name = options.model ?? options.data
  const linked = await withSession(options, 'write', ({ client }) =>
    client['workspace/relink']({ kind, name, path: resolve(path) }),
  )
  print(options.json, linked, [`"${linked.name}" is now read from ${linked.path}.`])
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const { reportProviders } = await import('../../engine/index.ts')
  const reports = await reportProviders()
  const rows = reports.map(({ provider, isUsable, detail }) => [provider, isUsable ? 'yes' : 'no', detail])
  print(options.json, reports, [formatTable(['provider', 'usable', ''], rows)])
}
