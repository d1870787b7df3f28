/**
 * The bench: every figure is a ratio or a size, measured in one run on one machine. Prints a table and keeps the
 * numbers as JSON in out/bench, so that two commits can be compared.
 *   npm run bench                        everything
 *   npm run bench -- decompose memory    only these parts
 */
import { execSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../../src/cli/format.ts'
import { projectFolder, sampleFolder } from '../support/sample.ts'
import { benchDecompose } from './decompose-bench.ts'
import { makeCheckpoint, shapes } from './make-checkpoint.ts'
import { benchMaps } from './map-bench.ts'
import type { Result } from './measure.ts'
import { benchMemory } from './memory-bench.ts'
import { benchStore } from './store-bench.ts'
import { benchTexts } from './text-bench.ts'
import { benchTextSpan } from './text-span-bench.ts'
import { benchWorkbench } from './workbench-bench.ts'

const parts = ['decompose', 'maps', 'textspan', 'texts', 'store', 'memory', 'workbench'] as const
const wanted = process.argv.slice(2)
const unknown = wanted.find((part) => !(parts as readonly string[]).includes(part))
if (unknown) throw new Error(`The parts are ${parts.join(', ')}; "${unknown}" is none of them.`)
const has = (part: (typeof parts)[number]) => wanted.length === 0 || wanted.includes(part)

const folder = mkdtempSync(join(tmpdir(), 'headwise-bench-'))
const results: Result[] = []
const add = (result: Result) => {
  results.push(result)
  process.stderr.write(`${result.what}: ${result.measured}\n`)
}

try {
  const cache = join(folder, 'cache')
  const sampleModel = join(sampleFolder, 'model')
  // First: a child's peak counts from the size of the process that starts it.
  if (has('memory')) add(await benchMemory(folder))
  if (has('decompose')) {
    add(await benchDecompose('the sample', sampleModel, cache, { batch: 16, rounds: 9 }))
    for (const [name, batch, rounds] of [
      ['ViT-B/32', 16, 9],
      ['ViT-B/16', 8, 9],
      ['ViT-L/14', 2, 7],
    ] as const) {
      await withCheckpoint(name, async (model) => add(await benchDecompose(name, model, cache, { batch, rounds })))
    }
  }
  if (has('maps')) {
    add(await benchMaps('the sample', sampleModel, cache, { batch: 16, rounds: 9 }))
    for (const [name, batch, rounds] of [
      ['ViT-B/32', 16, 9],
      ['ViT-B/16', 8, 9],
      ['ViT-L/14', 2, 7],
    ] as const) {
      await withCheckpoint(name, async (model) => add(await benchMaps(name, model, cache, { batch, rounds })))
    }
  }
  if (has('textspan')) {
    add(await benchTextSpan(3498))
    add(await benchTextSpan(30_000))
  }
  if (has('texts')) await withCheckpoint('ViT-L/14', async (model) => add(await benchTexts('ViT-L/14', model, cache)))
  if (has('store')) {
    for (const name of ['ViT-B/16', 'ViT-L/14', 'ViT-H/14']) add(benchStore(name, shapes[name]!, folder, sampleModel))
  }
  if (has('workbench')) await benchWorkbench(folder, add)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const machine = {
  processor: cpus()[0]!.model.trim(),
  cores: cpus().length,
  memoryBytes: totalmem(),
  system: `${process.platform} ${process.arch}`,
  node: process.version,
  onnxRuntime: versionOf('onnxruntime-node'),
  commit: commitName(),
}
const verdict = ({ isMet }: Result) => (isMet === null ? '' : isMet ? 'met' : 'MISSED')
console.log(
  `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}, ONNX Runtime ${machine.onnxRuntime}, ${machine.commit}\n`,
)
console.log(
  formatTable(
    ['what', 'measured', 'asked for', ''],
    results.map((result) => [result.what, result.measured, result.limit, verdict(result)]),
  ),
)
const output = join(projectFolder, 'out', 'bench', `${machine.commit}.json`)
mkdirSync(join(projectFolder, 'out', 'bench'), { recursive: true })
writeFileSync(output, JSON.stringify({ machine, results }, null, 2))
console.log(`\nNumbers: ${output}`)

async function withCheckpoint(name: string, work: (model: string) => Promise<void>): Promise<void> {
  const model = join(folder, name.replace(/\W/g, '-'))
  makeCheckpoint(model, shapes[name]!)
  await work(model)
  rmSync(model, { recursive: true })
}

function versionOf(library: string): string {
  const text = readFileSync(join(projectFolder, 'node_modules', library, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function commitName(): string {
  try {
    return execSync('git rev-parse --short HEAD', { cwd: projectFolder, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  } catch {
    return 'no-commit'
  }
}
