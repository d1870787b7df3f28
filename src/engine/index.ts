/** What the shells may import of the engine. */
export { answer } from './answer.ts'
export { openEngine, type EngineOptions, type OpenEngine } from './open-engine.ts'
export { reportProviders } from './runtime/providers.ts'
