/**
 * Opens a checkpoint folder of either layout: its config, where its weights stand, and its identity. Nothing is
 * loaded; the graphs point into the weights file.
 */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Layout, ModelConfig } from '../../contract/model.ts'
import {
  huggingFaceConfigName,
  huggingFacePreprocessingName,
  huggingFaceWeightsName,
  parseHuggingFace,
} from './hugging-face.ts'
import { openClipConfigName, openClipWeightsName, parseOpenClip } from './open-clip.ts'
import { readSafetensorsHeader, type SafetensorsFile } from './safetensors.ts'
import { type TextWeights, type VisionWeights, WeightFinder } from './weights.ts'

export const tokenizerName = 'tokenizer.json'

export type Checkpoint = {
  folder: string
  weightsPath: string
  weightsSizeBytes: number
  weightsModifiedMs: number
  config: ModelConfig
  vision: VisionWeights
  text: TextWeights
  /** SHA-256, hexadecimal; see `identityOf`. */
  hash: string
}

/** @throws HeadwiseError 'not-found', 'damaged' or 'unsupported', saying which file and why */
export function openCheckpoint(folder: string): Checkpoint {
  const root = resolve(folder)
  const layout = layoutOf(root)
  const weightsPath = join(root, layout.weights)
  const file = readSafetensorsHeader(weightsPath)
  for (const name of layout.needs) {
    if (!existsSync(join(root, name))) {
      throw new HeadwiseError(
        'not-found',
        `The checkpoint folder "${basename(root)}" must hold "${name}"; it does not.`,
      )
    }
  }
  const finder = (prefixes: string[], configName: string) =>
    new WeightFinder(file, layout.weights, configName, prefixes)
  const config = readJson(root, layout.config)
  const parsed =
    layout.config === openClipConfigName
      ? parseOpenClip(config, finder)
      : parseHuggingFace(config, readJson(root, huggingFacePreprocessingName), finder)
  return {
    folder: root,
    weightsPath,
    weightsSizeBytes: file.sizeBytes,
    weightsModifiedMs: file.modifiedMs,
    ...parsed,
    hash: identityOf(file, parsed.config, join(root, tokenizerName)),
  }
}

type FolderLayout = { layout: Layout; config: string; weights: string; needs: string[] }

const folderLayouts: FolderLayout[] = [
  { layout: 'open-clip', config: openClipConfigName, weights: openClipWeightsName, needs: [tokenizerName] },
  {
    layout: 'hugging-face',
    config: huggingFaceConfigName,
    weights: huggingFaceWeightsName,
    needs: [huggingFacePreprocessingName, tokenizerName],
  },
]

/** The name of the file that holds a layout's weights. */
export function weightsNameOf(layout: Layout): string {
  return folderLayouts.find((known) => known.layout === layout)!.weights
}

function layoutOf(root: string): FolderLayout {
  if (!existsSync(root)) throw new HeadwiseError('not-found', `There is no folder "${root}".`)
  if (!statSync(root).isDirectory()) {
    throw new HeadwiseError('bad-input', `A checkpoint is a folder with a config and weights; "${root}" is a file.`)
  }
  const layout = folderLayouts.find(({ config }) => existsSync(join(root, config)))
  const found = readdirSync(root).slice(0, 8).join('", "')
  if (!layout) {
    throw new HeadwiseError(
      'not-found',
      `A checkpoint folder holds "${openClipConfigName}" or "${huggingFaceConfigName}"; "${root}" has ${found ? `"${found}"` : 'no files'}.`,
    )
  }
  if (!existsSync(join(root, layout.weights))) {
    throw new HeadwiseError(
      'not-found',
      `The checkpoint folder "${basename(root)}" must hold its weights in "${layout.weights}"; it has "${found}".`,
    )
  }
  return layout
}

function readJson(root: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, name), 'utf8'))
  } catch (cause) {
    throw new HeadwiseError('damaged', `"${name}" in "${basename(root)}" must be JSON; it cannot be parsed.`, { cause })
  }
}

const sampleBytes = 4096

/**
 * The model's identity: SHA-256 over the safetensors header, the first and the middle 4 KiB of every tensor, the file
 * size, the config and preprocessing as they are understood, and the tokenizer. Reading a sample of each tensor finds
 * a checkpoint that was tuned in one layer only, and stays quick for files of several gigabytes.
 */
function identityOf(file: SafetensorsFile, config: ModelConfig, tokenizerPath: string): string {
  const hash = createHash('sha256')
  hash.update(file.header).update(String(file.sizeBytes))
  const handle = openSync(file.path, 'r')
  try {
    for (const { offset, lengthBytes } of [...file.tensors.values()].sort((a, b) => a.offset - b.offset)) {
      hash.update(readAt(handle, offset, Math.min(sampleBytes, lengthBytes)))
      const middle = Math.floor(lengthBytes / 2)
      hash.update(readAt(handle, offset + middle, Math.min(sampleBytes, lengthBytes - middle)))
    }
  } finally {
    closeSync(handle)
  }
  return hash.update(JSON.stringify(config)).update(readFileSync(tokenizerPath)).digest('hex')
}

function readAt(handle: number, offset: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  readSync(handle, bytes, 0, lengthBytes, offset)
  return bytes
}
