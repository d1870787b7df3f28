export { openCheckpoint, tokenizerName, weightsNameOf, type Checkpoint } from './checkpoint.ts'
export { openTokenizer, type EncodedText, type TextTokenizer } from './tokenizer.ts'
export type { Affine, LayerWeights, Projection, TextWeights, VisionWeights, WeightRef } from './weights.ts'
