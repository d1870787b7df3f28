export { explainTexts, type ExplainedTexts } from './explain-texts.ts'
export { type ImagePass, openVisionTower, type VisionTower } from './vision-tower.ts'
export { tokenScores } from './token-scores.ts'
