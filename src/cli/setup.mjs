// Makes node_modules what package-lock.json says, with the project's own Node in it. Runs on Node 20 without any
// package, does nothing when nothing changed, and never runs install scripts but the one that fetches Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..')
const modules = join(root, 'node_modules')
const stampPath = join(modules, '.headwise-setup')
const lockFolder = join(root, '.setup-lock')
const ownNode = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const neededMajor = 24

/** A setup that died leaves its lock behind; none takes half an hour. */
const staleMs = 30 * 60_000

function main() {
  const [major] = process.versions.node.split('.').map(Number)
  if (major < 20) return fail(`Node 20 or newer is needed to set up Headwise; this is ${process.versions.node}.`)
  const wanted = fingerprint()
  if (!isReady(wanted) && !setUp(wanted)) return
  if (process.argv.includes('--cuda')) fetchCuda()
}

function fingerprint() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex')
}

function isReady(wanted) {
  return existsSync(ownNode) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted
}

function setUp(wanted) {
  const release = takeLock(wanted)
  if (!release) return isReady(wanted)
  try {
    process.stderr.write('Setting up Headwise: installing packages, about 900 MB, once.\n')
    if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])) {
      return fail(
        'Packages could not be installed; the lines above say why. Check the network and the disk, then run the command again.',
      )
    }
    // The package "node" fetches its binary in its own install script, the only one that runs.
    if (!run('npm', ['rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts', '--loglevel=error'])) {
      return fail("The project's own Node could not be fetched; the lines above say why.")
    }
    const version = spawnSync(ownNode, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''
    if (!version.startsWith(`v${neededMajor}.`)) {
      return fail(`The project's own Node must be version ${neededMajor}; ${ownNode} gives "${version}".`)
    }
    writeFileSync(stampPath, wanted)
    return true
  } finally {
    release()
  }
}

/** @returns a function that frees the lock, or undefined when another setup has finished the work meanwhile */
function takeLock(wanted) {
  for (;;) {
    try {
      mkdirSync(lockFolder)
      return () => rmSync(lockFolder, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const age = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      if (age > staleMs) rmSync(lockFolder, { recursive: true, force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      if (isReady(wanted)) return undefined
    }
  }
}

/** Output is kept back and shown only when the command fails. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ...env },
  })
  if (result.status === 0) return true
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`)
  return false
}

/** ONNX Runtime's CUDA libraries are not in its package; its own script fetches them. */
function fetchCuda() {
  const folder = join(modules, 'onnxruntime-node')
  const done = run(ownNode, [join(folder, 'script', 'install.js')], { ONNXRUNTIME_NODE_INSTALL: 'cuda12' })
  if (!done) return fail('The CUDA libraries of ONNX Runtime could not be fetched; the lines above say why.')
  process.stderr.write('CUDA libraries are installed. "npm run headwise -- doctor" tells whether they work here.\n')
}

function fail(sentence) {
  process.stderr.write(`headwise setup: ${sentence}\n`)
  process.exitCode = 1
  return false
}

main()
