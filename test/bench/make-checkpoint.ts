/** Checkpoints of true shape with random weights, in OpenCLIP's layout; the sample's tokenizer stands in for CLIP's. */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { sampleFolder } from '../support/sample.ts'

export type Shape = {
  joint: number
  vision: {
    imageSizePx: number
    patchSizePx: number
    width: number
    layers: number
    headWidth: number
    mlpWidth: number
  }
  text: { context: number; vocabulary: number; width: number; heads: number; layers: number }
}

const clipText = (width: number, heads: number, layers: number) => ({
  context: 77,
  vocabulary: 49408,
  width,
  heads,
  layers,
})
const vision = (patchSizePx: number, width: number, layers: number, headWidth = 64, mlpWidth = 4 * width) => ({
  imageSizePx: 224,
  patchSizePx,
  width,
  layers,
  headWidth,
  mlpWidth,
})

export const shapes: Record<string, Shape> = {
  'ViT-B/32': { joint: 512, vision: vision(32, 768, 12), text: clipText(512, 8, 12) },
  'ViT-B/16': { joint: 512, vision: vision(16, 768, 12), text: clipText(512, 8, 12) },
  'ViT-L/14': { joint: 768, vision: vision(14, 1024, 24), text: clipText(768, 12, 12) },
  'ViT-H/14': { joint: 1024, vision: vision(14, 1280, 32, 80), text: clipText(1024, 16, 24) },
}

type Tensor = { name: string; shape: number[]; kind: 'random' | 'ones' | 'zeros' }

/** @param seed of the random weights, which are uniform with the deviation that CLIP starts from */
export function makeCheckpoint(folder: string, shape: Shape, seed = 1): void {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(sampleFolder, 'model', 'tokenizer.json'), join(folder, 'tokenizer.json'))
  writeFileSync(join(folder, 'open_clip_config.json'), JSON.stringify(configOf(shape)))
  writeWeights(join(folder, 'open_clip_model.safetensors'), tensorsOf(shape), seed)
}

function configOf({ joint, vision, text }: Shape) {
  const { imageSizePx, patchSizePx, width, layers, headWidth, mlpWidth } = vision
  return {
    model_cfg: {
      embed_dim: joint,
      vision_cfg: {
        image_size: imageSizePx,
        layers,
        width,
        head_width: headWidth,
        patch_size: patchSizePx,
        mlp_ratio: mlpWidth / width,
      },
      text_cfg: {
        context_length: text.context,
        vocab_size: text.vocabulary,
        width: text.width,
        heads: text.heads,
        layers: text.layers,
      },
    },
  }
}

function tensorsOf({ joint, vision, text }: Shape): Tensor[] {
  const random = (name: string, ...dims: number[]): Tensor => ({ name, shape: dims, kind: 'random' })
  const norm = (name: string, width: number): Tensor[] => [
    { name: `${name}.weight`, shape: [width], kind: 'ones' },
    { name: `${name}.bias`, shape: [width], kind: 'zeros' },
  ]
  const layer = (at: string, width: number, mlpWidth: number): Tensor[] => [
    ...norm(`${at}.ln_1`, width),
    random(`${at}.attn.in_proj_weight`, 3 * width, width),
    random(`${at}.attn.in_proj_bias`, 3 * width),
    random(`${at}.attn.out_proj.weight`, width, width),
    random(`${at}.attn.out_proj.bias`, width),
    ...norm(`${at}.ln_2`, width),
    random(`${at}.mlp.c_fc.weight`, mlpWidth, width),
    random(`${at}.mlp.c_fc.bias`, mlpWidth),
    random(`${at}.mlp.c_proj.weight`, width, mlpWidth),
    random(`${at}.mlp.c_proj.bias`, width),
  ]
  const tower = (prefix: string, width: number, layers: number, mlpWidth: number) =>
    Array.from({ length: layers }, (_, at) => layer(`${prefix}.resblocks.${at}`, width, mlpWidth)).flat()
  const tokens = Math.floor(vision.imageSizePx / vision.patchSizePx) ** 2 + 1
  return [
    random('visual.conv1.weight', vision.width, 3, vision.patchSizePx, vision.patchSizePx),
    random('visual.class_embedding', vision.width),
    random('visual.positional_embedding', tokens, vision.width),
    ...norm('visual.ln_pre', vision.width),
    ...tower('visual.transformer', vision.width, vision.layers, vision.mlpWidth),
    ...norm('visual.ln_post', vision.width),
    random('visual.proj', vision.width, joint),
    random('token_embedding.weight', text.vocabulary, text.width),
    random('positional_embedding', text.context, text.width),
    ...tower('transformer', text.width, text.layers, 4 * text.width),
    ...norm('ln_final', text.width),
    random('text_projection', text.width, joint),
  ]
}

function writeWeights(path: string, tensors: Tensor[], seed: number): void {
  let end = 0
  const entries = tensors.map(({ name, shape }) => {
    const from = end
    end += 4 * sizeOf(shape)
    return [name, { dtype: 'F32', shape, data_offsets: [from, end] }]
  })
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  // The data begin at a multiple of 8, as the format's own writers arrange it.
  const header = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = openSync(path, 'w')
  writeSync(file, Buffer.concat([length, header]))
  const next = randomUniform(seed)
  for (const tensor of tensors) writeSync(file, new Uint8Array(valuesOf(tensor, next).buffer))
  closeSync(file)
}

function valuesOf({ shape, kind }: Tensor, next: () => number): Float32Array {
  const values = new Float32Array(sizeOf(shape))
  if (kind === 'zeros') return values
  if (kind === 'ones') return values.fill(1)
  // Uniform in +-sqrt(3) s has the deviation s; a width's root keeps sums of products near 1.
  const spread = Math.sqrt(3 / shape.at(-1)!) * 0.7
  for (let at = 0; at < values.length; at++) values[at] = (2 * next() - 1) * spread
  return values
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** Park and Miller's minimal standard generator: quick, and the same on every machine. */
export function randomUniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}
