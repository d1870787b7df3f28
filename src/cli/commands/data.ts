/** model add, data add, pool add; pool export stands in pool-export.ts. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { addCommonOptions, print } from '../options.ts'
import { type CommonOptions, withSession } from '../session.ts'
import { addPoolExport } from './pool-export.ts'

type AddOptions = CommonOptions & { name?: string }

export function addDataCommands(program: Command): void {
  const model = program.command('model').description('checkpoints of the workspace')
  addCommonOptions(model.command('add').description('add an OpenCLIP or Hugging Face CLIP folder'))
    .argument('<folder>')
    .option('--name <name>', "its name here; by default the folder's")
    .addHelpText('after', '\nExample:\n  headwise model add models/ViT-B-16 --name b16')
    .action(addModel)

  const data = program.command('data').description('data sets of the workspace')
  addCommonOptions(
    data.command('add').description('add a folder of images, a CSV with a file column, or a MATLAB 7.3 file'),
  )
    .argument('<path>')
    .option('--name <name>', "its name here; by default the folder's or file's")
    .addHelpText(
      'after',
      '\nExamples:\n  headwise data add photos\n  headwise data add waterbirds/metadata.csv --name birds',
    )
    .action(addData)

  const pool = program.command('pool').description('text pools of the workspace')
  addCommonOptions(pool.command('add').description('add a pool, or a new version of it, from .txt, .csv or .json'))
    .argument('<file>')
    .option('--name <name>', "its name here; by default the file's")
    .addHelpText('after', '\nExample:\n  headwise pool add resources/pools/starter.csv')
    .action(addPool)
  addPoolExport(pool)
}

async function addModel(folder: string, options: AddOptions): Promise<void> {
  const model = await withSession(options, 'write', ({ client }) =>
    client['model/add']({ folder: resolve(folder), name: options.name }),
  )
  const { vision } = model.config
  print(options.json, model, [
    `Added the model "${model.name}" (${model.hash.slice(0, 12)}): ${vision.layers} layers of ${vision.heads} heads, ${vision.imageSizePx} px.`,
  ])
}

async function addData(path: string, options: AddOptions): Promise<void> {
  await withSession(options, 'write', async ({ client, finish }) => {
    const job = await finish(client['data-set/add']({ path: resolve(path), name: options.name }))
    const dataSet = (await client['data-set/list']({})).find(({ id }) => id === job.resultId)!
    const lines = [
      `Added the data set "${dataSet.name}": ${dataSet.images} images, ${dataSet.problems.length} left out.`,
    ]
    lines.push(...dataSet.problems.map(({ where, reason }) => `  ${where}: ${reason}`))
    print(options.json, dataSet, lines)
  })
}

async function addPool(path: string, options: AddOptions): Promise<void> {
  const { pool, warnings, isUnchanged } = await withSession(options, 'write', ({ client }) =>
    client['pool/add']({ path: resolve(path), name: options.name }),
  )
  const { number, texts } = pool.versions[0]!
  const first = isUnchanged
    ? `The pool "${pool.name}" is as it was: version ${number}, ${texts} texts.`
    : `Added version ${number} of the pool "${pool.name}": ${texts} texts.`
  print(options.json, { pool, warnings, isUnchanged }, [
    first,
    ...warnings.map(({ line, text, reason }) => `  line ${line}: "${text}" ${reason}.`),
  ])
}
