/** Which of ONNX Runtime's execution providers work here, found out by running a small product on each. */
import { listSupportedBackends } from './onnxruntime.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import { type Provider, type ProviderReport, providers } from '../../contract/run.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import { createSession, Tensor } from './session.ts'

/** In the order in which `auto` would have them; the processor is what is always there. */
const preferred: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu']

/** Side and number of the products in the trial: enough to tell a GPU from an emulated one, in well under a second. */
const trialSize = 512
const trialProducts = 6

type Trial = { isUsable: true; durationMs: number } | { isUsable: false; reason: string }

export async function reportProviders(): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = []
  const cpu = await tryProvider('cpu')
  for (const provider of providers) {
    const trial = provider === 'cpu' ? cpu : await tryProvider(provider)
    reports.push({ provider, isUsable: trial.isUsable, detail: detailOf(trial, cpu) })
  }
  return reports
}

function detailOf(trial: Trial, cpu: Trial): string {
  if (!trial.isUsable) return trial.reason
  if (!cpu.isUsable || trial === cpu) return 'works'
  return `works, ${(cpu.durationMs / trial.durationMs).toPrecision(2)} times as fast as the processor in a short trial`
}

export type ProviderChoice = { provider: Provider; remarks: string[] }

/**
 * `auto` takes the first provider that works and is faster than the processor; a named one is taken or refused.
 * @returns the provider, and why the others before it were not taken
 * @throws HeadwiseError 'unsupported' when a named provider does not work here
 */
export async function chooseProvider(wanted: Provider | 'auto'): Promise<ProviderChoice> {
  if (wanted === 'cpu') return { provider: 'cpu', remarks: [] }
  if (wanted !== 'auto') {
    const trial = await tryProvider(wanted)
    if (trial.isUsable) return { provider: wanted, remarks: [] }
    throw new HeadwiseError('unsupported', `The provider "${wanted}" cannot be used here: ${trial.reason}.`)
  }
  const cpu = await tryProvider('cpu')
  const remarks: string[] = []
  for (const provider of preferred) {
    if (!isBundledHere(provider)) continue
    const trial = lacksVulkan(provider) ?? (await tryProvider(provider))
    if (trial.isUsable && cpu.isUsable && trial.durationMs < cpu.durationMs) return { provider, remarks }
    remarks.push(
      trial.isUsable
        ? `${provider} is not used: it is slower than the processor here`
        : `${provider} is not used: ${trial.reason}`,
    )
  }
  return { provider: 'cpu', remarks }
}

/**
 * On Linux, WebGPU prints a warning of its own when there is no Vulkan loader, so `auto` looks for one first. A named
 * provider is tried all the same.
 */
function lacksVulkan(provider: Provider): Trial | undefined {
  if (provider !== 'webgpu' || process.platform !== 'linux') return undefined
  const system = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/run/opengl-driver/lib']
  const architecture = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const own = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '')
  const folders = [...own, ...system, ...system.map((folder) => join(folder, architecture))]
  if (folders.some((folder) => existsSync(join(folder, 'libvulkan.so.1')))) return undefined
  return { isUsable: false, reason: 'there is no Vulkan on this machine (libvulkan.so.1)' }
}

function isBundledHere(provider: Provider): boolean {
  return listSupportedBackends().some(({ name, bundled }) => name === provider && bundled)
}

async function tryProvider(provider: Provider): Promise<Trial> {
  if (!listSupportedBackends().some(({ name }) => name === provider)) {
    return { isUsable: false, reason: `ONNX Runtime for ${process.platform}-${process.arch} does not have it` }
  }
  try {
    const session = await createSession(trialGraph(), { provider })
    try {
      const input = {
        x: new Tensor('float32', new Float32Array(trialSize ** 2).fill(1 / trialSize), [trialSize, trialSize]),
      }
      const { y } = await session.run(input)
      // Rows of a matrix of 1/n times itself stay 1/n: a device that computes nonsense is no device.
      const first = (y!.data as Float32Array)[0]!
      if (Math.abs(first * trialSize - 1) > 1e-3)
        return { isUsable: false, reason: `its arithmetic is wrong (${first} for ${1 / trialSize})` }
      const start = performance.now()
      await session.run(input)
      return { isUsable: true, durationMs: performance.now() - start }
    } finally {
      await session.release()
    }
  } catch (error) {
    return { isUsable: false, reason: reasonOf(provider, error) }
  }
}

/** The reason in the program's words where it is a known one, else the library's first line. */
function reasonOf(provider: Provider, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (provider === 'cuda' && /load (shared )?library/i.test(message)) {
    return 'its libraries are not installed; "npm run setup -- --cuda" fetches them'
  }
  if (provider === 'webgpu' && /adapter/i.test(message))
    return 'no graphics device with Vulkan, Direct3D 12 or Metal was found'
  return message.split('\n')[0]!.replace(/\.$/, '').slice(0, 200)
}

function trialGraph(): Uint8Array {
  const g = new GraphBuilder('trial')
  const x = g.input('x', 'float32', [trialSize, trialSize])
  let y = x
  for (let k = 0; k < trialProducts; k++) y = g.op('MatMul', [y, x])
  g.output('y', y, 'float32', [trialSize, trialSize])
  return g.encode()
}
