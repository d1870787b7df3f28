import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../../src/engine/model/index.ts'
import { readSafetensorsHeader } from '../../../../src/engine/model/safetensors.ts'
import { type SampleConfig, variantOfSample, writeSafetensors } from '../../../support/checkpoint-files.ts'
import { type Place, sampleFolder, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeAll(() => {
  place = temporaryFolder()
})
afterAll(() => place.remove())

let count = 0
const newFolder = () => join(place.folder, `m${count++}`)
const opening = (folder: string) => () => openCheckpoint(folder)

describe('openCheckpoint', () => {
  it('reads the sample', () => {
    const { config, hash } = openCheckpoint(join(sampleFolder, 'model'))
    expect(config.vision).toMatchObject({
      layers: 6,
      heads: 8,
      width: 192,
      headWidth: 24,
      tokens: 145,
      activation: 'gelu',
    })
    expect(config.text).toMatchObject({ contextLength: 32, vocabularySize: 1024, layers: 3 })
    expect(config.jointWidth).toBe(128)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('gives a copy the same identity, and a checkpoint tuned in one tensor or run with another activation another', () => {
    const original = openCheckpoint(join(sampleFolder, 'model')).hash
    const copy = variantOfSample(newFolder(), {})
    const tuned = variantOfSample(newFolder(), {})
    const weights = join(tuned, 'open_clip_model.safetensors')
    const bytes = readFileSync(weights)
    const { offset } = readSafetensorsHeader(weights).tensors.get('visual.transformer.resblocks.3.mlp.c_proj.weight')!
    bytes[offset]! ^= 1
    writeFileSync(weights, bytes)
    const quick = variantOfSample(newFolder(), { config: (config) => void (config.model_cfg.quick_gelu = true) })
    expect(openCheckpoint(copy).hash).toBe(original)
    expect(openCheckpoint(tuned).hash).not.toBe(original)
    expect(openCheckpoint(quick).hash).not.toBe(original)
    expect(openCheckpoint(quick).config.vision.activation).toBe('quick-gelu')
  })

  type Change = (config: SampleConfig) => void
  const refused: [string, Change, string][] = [
    [
      'ResNet',
      ({ model_cfg }) => void (model_cfg.vision_cfg.layers = [3, 4, 6, 3]),
      'A ResNet tower cannot be decomposed: it has no attention layers over a class token.',
    ],
    [
      'SigLIP',
      ({ model_cfg }) => void (model_cfg.vision_cfg.timm_model_name = 'vit_base_patch16_siglip_224'),
      'SigLIP ("vit_base_patch16_siglip_224") cannot be decomposed: its output is not the class token of a plain ViT.',
    ],
    [
      'attentional pooling',
      ({ model_cfg }) => void (model_cfg.vision_cfg.attentional_pool = true),
      'A tower with attentional pooling cannot be decomposed: a second attention mixes the tokens after the last layer.',
    ],
    [
      'global average pooling',
      ({ model_cfg }) => void (model_cfg.vision_cfg.global_average_pool = true),
      'A tower with global average pooling cannot be decomposed: its output is the mean of all tokens, not the class token.',
    ],
    [
      'average pooling by its newer name',
      ({ model_cfg }) => void (model_cfg.vision_cfg.pool_type = 'avg'),
      'A tower with global average pooling cannot be decomposed: its output is the mean of all tokens, not the class token.',
    ],
    [
      'layer scale',
      ({ model_cfg }) => void (model_cfg.vision_cfg.ls_init_value = 1e-5),
      'A tower with layer scale cannot be decomposed: the graphs have no scale after attention and MLP.',
    ],
    [
      'another text tower',
      ({ model_cfg }) => void (model_cfg.text_cfg.hf_model_name = 'roberta-base'),
      `The text tower cannot be used: it is the language model "roberta-base", not CLIP's transformer.`,
    ],
    [
      'another resize',
      ({ preprocess_cfg }) => void (preprocess_cfg.interpolation = 'bilinear'),
      'Preprocessing must interpolate with "bicubic"; open_clip_config.json asks for "bilinear".',
    ],
  ]
  it.each(refused)('refuses %s by name', (_, config, message) => {
    expect(opening(variantOfSample(newFolder(), { config }))).toThrow(
      expect.objectContaining({ code: 'unsupported', message }),
    )
  })

  const disagreeing: [string, Change, string][] = [
    [
      'a width',
      ({ model_cfg }) => void (model_cfg.vision_cfg.width = 384),
      '"visual.conv1.weight" in "open_clip_model.safetensors" must have the shape [384, 3, 8, 8] by open_clip_config.json; it has [192, 3, 8, 8].',
    ],
    [
      'more layers',
      ({ model_cfg }) => void (model_cfg.vision_cfg.layers = 7),
      '"open_clip_model.safetensors" must hold "visual.transformer.resblocks.6.ln_1.weight" by open_clip_config.json; it does not.',
    ],
    [
      'a head width',
      ({ model_cfg }) => void (model_cfg.vision_cfg.head_width = 50),
      '"width" 192 in open_clip_config.json must be a multiple of "head_width" 50.',
    ],
    [
      'no width',
      ({ model_cfg }) => void delete model_cfg.vision_cfg.width,
      '"model_cfg.vision_cfg.width" in open_clip_config.json: Invalid input: expected number, received undefined.',
    ],
  ]
  it.each(disagreeing)('refuses a config that disagrees with the weights in %s', (_, config, message) => {
    expect(opening(variantOfSample(newFolder(), { config }))).toThrow(
      expect.objectContaining({ code: 'damaged', message }),
    )
  })

  it('refuses a folder without a tokenizer, without weights, without a config, and what is no folder', () => {
    const noTokenizer = variantOfSample(newFolder(), {})
    rmSync(join(noTokenizer, 'tokenizer.json'))
    expect(opening(noTokenizer)).toThrow(
      `The checkpoint folder "${noTokenizer.split('/').at(-1)}" must hold "tokenizer.json"; it does not.`,
    )
    const noWeights = variantOfSample(newFolder(), {})
    rmSync(join(noWeights, 'open_clip_model.safetensors'))
    writeFileSync(join(noWeights, 'open_clip_pytorch_model.bin'), '')
    expect(opening(noWeights)).toThrow(
      /must hold its weights in "open_clip_model.safetensors"; it has ".*open_clip_pytorch_model.bin.*"\.$/,
    )
    const empty = newFolder()
    mkdirSync(empty)
    expect(opening(empty)).toThrow(
      `A checkpoint folder holds "open_clip_config.json" or "config.json"; "${empty}" has no files.`,
    )
    expect(opening(join(empty, 'none'))).toThrow(`There is no folder "${join(empty, 'none')}".`)
    expect(opening(join(noTokenizer, 'open_clip_config.json'))).toThrow(
      /^A checkpoint is a folder with a config and weights; ".*" is a file\.$/,
    )
  })

  it('refuses a config that is no JSON, SigLIP in the other layout, and one weight under two prefixes', () => {
    const broken = variantOfSample(newFolder(), {})
    writeFileSync(join(broken, 'open_clip_config.json'), '{"model_cfg": ')
    expect(opening(broken)).toThrow(/^"open_clip_config.json" in ".*" must be JSON; it cannot be parsed\.$/)
    const siglip = newFolder()
    mkdirSync(siglip)
    writeFileSync(join(siglip, 'config.json'), '{"model_type": "siglip"}')
    writeFileSync(join(siglip, 'preprocessor_config.json'), '{}')
    cpSync(join(sampleFolder, 'model', 'tokenizer.json'), join(siglip, 'tokenizer.json'))
    writeSafetensors(join(siglip, 'model.safetensors'), [])
    expect(opening(siglip)).toThrow(
      'SigLIP cannot be decomposed: it pools with a second attention, not at the class token.',
    )
    const twice = variantOfSample(newFolder(), {
      tensors: (tensors) => [...tensors, { ...tensors[0]!, name: `module.${tensors[0]!.name}` }],
    })
    expect(opening(twice)).toThrow(
      '"open_clip_model.safetensors" must hold each weight once; "ln_final.bias" and "module.ln_final.bias" are the same weight.',
    )
  })
})
