/** OpenCLIP folders: `open_clip_config.json`, `open_clip_model.safetensors`, `tokenizer.json`. */
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'
import type { ModelConfig, TextShape, VisionShape } from '../../contract/model.ts'
import { parseSection, refuseUnfitPatches, type ParsedCheckpoint } from './parsed-checkpoint.ts'
import type { WeightFinder } from './weights.ts'
import { type LayerWeights } from './weights.ts'

export const openClipConfigName = 'open_clip_config.json'
export const openClipWeightsName = 'open_clip_model.safetensors'

const count = z.int().min(1)
const size = z.union([count, z.tuple([count, count])])

const VisionSection = z.looseObject({
  image_size: size,
  layers: z.union([count, z.array(count)]),
  width: count,
  head_width: count.default(64),
  mlp_ratio: z.number().positive().default(4),
  patch_size: size.optional(),
})

const TextSection = z.looseObject({
  context_length: count.default(77),
  vocab_size: count.default(49408),
  width: count.default(512),
  heads: count.default(8),
  layers: count.default(12),
  mlp_ratio: z.number().positive().default(4),
})

const channels = z.tuple([z.number(), z.number(), z.number()])
const PreprocessSection = z.looseObject({
  mean: channels.default([0.48145466, 0.4578275, 0.40821073]),
  std: channels.default([0.26862954, 0.26130258, 0.27577711]),
  interpolation: z.string().default('bicubic'),
  resize_mode: z.string().default('shortest'),
})

const Config = z.looseObject({
  model_cfg: z.looseObject({
    embed_dim: count,
    quick_gelu: z.boolean().default(false),
    vision_cfg: z.looseObject({}),
    text_cfg: z.looseObject({}),
  }),
  preprocess_cfg: PreprocessSection.default(PreprocessSection.parse({})),
})

/**
 * @param raw the parsed open_clip_config.json
 * @throws HeadwiseError 'unsupported' for towers that do not decompose, with the reason
 */
export function parseOpenClip(
  raw: unknown,
  finder: (prefixes: string[], configName: string) => WeightFinder,
): ParsedCheckpoint {
  const config = parseSection(Config, raw, openClipConfigName)
  const { embed_dim: jointWidth, quick_gelu: isQuick, vision_cfg, text_cfg } = config.model_cfg
  refuseVision(vision_cfg)
  refuseText(text_cfg)
  const visionSection = parseSection(VisionSection, vision_cfg, openClipConfigName, 'model_cfg.vision_cfg.')
  const textSection = parseSection(TextSection, text_cfg, openClipConfigName, 'model_cfg.text_cfg.')
  const weights = finder(['module.', 'state_dict.', '_orig_mod.', 'text.'], openClipConfigName)
  refuseTowerInWeights(weights)
  const activation = isQuick ? 'quick-gelu' : 'gelu'
  const vision = visionShape(visionSection, weights, activation)
  const text: TextShape = {
    contextLength: textSection.context_length,
    vocabularySize: textSection.vocab_size,
    width: textSection.width,
    layers: textSection.layers,
    heads: textSection.heads,
    mlpWidth: Math.floor(textSection.width * textSection.mlp_ratio),
    epsilon: 1e-5,
    activation,
  }
  const preprocessing = openClipPreprocessing(config.preprocess_cfg, vision.imageSizePx)
  const model: ModelConfig = { layout: 'open-clip', jointWidth, vision, text, preprocessing }
  return { config: model, vision: visionWeights(weights, model), text: textWeights(weights, model) }
}

/** Towers whose output is not the class token of a plain ViT cannot be written as spec 2's sum. */
function refuseVision(vision: Record<string, unknown>): void {
  const refuse = (tower: string, reason: string): never => {
    throw new HeadwiseError('unsupported', `${tower} cannot be decomposed: ${reason}.`)
  }
  if (Array.isArray(vision.layers)) refuse('A ResNet tower', 'it has no attention layers over a class token')
  if (typeof vision.timm_model_name === 'string') {
    const tower = /siglip/i.test(vision.timm_model_name) ? 'SigLIP' : 'A timm tower'
    refuse(`${tower} ("${vision.timm_model_name}")`, 'its output is not the class token of a plain ViT')
  }
  if (vision.attentional_pool)
    refuse('A tower with attentional pooling', 'a second attention mixes the tokens after the last layer')
  if (vision.global_average_pool || vision.pool_type === 'avg') {
    refuse('A tower with global average pooling', 'its output is the mean of all tokens, not the class token')
  }
  if (vision.pool_type !== undefined && vision.pool_type !== 'tok') {
    refuse(`A tower with pooling "${String(vision.pool_type)}"`, 'only the class token ("tok") decomposes')
  }
  if (vision.ls_init_value != null)
    refuse('A tower with layer scale', 'the graphs have no scale after attention and MLP')
  if (vision.input_patchnorm)
    refuse('A tower with patch normalisation', 'the graphs have no norm before the patch embedding')
  if (vision.no_ln_pre) refuse('A tower without ln_pre', 'term 0 of the decomposition is the class token after ln_pre')
}

function refuseText(text: Record<string, unknown>): void {
  const refuse = (reason: string): never => {
    throw new HeadwiseError('unsupported', `The text tower cannot be used: ${reason}.`)
  }
  if (text.hf_model_name !== undefined)
    refuse(`it is the language model "${String(text.hf_model_name)}", not CLIP's transformer`)
  if (text.no_causal_mask) refuse('it has no causal mask')
  if (text.embed_cls) refuse('it appends a class token')
  if (text.pool_type !== undefined && text.pool_type !== 'argmax')
    refuse(`it pools by "${String(text.pool_type)}", not at the end token`)
}

