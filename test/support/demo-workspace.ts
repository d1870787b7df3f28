/** A workspace as `npm run demo` leaves it, with all layers described, made by the real command line. */
import { join } from 'node:path'
import { runCli } from './run-cli.ts'
import { type Place, sampleFolder } from './sample.ts'

export async function demoWorkspace(
  place: Place,
  { poolPath = join(sampleFolder, 'pool.csv') }: { poolPath?: string } = {},
): Promise<string> {
  const path = join(place.folder, 'sample.headwise')
  const cli = async (...args: string[]) => {
    const { code, stderr } = await runCli(args, { cwd: place.folder, env: { HEADWISE_CACHE: place.cacheFolder } })
    if (code !== 0) throw new Error(`headwise ${args.join(' ')}: ${stderr}`)
  }
  await cli('init', path)
  await cli('model', 'add', join(sampleFolder, 'model'), '--name', 'sample')
  await cli('data', 'add', join(sampleFolder, 'scenes'))
  await cli('data', 'add', join(sampleFolder, 'birds'))
  await cli('data', 'add', join(sampleFolder, 'segmentation.mat'))
  await cli('pool', 'add', poolPath, '--name', 'sample')
  await cli('decompose', '--data', 'scenes', '--provider', 'cpu')
  await cli('textspan', '--layers', '6')
  return path
}
