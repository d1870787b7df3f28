/** What the shells may import of the engine. */
export { answer } from './answer.ts'
export * from './desk/index.ts'
export { forkHelper, type HelperProcess, type HelperRole, type StartHelper } from './helpers/index.ts'
export { openEngine, type EngineOptions, type OpenEngine } from './open-engine.ts'
export { reportProviders } from './runtime/providers.ts'
