/** What a CLIP checkpoint is: its two towers' sizes and its preprocessing. Widths are numbers of features. */
import { z } from 'zod'

const count = z.int().min(1)

export const activations = ['gelu', 'quick-gelu'] as const
export type Activation = (typeof activations)[number]

export const layouts = ['open-clip', 'hugging-face'] as const
export type Layout = (typeof layouts)[number]

export const VisionShape = z.object({
  imageSizePx: count,
  patchSizePx: count,
  width: count,
  layers: count,
  heads: count,
  /** width / heads */
  headWidth: count,
  mlpWidth: count,
  /** class token + patches */
  tokens: count,
  epsilon: z.number().positive(),
  activation: z.enum(activations),
})
export type VisionShape = z.output<typeof VisionShape>

export const TextShape = z.object({
  contextLength: count,
  vocabularySize: count,
  width: count,
  layers: count,
  heads: count,
  mlpWidth: count,
  epsilon: z.number().positive(),
  activation: z.enum(activations),
})
export type TextShape = z.output<typeof TextShape>

const channels = z.tuple([z.number(), z.number(), z.number()])

/** Shortest side to `sizePx` (bicubic), centre crop, then (x / 255 - mean) / standardDeviation a channel. */
export const Preprocessing = z.object({ sizePx: count, mean: channels, standardDeviation: channels })
export type Preprocessing = z.output<typeof Preprocessing>

export const ModelConfig = z.object({
  layout: z.enum(layouts),
  /** width of the joint image-text space */
  jointWidth: count,
  vision: VisionShape,
  text: TextShape,
  preprocessing: Preprocessing,
})
export type ModelConfig = z.output<typeof ModelConfig>
