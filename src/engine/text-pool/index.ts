export { embedClasses, embedPool, embedTexts, type EmbedPlan } from './embed-texts.ts'
export { normalised, readPool } from './read-pool.ts'
export { openTextTower, type TextTower } from './text-tower.ts'
