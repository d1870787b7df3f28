// Builds what the browser tests open, runs every test, and closes with the counts on a line of their own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')
const reportPath = join(root, 'out', 'test-report.json')
mkdirSync(join(root, 'out'), { recursive: true })
rmSync(reportPath, { force: true })

const bin = (path) => join(root, 'node_modules', path)
const run = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1

const built = run([bin('vite/bin/vite.js'), 'build', 'src/renderer', '--logLevel', 'warn'])
const tested =
  built === 0
    ? run([
        bin('vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile=${reportPath}`,
        ...process.argv.slice(2),
      ])
    : 1
if (built !== 0) console.error('The renderer could not be built; no test was run.')
else {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(reportPath, 'utf8'))
  // A file that cannot even be loaded has no failed test of its own, yet the run has failed.
  const failed = tested !== 0 && numFailedTests === 0 ? 1 : numFailedTests
  console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`)
}
process.exitCode = tested
