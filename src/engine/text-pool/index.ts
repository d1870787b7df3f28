export { embedClasses, embedPool, embedTexts, type EmbedPlan } from './embed-texts.ts'
export { normalised, readPool } from './read-pool.ts'
export { openTextEncoder, type TextEncoder } from './text-encoder.ts'