function refuseTowerInWeights(weights: WeightFinder): void {
  if (weights.has('visual.layer1.0.conv1.weight')) {
    throw new HeadwiseError(
      'unsupported',
      'A ResNet tower cannot be decomposed: it has no attention layers over a class token.',
    )
  }
  if (weights.has('visual.attn_pool.query')) {
    throw new HeadwiseError(
      'unsupported',
      'A tower with attentional pooling cannot be decomposed: a second attention mixes the tokens after the last layer.',
    )
  }
}

function visionShape(
  section: z.output<typeof VisionSection>,
  weights: WeightFinder,
  activation: VisionShape['activation'],
): VisionShape {
  const imageSizePx = square(section.image_size, 'image_size')
  // Some configs leave the patch size out; the patch embedding always has it.
  const patchSizePx =
    section.patch_size === undefined
      ? weights.shapeOf('visual.conv1.weight')[3]!
      : square(section.patch_size, 'patch_size')
  const { width, head_width: headWidth } = section
  if (width % headWidth !== 0) {
    throw new HeadwiseError(
      'damaged',
      `"width" ${width} in ${openClipConfigName} must be a multiple of "head_width" ${headWidth}.`,
    )
  }
  refuseUnfitPatches(imageSizePx, patchSizePx, openClipConfigName)
  return {
    imageSizePx,
    patchSizePx,
    width,
    layers: section.layers as number,
    heads: width / headWidth,
    headWidth,
    mlpWidth: Math.floor(width * section.mlp_ratio),
    tokens: Math.floor(imageSizePx / patchSizePx) ** 2 + 1,
    epsilon: 1e-5,
    activation,
  }
}

function square(size: number | [number, number], name: string): number {
  if (typeof size === 'number') return size
  if (size[0] === size[1]) return size[0]
  throw new HeadwiseError(
    'unsupported',
    `"${name}" in ${openClipConfigName} must be square; it is ${size[0]} x ${size[1]}.`,
  )
}

function openClipPreprocessing(
  section: z.output<typeof PreprocessSection>,
  sizePx: number,
): ModelConfig['preprocessing'] {
  if (section.interpolation !== 'bicubic') {
    throw new HeadwiseError(
      'unsupported',
      `Preprocessing must interpolate with "bicubic"; ${openClipConfigName} asks for "${section.interpolation}".`,
    )
  }
  if (section.resize_mode !== 'shortest') {
    throw new HeadwiseError(
      'unsupported',
      `Preprocessing must resize the "shortest" side; ${openClipConfigName} asks for "${section.resize_mode}".`,
    )
  }
  return { sizePx, mean: section.mean, standardDeviation: section.std }
}

function visionWeights(weights: WeightFinder, { vision, jointWidth }: ModelConfig): ParsedCheckpoint['vision'] {
  const { width, patchSizePx } = vision
  return {
    patchEmbedding: weights.find('visual.conv1.weight', [width, 3, patchSizePx, patchSizePx]),
    classEmbedding: weights.find('visual.class_embedding', [width]),
    positionEmbedding: weights.find('visual.positional_embedding', [vision.tokens, width]),
    beforeLayers: weights.norm('visual.ln_pre', width),
    layers: layersOf(weights, 'visual.transformer', vision),
    afterLayers: weights.norm('visual.ln_post', width),
    projection: { weight: weights.find('visual.proj', [width, jointWidth]), isTransposed: false },
  }
}

function textWeights(weights: WeightFinder, { text, jointWidth }: ModelConfig): ParsedCheckpoint['text'] {
  // Text towers with their own module may keep the projection as a linear layer, stored [joint, width].
  const isLinear = weights.has('text_projection.weight')
  return {
    tokenEmbedding: weights.find('token_embedding.weight', [text.vocabularySize, text.width]),
    positionEmbedding: weights.find('positional_embedding', [text.contextLength, text.width]),
    layers: layersOf(weights, 'transformer', text),
    afterLayers: weights.norm('ln_final', text.width),
    projection: isLinear
      ? { weight: weights.find('text_projection.weight', [jointWidth, text.width]), isTransposed: true }
      : { weight: weights.find('text_projection', [text.width, jointWidth]), isTransposed: false },
  }
}

function layersOf(
  weights: WeightFinder,
  tower: string,
  shape: { width: number; layers: number; mlpWidth: number },
): LayerWeights[] {
  const { width, mlpWidth } = shape
  return Array.from({ length: shape.layers }, (_, layer) => {
    const at = `${tower}.resblocks.${layer}`
    const stacked = (part: number) => ({
      weight: weights.findRows(`${at}.attn.in_proj_weight`, [3 * width, width], part * width, (part + 1) * width),
      bias: weights.findRows(`${at}.attn.in_proj_bias`, [3 * width], part * width, (part + 1) * width),
    })
    return {
      beforeAttention: weights.norm(`${at}.ln_1`, width),
      query: stacked(0),
      key: stacked(1),
      value: stacked(2),
      attentionOutput: weights.affine(`${at}.attn.out_proj`, [width, width], width),
      beforeMlp: weights.norm(`${at}.ln_2`, width),
      mlpIn: weights.affine(`${at}.mlp.c_fc`, [mlpWidth, width], mlpWidth),
      mlpOut: weights.affine(`${at}.mlp.c_proj`, [width, mlpWidth], width),
    }
  })
}
