export { ablationStudy, type StudyPlan } from './ablation-study.ts'
export { blockLogits, readoutOf, type BlockLogits, type Readout } from './block-logits.ts'
export { reconstruct, type DescribedTexts, type Reconstruction } from './reconstruction.ts'
export { placeOfClass } from './place-of-class.ts'
