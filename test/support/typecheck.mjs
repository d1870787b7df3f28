// Type-checks every layer by its own tsconfig, so that a forbidden import or a global of another world does not compile.
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')
const layers = ['contract', 'engine', 'server', 'main', 'preload', 'renderer', 'cli', 'test']

let failed = 0
for (const layer of layers) {
  const compiler = layer === 'renderer' ? 'vue-tsc/bin/vue-tsc.js' : 'typescript/bin/tsc'
  const path = join(root, 'node_modules', compiler)
  const { status } = spawnSync(process.execPath, [path, '-p', `tsconfig.${layer}.json`], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`typecheck: the layer "${layer}" has errors.`)
    failed++
  }
}
process.exitCode = failed === 0 ? 0 : 1
