/**
 * ONNX Runtime sessions over our own graphs. A graph that refers to a checkpoint's weights is written beside a hard
 * link to them for as long as the session is being made, so that ONNX Runtime maps the file instead of copying it;
 * where no link can be made (another disk), the bytes are handed over in memory.
 *
 * `run` of onnxruntime-node blocks its thread until the result is there: keep batches short where others wait.
 */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { InferenceSession, Tensor } from './onnxruntime.ts'
import type { Provider } from '../../contract/run.ts'

export { type InferenceSession, Tensor }

export type SessionOptions = {
  provider?: Provider
  /** Threads inside one operator; 0 lets ONNX Runtime use every core. */
  threads?: number
  /** The checkpoint's weights file, for graphs with external tensors. */
  weights?: { path: string; cacheFolder: string }
}

/** The name under which graphs refer to the weights, whatever the file is called. */
export const weightsLocation = 'weights.safetensors'

export async function createSession(graph: Uint8Array, options: SessionOptions = {}): Promise<InferenceSession> {
  const sessionOptions: InferenceSession.SessionOptions = {
    executionProviders: [options.provider ?? 'cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads ?? 0,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  }
  if (!options.weights) return InferenceSession.create(graph, sessionOptions)
  const folder = linkWeights(options.weights)
  if (!folder) {
    const data = readWhole(options.weights.path)
    return InferenceSession.create(graph, { ...sessionOptions, externalData: [{ path: weightsLocation, data }] })
  }
  try {
    const path = join(folder, 'graph.onnx')
    writeFileSync(path, graph)
    return await InferenceSession.create(path, sessionOptions)
  } finally {
    // The mapping outlives the name on Linux and macOS; Windows refuses while mapped, and the next start clears it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 0 })
  }
}

function linkWeights({ path, cacheFolder }: { path: string; cacheFolder: string }): string | undefined {
  mkdirSync(cacheFolder, { recursive: true })
  const folder = mkdtempSync(join(cacheFolder, `${basename(path)}-`))
  try {
    linkSync(path, join(folder, weightsLocation))
    return folder
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}

/** fs.readFile stops at 2 GiB, so the file is read in pieces. */
function readWhole(path: string): Uint8Array {
  const bytes = new Uint8Array(statSync(path).size)
  const file = openSync(path, 'r')
  try {
    for (let at = 0; at < bytes.length;) {
      const count = readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30), at)
      if (count === 0) break
      at += count
    }
  } finally {
    closeSync(file)
  }
  return bytes
}
