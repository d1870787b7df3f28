/** The main job on the sample, from nothing to described heads, with what each step took. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import type { Client } from '../../contract/index.ts'
import { formatDuration } from '../format.ts'
import { programFolder, sampleFolder } from '../folders.ts'
import { type Session, withSession } from '../session.ts'
import { headTable, runLines } from './run.ts'
import { studyTable, taskOf } from './study.ts'

const demoPath = join(programFolder, 'out', 'demo', 'sample.headwise')

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the main job on the sample: decompose 600 scenes, describe the heads, ablate')
    .option('--workspace <file>', 'where the workspace goes', demoPath)
    .action(async ({ workspace }: { workspace: string }) => {
      mkdirSync(dirname(workspace), { recursive: true })
      const mode = existsSync(workspace) ? 'write' : 'create'
      await withSession({ workspace }, mode, (session) => demo(session))
    })
}

async function demo({ client, finish, path }: Session): Promise<void> {
  const startMs = Date.now()
  const say = (text = '') => process.stdout.write(`${text}\n`)
  const shownPath = relative(process.cwd(), path)
  say(`Workspace ${shownPath}`)
  const modelId = await ensureModel(client)
  const scenesId = await ensureDataSet({ client, finish }, 'scenes', join(sampleFolder, 'scenes'))
  await ensureDataSet({ client, finish }, 'birds', join(sampleFolder, 'birds'))
  await ensureDataSet({ client, finish }, 'segmentation', join(sampleFolder, 'segmentation.mat'))
  const decomposed = await finish(client['run/decompose']({ modelId, dataSetId: scenesId, provider: 'auto' }))
  const run = await client['run/read']({ runId: decomposed.resultId! })
  say(runLines(run, decomposed.finishedMs! - decomposed.startedMs!).join('\n'))

  const { pool } = await client['pool/add']({ path: join(sampleFolder, 'pool.csv'), name: 'sample' })
  const layers = 4
  const described = await finish(
    client['text-span/start']({ runId: run.id, poolVersionId: pool.versions[0]!.id, layers }),
  )
  const { textSpan, heads } = await client['text-span/read']({ textSpanId: described.resultId! })
  say()
  say(
    `TEXTSPAN: ${heads.length} heads of the last ${layers} layers, ${textSpan.texts} texts each from ${pool.versions[0]!.texts}, ${formatDuration(described.finishedMs! - described.startedMs!)}`,
  )
  say(headTable(heads, 3))

  const task = await taskOf(client, run, {
    attribute: 'object',
    classes: join(sampleFolder, 'classes.json'),
    list: 'objects',
  })
  const ablated = await finish(client['study/ablate']({ runId: run.id, task, textSpanId: textSpan.id }))
  const { result } = await client['study/read']({ studyId: ablated.resultId! })
  say()
  say(`Zero-shot objects (${result.classes} classes), terms replaced by their means over ${result.images} images`)
  say(studyTable(result))
  say()
  say(
    `All of it took ${formatDuration(Date.now() - startMs)}. Look at it: npm run headwise -- serve --workspace ${shownPath}`,
  )
}

async function ensureModel(client: Client): Promise<number> {
  const known = (await client['model/list']({})).find(({ name }) => name === 'sample')
  return (known ?? (await client['model/add']({ folder: join(sampleFolder, 'model'), name: 'sample' }))).id
}

async function ensureDataSet(
  { client, finish }: Pick<Session, 'client' | 'finish'>,
  name: string,
  path: string,
): Promise<number> {
  const known = (await client['data-set/list']({})).find((dataSet) => dataSet.name === name)
  return known?.id ?? (await finish(client['data-set/add']({ path, name }))).resultId!
}
