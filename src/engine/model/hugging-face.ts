/** Hugging Face CLIP folders: `config.json`, `model.safetensors`, `preprocessor_config.json`, `tokenizer.json`. */
import { z } from 'zod'
import { HeadwiseError } from '../../contract/errors.ts'
import type { Activation, ModelConfig, Preprocessing } from '../../contract/model.ts'
import { parseSection, refuseUnfitPatches, type ParsedCheckpoint } from './parsed-checkpoint.ts'
import type { LayerWeights, WeightFinder } from './weights.ts'

export const huggingFaceConfigName = 'config.json'
export const huggingFaceWeightsName = 'model.safetensors'
export const huggingFacePreprocessingName = 'preprocessor_config.json'

const count = z.int().min(1)

// The defaults are those of the transformers library, which leaves defaults out of the file.
const VisionSection = z.looseObject({
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  image_size: count.default(224),
  patch_size: count.default(32),
  hidden_act: z.string().default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})

const TextSection = z.looseObject({
  vocab_size: count.default(49408),
  hidden_size: count.default(512),
  intermediate_size: count.default(2048),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(8),
  max_position_embeddings: count.default(77),
  hidden_act: z.string().default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
})

const Config = z.looseObject({
  model_type: z.string(),
  projection_dim: count.default(512),
  vision_config: VisionSection.default(VisionSection.parse({})),
  text_config: TextSection.default(TextSection.parse({})),
})

const channels = z.tuple([z.number(), z.number(), z.number()])
const Preprocessor = z.looseObject({
  size: z.union([count, z.looseObject({ shortest_edge: count.optional() })]),
  image_mean: channels,
  image_std: channels,
  resample: z.int().default(3),
  do_center_crop: z.boolean().default(true),
})

/**
 * @param raw              the parsed config.json
 * @param rawPreprocessor  the parsed preprocessor_config.json
 */
export function parseHuggingFace(
  raw: unknown,
  rawPreprocessor: unknown,
  finder: (prefixes: string[], configName: string) => WeightFinder,
): ParsedCheckpoint {
  refuseModelType(raw)
  const config = parseSection(Config, raw, huggingFaceConfigName)
  const { vision_config: vision, text_config: text } = config
  for (const [name, tower] of Object.entries({ vision_config: vision, text_config: text })) {
    if (tower.hidden_size % tower.num_attention_heads !== 0) {
      throw new HeadwiseError(
        'damaged',
        `"${name}.hidden_size" ${tower.hidden_size} in ${huggingFaceConfigName} must be a multiple of "num_attention_heads" ${tower.num_attention_heads}.`,
      )
    }
  }
  refuseUnfitPatches(vision.image_size, vision.patch_size, huggingFaceConfigName)
  const model: ModelConfig = {
    layout: 'hugging-face',
    jointWidth: config.projection_dim,
    vision: {
      imageSizePx: vision.image_size,
      patchSizePx: vision.patch_size,
      width: vision.hidden_size,
      layers: vision.num_hidden_layers,
      heads: vision.num_attention_heads,
      headWidth: vision.hidden_size / vision.num_attention_heads,
      mlpWidth: vision.intermediate_size,
      tokens: Math.floor(vision.image_size / vision.patch_size) ** 2 + 1,
      epsilon: vision.layer_norm_eps,
      activation: activationOf(vision.hidden_act),
    },
    text: {
      contextLength: text.max_position_embeddings,
      vocabularySize: text.vocab_size,
      width: text.hidden_size,
      layers: text.num_hidden_layers,
      heads: text.num_attention_heads,
      mlpWidth: text.intermediate_size,
      epsilon: text.layer_norm_eps,
      activation: activationOf(text.hidden_act),
    },
    preprocessing: preprocessingOf(rawPreprocessor, vision.image_size),
  }
  const weights = finder(['module.', 'state_dict.', 'clip.'], huggingFaceConfigName)
  return { config: model, vision: visionWeights(weights, model), text: textWeights(weights, model) }
}

