export { ByteCache } from './byte-cache.ts'
export { Kept } from './kept.ts'
export { Turns } from './turns.ts'
