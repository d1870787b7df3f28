export { deskHome, type EngineHome } from './engine-home.ts'
export { type EngineLink, startEngine } from './engine-link.ts'
export type { EngineStart } from './engine-messages.ts'
export { serve, type Served, type ServeOptions } from './serve.ts'