function refuseModelType(raw: unknown): void {
  const type = z.looseObject({ model_type: z.string() }).safeParse(raw)
  if (!type.success || type.data.model_type === 'clip') return
  const name = /^siglip/i.test(type.data.model_type) ? 'SigLIP' : `A "${type.data.model_type}" model`
  const reason =
    name === 'SigLIP' ? 'it pools with a second attention, not at the class token' : 'only "clip" models are known'
  throw new HeadwiseError('unsupported', `${name} cannot be decomposed: ${reason}.`)
}

function activationOf(name: string): Activation {
  if (name === 'gelu') return 'gelu'
  if (name === 'quick_gelu') return 'quick-gelu'
  throw new HeadwiseError(
    'unsupported',
    `"hidden_act" in ${huggingFaceConfigName} must be "gelu" or "quick_gelu"; it is "${name}".`,
  )
}

function preprocessingOf(raw: unknown, imageSizePx: number): Preprocessing {
  const section = parseSection(Preprocessor, raw, huggingFacePreprocessingName)
  const sizePx = typeof section.size === 'number' ? section.size : section.size.shortest_edge
  if (sizePx !== imageSizePx) {
    throw new HeadwiseError(
      'unsupported',
      `"size" in ${huggingFacePreprocessingName} must be the shortest edge ${imageSizePx}, the model's image size; it is ${JSON.stringify(section.size)}.`,
    )
  }
  // 3 is PIL's number for bicubic.
  if (section.resample !== 3 || !section.do_center_crop) {
    throw new HeadwiseError(
      'unsupported',
      `${huggingFacePreprocessingName} must resize bicubically ("resample": 3) and crop the centre.`,
    )
  }
  return { sizePx, mean: section.image_mean, standardDeviation: section.image_std }
}

function visionWeights(weights: WeightFinder, { vision, jointWidth }: ModelConfig): ParsedCheckpoint['vision'] {
  const { width, patchSizePx } = vision
  return {
    patchEmbedding: weights.find('vision_model.embeddings.patch_embedding.weight', [
      width,
      3,
      patchSizePx,
      patchSizePx,
    ]),
    classEmbedding: weights.find('vision_model.embeddings.class_embedding', [width]),
    positionEmbedding: weights.find('vision_model.embeddings.position_embedding.weight', [vision.tokens, width]),
    beforeLayers: weights.norm('vision_model.pre_layrnorm', width),
    layers: layersOf(weights, 'vision_model', vision),
    afterLayers: weights.norm('vision_model.post_layernorm', width),
    projection: { weight: weights.find('visual_projection.weight', [jointWidth, width]), isTransposed: true },
  }
}

function textWeights(weights: WeightFinder, { text, jointWidth }: ModelConfig): ParsedCheckpoint['text'] {
  return {
    tokenEmbedding: weights.find('text_model.embeddings.token_embedding.weight', [text.vocabularySize, text.width]),
    positionEmbedding: weights.find('text_model.embeddings.position_embedding.weight', [
      text.contextLength,
      text.width,
    ]),
    layers: layersOf(weights, 'text_model', text),
    afterLayers: weights.norm('text_model.final_layer_norm', text.width),
    projection: { weight: weights.find('text_projection.weight', [jointWidth, text.width]), isTransposed: true },
  }
}

function layersOf(
  weights: WeightFinder,
  tower: string,
  shape: { width: number; layers: number; mlpWidth: number },
): LayerWeights[] {
  const { width, mlpWidth } = shape
  return Array.from({ length: shape.layers }, (_, layer) => {
    const at = `${tower}.encoder.layers.${layer}`
    const square = (name: string) => weights.affine(`${at}.self_attn.${name}`, [width, width], width)
    return {
      beforeAttention: weights.norm(`${at}.layer_norm1`, width),
      query: square('q_proj'),
      key: square('k_proj'),
      value: square('v_proj'),
      attentionOutput: square('out_proj'),
      beforeMlp: weights.norm(`${at}.layer_norm2`, width),
      mlpIn: weights.affine(`${at}.mlp.fc1`, [mlpWidth, width], mlpWidth),
      mlpOut: weights.affine(`${at}.mlp.fc2`, [width, mlpWidth], width),
    }
  })
}
