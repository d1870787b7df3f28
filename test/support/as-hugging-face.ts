/** The same numbers in Hugging Face's layout: other names, three matrices for q, k and v, transposed projections. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Affine,
  type Checkpoint,
  openCheckpoint,
  type Projection,
  type WeightRef,
} from '../../src/engine/model/index.ts'
import { type RawTensor, writeSafetensors } from './checkpoint-files.ts'

/** @param checkpoint of float32 weights in OpenCLIP's layout */
export function asHuggingFace(folder: string, checkpoint: Checkpoint): Checkpoint {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(checkpoint.folder, 'tokenizer.json'), join(folder, 'tokenizer.json'))
  const { sizePx, mean, standardDeviation } = checkpoint.config.preprocessing
  const preprocessor = {
    size: sizePx,
    resample: 3,
    do_center_crop: true,
    image_mean: mean,
    image_std: standardDeviation,
  }
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(checkpoint)))
  writeSafetensors(join(folder, 'model.safetensors'), tensorsOf(checkpoint))
  return openCheckpoint(folder)
}

function configOf({ config: { jointWidth, vision, text } }: Checkpoint) {
  const tower = ({ width, layers, heads, mlpWidth, epsilon, activation }: typeof vision | typeof text) => ({
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: mlpWidth,
    layer_norm_eps: epsilon,
    hidden_act: activation === 'gelu' ? 'gelu' : 'quick_gelu',
  })
  return {
    model_type: 'clip',
    projection_dim: jointWidth,
    vision_config: { ...tower(vision), image_size: vision.imageSizePx, patch_size: vision.patchSizePx },
    text_config: { ...tower(text), max_position_embeddings: text.contextLength, vocab_size: text.vocabularySize },
  }
}

function tensorsOf({ weightsPath, vision, text }: Checkpoint): RawTensor[] {
  const file = readFileSync(weightsPath)
  const plain = (name: string, { shape, offset, lengthBytes }: WeightRef): RawTensor => ({
    name,
    dtype: 'F32',
    shape,
    bytes: file.subarray(offset, offset + lengthBytes),
  })
  const affine = (name: string, { weight, bias }: Affine) => [
    plain(`${name}.weight`, weight),
    plain(`${name}.bias`, bias),
  ]
  const turned = (name: string, { weight }: Projection): RawTensor => {
    const { shape, bytes } = plain(name, weight)
    const [rows, columns] = shape as [number, number]
    const values = new Float32Array(Uint8Array.from(bytes).buffer)
    const other = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!)
    return { name, dtype: 'F32', shape: [columns, rows], bytes: new Uint8Array(other.buffer) }
  }
  const layers = (tower: string, all: Checkpoint['vision']['layers']) =>
    all.flatMap((layer, at) => {
      const name = `${tower}.encoder.layers.${at}`
      return [
        ...affine(`${name}.layer_norm1`, layer.beforeAttention),
        ...affine(`${name}.self_attn.q_proj`, layer.query),
        ...affine(`${name}.self_attn.k_proj`, layer.key),
        ...affine(`${name}.self_attn.v_proj`, layer.value),
        ...affine(`${name}.self_attn.out_proj`, layer.attentionOutput),
        ...affine(`${name}.layer_norm2`, layer.beforeMlp),
        ...affine(`${name}.mlp.fc1`, layer.mlpIn),
        ...affine(`${name}.mlp.fc2`, layer.mlpOut),
      ]
    })
  return [
    plain('vision_model.embeddings.patch_embedding.weight', vision.patchEmbedding),
    plain('vision_model.embeddings.class_embedding', vision.classEmbedding),
    plain('vision_model.embeddings.position_embedding.weight', vision.positionEmbedding),
    ...affine('vision_model.pre_layrnorm', vision.beforeLayers),
    ...layers('vision_model', vision.layers),
    ...affine('vision_model.post_layernorm', vision.afterLayers),
    turned('visual_projection.weight', vision.projection),
    plain('text_model.embeddings.token_embedding.weight', text.tokenEmbedding),
    plain('text_model.embeddings.position_embedding.weight', text.positionEmbedding),
    ...layers('text_model', text.layers),
    ...affine('text_model.final_layer_norm', text.afterLayers),
    turned('text_projection.weight', text.projection),
  ]
}
