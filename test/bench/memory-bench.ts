/**
 * Peak memory of the real command while it decomposes 2,000 and 20,000 images: it must not grow with their number.
 * The garbage collector takes some seconds to settle, which 2,000 images do not last; after that the curve is flat.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '../support/run-cli.ts'
import { projectFolder, sampleFolder } from '../support/sample.ts'
import { makeCheckpoint, type Shape } from './make-checkpoint.ts'
import type { Result } from './measure.ts'

/** Small, so that most of the time goes into what holds images: reading, storing, moments. */
const small: Shape = {
  joint: 64,
  vision: { imageSizePx: 32, patchSizePx: 16, width: 64, layers: 3, headWidth: 16, mlpWidth: 128 },
  text: { context: 32, vocabulary: 1024, width: 64, heads: 4, layers: 1 },
}

export async function benchMemory(folder: string): Promise<Result> {
  makeCheckpoint(join(folder, 'small'), small)
  const few = await peakBytes(folder, 2_000)
  const many = await peakBytes(folder, 20_000)
  return {
    what: 'peak memory of decompose, 2,000 and 20,000 images',
    measured: `${(few / 1e6).toFixed(0)} MB and ${(many / 1e6).toFixed(0)} MB`,
    limit: 'at most 1.3 times',
    isMet: many <= 1.3 * few,
    numbers: { few, many },
  }
}

async function peakBytes(folder: string, count: number): Promise<number> {
  const place = join(folder, String(count))
  const images = join(place, 'images')
  mkdirSync(images, { recursive: true })
  const originals = readdirSync(join(sampleFolder, 'scenes')).filter((name) => name.endsWith('.jpg'))
  for (let at = 0; at < count; at++) {
    copyFileSync(join(sampleFolder, 'scenes', originals[at % originals.length]!), join(images, `${at}.jpg`))
  }
  const env = { HEADWISE_CACHE: join(folder, 'cache') }
  for (const args of [
    ['init', 'memory.headwise'],
    ['model', 'add', join(folder, 'small')],
    ['data', 'add', images],
  ]) {
    const { code, stderr } = await runCli(args, { cwd: place, env })
    if (code !== 0) throw new Error(stderr)
  }
  return decomposeAndWatch(place, env)
}

/** The command in a child that reports its own largest resident set at its end. */
function decomposeAndWatch(cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const report = 'process.on("exit", () => console.log(`PEAK ${process.resourceUsage().maxRSS * 1024}`))'
  const entry = join(projectFolder, 'src', 'cli', 'headwise.mjs')
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(report)}`,
    entry,
    'decompose',
    '--provider',
    'cpu',
  ]
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('close', () => {
      const peak = /PEAK (\d+)/.exec(output)
      if (peak) resolve(Number(peak[1]))
      else reject(new Error(`The command reported no peak: ${output}`))
    })
  })
}
